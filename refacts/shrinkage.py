"""What hardshrink, softshrink and shrink share: zero around 0, slope 1 outside."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from refacts.arguments import float_above, float_from
from refacts.arithmetic import added, product, where
from refacts.rounding import Formula


def shrunk(x: Any, by: Any, above: float) -> tuple[Any, Any]:
    """Return sign(x)·(|x| - by) where |x| >= `above` > 0, else 0 with the sign of x."""
    a = abs(x)
    y, units = added(a, -by)
    zero, _ = product(x, 0)
    return where(a >= above, where(x >= 0, y, -y), zero), where(a >= above, units, 0)


def shrinking_derivative(lambd: float | Fraction) -> Formula:
    """1 for x < -lambd, 0 for -lambd <= x < lambd, 1 for x >= lambd: at the kinks from the right."""
    outside = float_above(lambd)  # -x >= it says x < -lambd
    beyond = float_from(lambd)

    def derivative(x: Any, *parameters: Any) -> tuple[Any, Any]:
        return where(x >= beyond, 1, where(-x >= outside, 1, 0)), 0

    return derivative
