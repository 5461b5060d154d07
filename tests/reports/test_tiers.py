"""The counts of tiers, and the gate on inputs that reach mpmath."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.command import main
from refacts.reports.inputs.modes import QUICK, THOROUGH, Mode, Settings
from refacts.reports.judge import tiers
from refacts.reports.judge.rows import Reached
from refacts.reports.question import Question
from refacts.reports.targets.kernels import REFACTS, TEXTBOOK

from refacts import Sigmoid, relu, sigmoid, softmax
from refacts.activations.sigmoid import value as sigmoid_value
from tests.reports.reported import RELU, rows

Census = Callable[[Any, str, Any], dict[str, int]]
SMALL = replace(QUICK, tier_inputs={16: 1000, 32: tiers.CHUNK + 1000, 64: 1000})


def counted(census: Census | None, fmt: str = "float32", mode: Mode = SMALL, quantity: str = "value") -> Any:
    question = Question(relu, quantity, FORMATS[fmt], FORMATS[fmt])
    return tiers.tiers(replace(REFACTS, census=census), question, Settings(mode, 0, ("relu",)))


def first_tier(activation: Any, quantity: str, x: Any) -> dict[str, int]:
    return {"float64": x.size}


def at_mpmath(count: int) -> Census:
    """That many of each call's inputs go all the way down."""
    return lambda activation, quantity, x: {"float64": x.size, "mpmath": min(count, x.size)}


def test_every_input_is_counted_once_in_bounded_chunks() -> None:
    sizes = []

    def noted(activation: Any, quantity: str, x: Any) -> dict[str, int]:
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
        sizes.append(x.size)
        return {"float64": x.size, "wide": 3}

    found = counted(noted)
    assert sizes == [tiers.CHUNK, 1000] * 2
    for family in tiers.FAMILIES:
        total = tiers.CHUNK + 1000
        assert found[family] == Reached("sampled", total, {"float64": total, "wide": 6})
        assert list(found[family].reached) == ["float64", "wide"]


def test_the_families_are_what_they_say() -> None:
    drawn: list[Any] = []

    def keep(activation: Any, quantity: str, x: Any) -> dict[str, int]:
        drawn.append(x.astype(np.float64))
        return {}

    counted(keep, "float64", replace(SMALL, tier_inputs={64: 100_000}))
    log_uniform, normal = drawn
    assert 0.49 < np.mean(log_uniform < 0) < 0.51
    exponents = np.log2(np.abs(log_uniform[log_uniform != 0]))
    assert 0.49 < np.mean(exponents < 0) < 0.51
    assert np.abs(normal.mean()) < 0.05
    assert 2.95 < normal.std() < 3.05
    again, _ = drawn[:2], counted(keep, "float64", replace(SMALL, tier_inputs={64: 100_000}))
    assert np.array_equal(again[0], drawn[2])


@pytest.mark.parametrize("fmt", ["float16", "bfloat16"])
def test_thorough_counts_all_finite_patterns_of_16_bits(fmt: str) -> None:
    found = counted(first_tier, fmt, THOROUGH)
    finite = 2 * int(FORMATS[fmt].bit_patterns(FORMATS[fmt].max)) + 2
    assert (found["log-uniform"].coverage, found["log-uniform"].inputs) == ("exhaustive", finite)
    assert (found["normal"].coverage, found["normal"].inputs) == ("sampled", 200_000)


def test_what_has_no_tiers() -> None:
    assert counted(None) == {}
    assert counted(first_tier, quantity="vjp") == {}
    rowwise = Question(softmax, "value", FORMATS["float32"], FORMATS["float32"])
    assert tiers.tiers(replace(REFACTS, census=first_tier), rowwise, Settings(SMALL, 0, ())) == {}


def test_a_tier_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"names tiers \['quad'\], want some of float64, double-double"):
        counted(lambda activation, quantity, x: {"quad": 1})


@pytest.mark.parametrize(
    ("fmt", "inputs", "most"),
    [
        ("float32", 4_000_000, 4),
        ("float32", 20_000, 1),
        ("float64", 200_000, 20),
        ("float64", 20_000, 2),
        ("float64", 100, 1),
    ],
)
def test_how_many_may_reach_mpmath(fmt: str, inputs: int, most: int) -> None:
    assert tiers.allowed(fmt, inputs) == most


@dataclass(frozen=True)
class Hopeless(Sigmoid):
    """A sigmoid whose bounds leave everything open but in mpmath."""

    spec = replace(Sigmoid.spec, value=lambda x: (sigmoid_value(x)[0], 2.0**120))


def test_the_census_sees_an_activation_that_needs_mpmath(tmp_path: Path) -> None:
    x = np.linspace(-2, 2, 8, dtype=np.float32)
    assert REFACTS.census is not None
    bulk = REFACTS.census(Hopeless(), "value", x)
    assert (bulk["float64"], bulk["mpmath"]) == (8, 8)
    planted = replace(REFACTS, census=lambda f, quantity, x: REFACTS.census(Hopeless(), "value", x[:8]))
    assert main([*RELU, str(tmp_path)], [planted, TEXTBOOK]) == 1
    assert REFACTS.census(sigmoid, "value", x).get("mpmath", 0) == 0


def test_bulk_in_mpmath_fails_the_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RELU, str(tmp_path)], [replace(REFACTS, census=at_mpmath(3)), TEXTBOOK]) == 1
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 2 * 2  # quantities, formats; 16-bit ones are not gated
    assert err[0] == (
        "refacts: refacts as relu/value/float32: 3 of 20,000 log-uniform inputs reach mpmath, 1 may; "
        "3 of 20,000 normal inputs reach mpmath, 1 may"
    )
    ours = [row for row in rows(tmp_path).values() if row.target == "refacts"]
    assert {row.wrong for row in ours} == {0}
    assert [row.verdict for row in ours].count("fail") == len(err)


def test_a_single_input_in_mpmath_passes(tmp_path: Path) -> None:
    kernels = [replace(REFACTS, census=at_mpmath(1)), replace(TEXTBOOK, census=at_mpmath(9))]
    assert main([*RELU, str(tmp_path)], kernels) == 0
    found = rows(tmp_path)
    reached = {"float64": 20_000, "mpmath": 1}
    assert found["refacts as relu/value/float32"].tiers["normal"] == Reached("sampled", 20_000, reached)
    markdown = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    shares = "float32 | normal | 40,000 | 100 | 0 | 0 | 0 |"
    assert f"| refacts | {shares} 0.005 | 1: relu value |" in markdown
    assert f"| textbook | {shares} 0.045 | 9: relu value |" in markdown
