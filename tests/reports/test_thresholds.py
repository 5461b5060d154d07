"""The points that inputs crowd around."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.inputs import thresholds as module
from refacts.reports.inputs.thresholds import thresholds
from refacts.reports.quantities import CATALOGUE

ELEMENTWISE = {name: f for name, f in CATALOGUE.items() if f.spec.kind == "elementwise"}
FLOAT32 = FORMATS["float32"]


@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_kinks_and_stationary_points_are_among_them(name: str, quantity: str) -> None:
    activation = ELEMENTWISE[name]
    known = {*map(float, activation.fact("kinks")), *map(float, activation.fact("stationary"))}
    assert known <= set(thresholds(activation, quantity, FORMATS["float16"]))


def test_where_sigmoid_saturates_and_underflows() -> None:
    found = thresholds(ELEMENTWISE["sigmoid"], "value", FLOAT32)
    for x in (-103.97, -87.33, 17.33):  # 0, subnormal, 1
        assert any(abs(point - x) < 0.02 for point in found), x


class Oracle:
    """Instead of exact results, those of some function; counts how often it is asked."""

    def __init__(self, function: Any) -> None:
        self.function, self.asked = function, 0

    def __call__(self, name: str, quantity: str, x: float, fmt: Any, parameters: Any) -> Any:
        self.asked += 1
        return type("Exact", (), {"rounded": self.function(x)})


class Valley:
    """An activation that falls to its stationary point at -3 and rises again."""

    spec = type("Spec", (), {"name": "valley"})
    parameters: ClassVar[dict[str, float]] = {}

    def fact(self, name: str) -> tuple[float, ...]:
        return (-3.0,) if name == "stationary" else ()


def test_both_sides_of_a_stationary_point_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the function is 0 near 0 and far out: by one bisection alone nothing would change."""
    oracle = Oracle(lambda x: -1.0 if -5.0 < x < -0.25 else 0.0)
    monkeypatch.setattr(module, "exact", oracle)
    found = thresholds(Valley(), "value", FLOAT32)  # type: ignore[arg-type]
    assert -0.25 in found
    assert float(np.nextafter(np.float32(-5), np.float32(0))) in found
    assert -3.0 in found
    assert all(math.isfinite(point) for point in found)


def test_the_search_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = Oracle(lambda x: max(x, 0.0))
    monkeypatch.setattr(module, "exact", oracle)
    valley: Any = Valley()
    thresholds(valley, "derivative", FLOAT32)
    asked = oracle.asked
    assert 0 < asked < 1000
    thresholds(valley, "vjp", FLOAT32)
    assert oracle.asked == asked
