"""Operations that know their error, and what is known exactly, whatever the arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from refacts.arithmetic import double
from refacts.arithmetic.exact import Real
from refacts.arithmetic.pairs import LEAST_STEP

FLOATS: Any = (np.ndarray, np.float64)  # what the first tier computes with


def product(a: Any, b: Any, units: Any = 0) -> tuple[Any, Any]:
    """a·b and its error in units, given that of a; the product adds at most 8, or 0 where it is exact."""
    if isinstance(a, (int, Fraction)):
        return a * b, units
    if hasattr(a, "product"):
        return a.product(b, units)
    if hasattr(b, "product"):
        return b.product(a, units)
    return double.product(a, b, units) if isinstance(a, FLOATS) else (a * b, units + 8)


def added(a: Any, b: Any, units: Any = 0) -> tuple[Any, Any]:
    """a + b and its error in units, given that of a: 0 where it is known to be exact."""
    if isinstance(a, Fraction):
        return a + b, 0
    return double.added(a, b, units) if isinstance(a, FLOATS) else a.added(b, units)


def quotient(dividend: tuple[Any, Any], divisor: int) -> tuple[Any, Any]:
    """a/divisor for a small positive integer and its error in units, given a and that of a."""
    a, units = dividend
    if divisor == 1:
        return a, units
    if isinstance(a, Fraction):
        return a / divisor, units
    return (a / divisor, units + 1) if isinstance(a, FLOATS) else a.quotient(divisor, units)


def combined(a: Any, a_units: Any, b: Any, b_units: Any) -> tuple[Any, Any]:
    """a + b and its error in units, given those of a and b: where the sum cancels, it grows."""
    y = a + b
    size = magnitude(y)
    lost = magnitude(a) * (a_units * 1.0) + magnitude(b) * (b_units * 1.0)
    if isinstance(y, Real):
        return y, (lost / size).value + 1 if size.value else float("inf")
    return y, to_float(lost / size) + 1


def nudged(y: Any, by: Any, x: Any, units: Any = 0) -> tuple[Any, Any]:
    """y(1 + by) for an exact y and a float64 `by`, |by| < 2^-54, and its error in units.

    It shows on which side of a tie it lies, if y is one, in a product with a float64 too. `by` must be
    good to 2^-50, or below 2^-110 any number of its sign. x is 0 where y is exactly 0. `units` is
    the error of y where that is not exact: then ties are left open.
    """
    if isinstance(y, float):
        y = double.constant(y) if isinstance(x, FLOATS) else type(x).constant(y)
    return double.nudged(y, by, units) if isinstance(y, FLOATS) else y.nudged(by, units, x)


def parameter(c: Any) -> tuple[Any, int]:
    """A parameter and its error in units: 0 where two words hold it.

    In float64 it may have more bits than `nudged` allows for, and counts as inexact.
    """
    return c, 2 if isinstance(c, FLOATS) else int(not c.held)


def small_part(x: Any, c: float) -> Any:
    """c·x as `nudged` takes it, for 2^-6 <= |c| < 2^6: a float64, however small, that is 0 for x = 0 only."""
    x = to_float(x)
    return np.where(x == 0, x, np.copysign(np.maximum(np.abs(x), LEAST_STEP * 2.0**6), x)) * c


def leant(y: Any, by: Any, x: Any) -> tuple[Any, Any]:
    """As `nudged`, for y in error by a few units: a tie, or 2^-57 and more from one."""
    if isinstance(y, FLOATS):
        return y * (1 + np.sign(by) * 2.0**-50), 0
    return y.leant(by, x)


def unless(exact: Any, units: Any) -> Any:
    """A bound of `units`, or of 0 where the result is exact."""
    if isinstance(exact, np.ndarray):
        return np.where(exact, 0, units) if exact.any() else units
    return 0 if exact else units


def magnitude(x: Any) -> Any:
    """|x|, to the precision of a bound."""
    if isinstance(x, Real):
        return abs(x)
    return np.abs(x) if isinstance(x, FLOATS) else x.magnitude()


def to_float(x: Any) -> Any:
    """x as a float64 array, to the precision of a bound."""
    if isinstance(x, Real):
        return x.value
    return x if isinstance(x, FLOATS) else x.to_float()
