"""This machine gives the bits of the committed digests, which cover everything that can be called."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np

import refacts
from tests.portability import beside_ties
from tests.portability.cases import ACTIVATIONS, Case, cases
from tests.portability.compare import PARTS, differing
from tests.portability.digests import committed, digest, digests, results
from tests.portability.environment import dispatched, environment
from tests.portability.integers import LAYOUTS
from tests.portability.planted import without_a_bound

RENEW = "run python -m tests.portability.digests --write if inputs or results were meant to change"


def test_bits_are_the_committed_ones() -> None:
    there, here = committed(), results()
    names = [name for part in PARTS for name in differing(there[part], here[part])]
    assert not names, f"other bits than the committed ones in {', '.join(names)}; {RENEW}"


def test_a_tier_without_a_bound_is_seen() -> None:
    """The control: nearly every digest beside ties shows it, few of random inputs do."""
    there = committed()
    with without_a_bound():
        found = digests(beside_ties.cases())
        random = digests(case for case in cases() if case.layout.name == "float32")
    assert len(differing(there["beside ties"], found)) == len(found)
    changed = [name for name, value in random.items() if value != there["random"][name]]
    assert 0 < len(changed) < 0.2 * len(random)
    assert digests(beside_ties.cases()) == there["beside ties"]  # the tier is back


def test_a_bit_changes_a_digest() -> None:
    layout = LAYOUTS["float32"]

    def of(result: Any) -> str:
        return digest(Case(refacts.relu, "value", layout, lambda: [result]))

    x = np.array([1.0, np.nan, 0.0], np.float32)
    assert of(x) == of(np.array([1.0, -np.nan, 0.0], np.float32))
    others = ([np.nextafter(x[0], np.float32(2)), np.nan, 0.0], [1.0, np.nan, -0.0], [1.0, 0.0, 0.0])
    assert all(of(x) != of(np.array(other, np.float32)) for other in others)
    assert of(x) != of(x[np.newaxis])


def methods(activation: Any) -> set[str]:
    """The names of the quantities that can be called."""
    other = {"fact", "compute", "block", "parameters", "spec", "gate"}
    names = {name for name in dir(type(activation)) if not name.startswith("_")} - other
    return {"value", *(name for name in names if callable(getattr(activation, name)))}


def lacking(found: list[Case]) -> list[str]:
    """What is not among the cases, in words."""
    sentences = []
    for activation in ACTIVATIONS:
        wanted = methods(activation)
        if activation.spec.kind == "rowwise":
            wanted |= {f"{name} where" for name in wanted}
        for layout in LAYOUTS.values():
            here = {c.quantity for c in found if c.activation is activation and c.layout is layout}
            sentences += [f"{activation!r} {q} {layout.name}" for q in sorted(wanted ^ here)]
    return sentences


def test_everything_that_can_be_called_is_digested() -> None:
    assert {*refacts.CATALOGUE} <= {*ACTIVATIONS}
    assert methods(refacts.prelu) == {"value", "gradient", "vjp", "jvp", "weight_gradient", "weight_vjp"}
    found = list(cases())
    assert lacking(found) == []
    gone = found.pop()
    assert lacking(found) == [gone.name]


def test_larger_runs_have_other_digests() -> None:
    silu = [case for case in cases(scale=2) if case.activation is refacts.silu and case.quantity == "vjp"]
    there = committed()["random"]
    assert len(silu) == len(LAYOUTS)
    assert all(digest(case) != there[case.name] for case in silu)


def test_features_can_be_turned_off() -> None:
    assert environment()["numpy"] == np.__version__
    command = [sys.executable, "-m", "tests.portability.environment"]
    off = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(dispatched())}
    for variables, left in ((off, []), (os.environ, dispatched())):
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        assert done.stdout.split() == left
