"""The facts that the specs state, as facts about bits; and wrong kernels that every check must reject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from refacts.oracles import FORMATS
from refacts.oracles.inputs import hard

import refacts
from tests import facts, planted
from tests.planted import Planted
from tests.strategies import FORMAT_NAMES, arrays, turning_points
from tests.variants import ELEMENTWISE, MODERATE, VARIANTS

ALL = [*ELEMENTWISE, *VARIANTS]
formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)
dtypes = pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])


def with_fact(name: str) -> Any:
    """The activations for which a fact holds."""
    return pytest.mark.parametrize("kernel", [f for f in ALL if f.fact(name)], ids=repr)


every = pytest.mark.parametrize("kernel", ALL, ids=repr)


def on_arrays(check: Callable[..., None], kernel: Any, fmt: str) -> None:
    """On drawn arrays for the catalogue and wrong kernels, on one array of hard inputs for variants."""
    if kernel in VARIANTS:
        form = FORMATS[fmt]
        check(kernel, form.encode(hard(form, 13000, seed=5, points=turning_points(kernel))))
    else:
        given(arrays(kernel, fmt))(lambda x: check(kernel, x))()


@with_fact("symmetry")
@formats
def test_symmetry(kernel: Any, fmt: str) -> None:
    on_arrays(facts.keeps_symmetry, kernel, fmt)


@with_fact("monotone")
@formats
def test_monotone(kernel: Any, fmt: str) -> None:
    on_arrays(facts.is_monotone, kernel, fmt)


@with_fact("convexity")
@formats
def test_convexity(kernel: Any, fmt: str) -> None:
    on_arrays(facts.is_convex, kernel, fmt)


@every
@formats
def test_range(kernel: Any, fmt: str) -> None:
    on_arrays(facts.stays_in_range, kernel, fmt)


@pytest.mark.parametrize("kernel", [*ELEMENTWISE, *MODERATE], ids=repr)
@formats
def test_range_is_no_wider(kernel: Any, fmt: str) -> None:
    facts.reaches_its_range(kernel, FORMATS[fmt])


@every
@dtypes
def test_zeros(kernel: Any, dtype: Any) -> None:
    facts.keeps_zero(kernel, dtype)


@every
@dtypes
def test_limits(kernel: Any, dtype: Any) -> None:
    facts.approaches_its_limits(kernel, dtype)


@pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)
@dtypes
def test_far_out(kernel: Any, dtype: Any) -> None:
    facts.ends_at_its_limits(kernel, dtype)


@with_fact("stationary")
def test_stationary_points(kernel: Any) -> None:
    facts.turns_at(kernel, np.float64)


@with_fact("kinks")
@dtypes
def test_kinks(kernel: Any, dtype: Any) -> None:
    facts.bends_at(kernel, dtype)


@pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)
def test_what_is_not_stated_does_not_hold(kernel: Any) -> None:
    """A function not called monotone or convex is not: no fact is left out."""
    x = np.arange(-2000, 2001) / 256
    y, slope = kernel(x), kernel.gradient(x)
    assert kernel.fact("monotone") == bool((np.diff(y) >= 0).all())
    bends = ((np.diff(slope) >= 0).all(), (np.diff(slope) <= 0).all())
    jumps = kernel.spec.name in ("threshold", "hardshrink", "shrink")
    if not jumps:
        assert kernel.fact("convexity") == {(True, False): "convex", (False, True): "concave"}.get(bends, "")
    assert (kernel.fact("symmetry") == "odd") == bool((y == -y[::-1]).all())


WRONG: list[tuple[Callable[..., None], Any]] = [
    (facts.keeps_symmetry, planted.NOT_ODD),
    (facts.keeps_symmetry, Planted(refacts.sigmoid, lambda x: 0 * x + 0.3, refacts.sigmoid.gradient)),
    (facts.is_monotone, planted.NOT_MONOTONE),
    (facts.is_convex, Planted(refacts.relu, refacts.relu, lambda x: -np.asarray(refacts.relu.gradient(x)))),
    (facts.stays_in_range, planted.OUT_OF_RANGE),
    (facts.stays_in_range, planted.LOSES_NAN),
    (facts.stays_in_range, planted.NO_CAP),
]


@pytest.mark.parametrize(("check", "wrong"), WRONG)
def test_facts_reject(check: Callable[..., None], wrong: Any) -> None:
    with pytest.raises(AssertionError):
        on_arrays(check, wrong, "float32")


def unsigned(x: Any) -> Any:
    return refacts.silu(x) + 0.0


def limp(x: Any) -> Any:
    return np.where(np.isinf(x), 0.5, refacts.silu(x))


POINTWISE: list[tuple[Callable[..., None], Any]] = [
    (facts.keeps_zero, planted.LOSES_ZERO_SIGN),
    (facts.keeps_zero, Planted(refacts.sigmoid, lambda x: x, lambda x: x)),
    (facts.approaches_its_limits, Planted(refacts.silu, unsigned, refacts.silu.gradient)),
    (facts.approaches_its_limits, Planted(refacts.silu, limp, refacts.silu.gradient)),
    (facts.ends_at_its_limits, Planted(refacts.sigmoid, limp, refacts.sigmoid.gradient)),
    (facts.turns_at, Planted(refacts.silu, refacts.silu, refacts.sigmoid.gradient)),
    (facts.bends_at, planted.LEFT_DERIVATIVE),
    (facts.bends_at, planted.ELU_LEFT),
]


@pytest.mark.parametrize(("check", "wrong"), POINTWISE)
def test_pointwise_facts_reject(check: Callable[..., None], wrong: Any) -> None:
    with pytest.raises(AssertionError):
        check(wrong, np.float64)


def test_a_false_fact_is_seen() -> None:
    spec = replace(
        refacts.silu.spec, monotone=True, stationary=(-1.0,), kinks=(Fraction(1),), range=(-1.0, np.inf)
    )
    wrong = planted.Planted(refacts.silu, refacts.silu, refacts.silu.gradient, stated=spec)
    with pytest.raises(AssertionError, match="ends at"):
        facts.reaches_its_range(wrong, FORMATS["float64"])
    for check in (facts.turns_at, facts.bends_at):
        with pytest.raises(AssertionError):
            check(wrong, np.float64)
    with pytest.raises(AssertionError, match="falls after"):
        facts.is_monotone(wrong, np.linspace(-3, 0, 50))
