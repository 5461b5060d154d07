"""The hard hyperbolic tangent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from refacts.activation import Elementwise
from refacts.arguments import float_above, float_from
from refacts.arithmetic import product, where
from refacts.rounding import Formula
from refacts.spec import Spec


def value_of(x: Any, low: Any, high: Any, least: float, above: float) -> tuple[Any, Any]:
    """Return x where `least` <= x < `above`, the lower bound below, the upper bound beyond."""
    (low, low_units), (high, high_units) = product(low, 1), product(high, 1)
    y = where(x >= least, where(x >= above, high, x), low)
    return y, where(x >= least, where(x >= above, high_units, 0), low_units)


def derivative_of(x: Any, low: Any, high: Any, least: float, end: float) -> tuple[Any, Any]:
    """Return 1 where `least` <= x < `end`, else 0: at the kinks from the right."""
    return where(x >= end, 0, where(x >= least, 1, 0)), 0


@dataclass(frozen=True)
class HardTanh(Elementwise):
    """hard_tanh(x) = x, held within min_val and max_val.

    `min_val` must not be above `max_val` (ValueError).

    Special cases: hard_tanh(-inf) = min_val, hard_tanh(inf) = max_val, hard_tanh(NaN) = NaN; a zero
    within the bounds keeps its sign. The derivative at min_val is 1 and at max_val is 0, those from
    the right.

    >>> hard_tanh(-3.0), hard_tanh(0.5), hard_tanh.gradient(-1.0), HardTanh(max_val=20)(9.0)
    (np.float64(-1.0), np.float64(0.5), np.float64(1.0), np.float64(9.0))
    """

    min_val: float | Fraction = -1.0
    max_val: float | Fraction = 1.0

    spec = Spec(
        name="hard_tanh",
        definition="min(max(x, min_val), max_val)",
        reference="Collobert, Large Scale Machine Learning, 2004",
        range=lambda min_val, max_val: (min_val, max_val),
        kinks=lambda min_val, max_val: (min_val, max_val) if min_val < max_val else (),
        symmetry=lambda min_val, max_val: "odd" if min_val == -max_val != 0 else "",
        keeps_zero=lambda min_val, max_val: min_val <= 0 <= max_val,
        rational=True,
        rules=(("min_val", "at most max_val = {max_val}", lambda min_val, max_val: min_val <= max_val),),
        limits=lambda min_val, max_val: (min_val, max_val),
        derivative_limits=lambda min_val, max_val: (0.0, 0.0),
    )

    def _formula(self, quantity: str) -> Formula:
        least = float_from(self.min_val)
        if quantity == "value":
            return partial(value_of, least=least, above=float_above(self.max_val))
        return partial(derivative_of, least=least, end=float_from(self.max_val))


hard_tanh = HardTanh()
