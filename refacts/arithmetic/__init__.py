"""Functions that formulas use, whatever the arithmetic of their operand.

Every arithmetic has a unit and keeps two promises, which formulas add up to a bound of their own:
an operation errs by at most 1 unit relative to its result, a function by the units given here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import double


def exp(x: Any) -> Any:
    """e^x, to 8 units."""
    return np.exp(x) if isinstance(x, np.ndarray) else x.exp()


def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; exact."""
    if isinstance(condition, bool):
        return a if condition else b
    if hasattr(a, "select"):
        return a.select(condition, b, swap=False)
    if hasattr(b, "select"):
        return b.select(condition, a, swap=True)
    return np.where(condition, a, b).astype(np.float64, copy=False)


def put(x: Any, index: NDArray[np.intp], value: Any) -> Any:
    """Rows x with the entry at `index` of each replaced by a number or a column; may reuse x."""
    if not isinstance(x, np.ndarray):
        return where(np.arange(x.hi.shape[-1]) == index, value, x)
    np.put_along_axis(x, index, value, -1)
    return x


def product(a: Any, b: Any, units: Any = 0) -> tuple[Any, Any]:
    """a·b and its error in units, given that of a; the product adds 8, or 0 where it is exact."""
    if isinstance(a, (int, Fraction)):
        return a * b, units
    if hasattr(a, "product"):
        return a.product(b, units)
    return b.product(a, units) if hasattr(b, "product") else (a * b, units + 8)


def tanh(x: Any) -> tuple[Any, int]:
    """tanh x and its error in units."""
    return (np.tanh(x), 8) if isinstance(x, np.ndarray) else x.tanh()


def unless(exact: Any, units: int) -> Any:
    """A bound of `units`, or of 0 where the result is exact."""
    if isinstance(exact, np.ndarray):
        return np.where(exact, 0, units) if exact.any() else units
    return 0 if exact else units


def magnitude(x: Any) -> Any:
    """|x|, to the precision of a bound."""
    return np.abs(x) if isinstance(x, np.ndarray) else x.magnitude()


def to_float(x: Any) -> Any:
    """x as a float64 array, to the precision of a bound."""
    return x if isinstance(x, np.ndarray) else x.to_float()


def total(x: Any) -> tuple[Any, int]:
    """The sum along the last axis, kept as length 1, and its error in units of the sum of |x|."""
    return double.total(x) if isinstance(x, np.ndarray) else _halved(x)


def _halved(x: Any) -> tuple[Any, int]:
    """Sum by halving: an element passes through at most 2 log2(n) additions."""
    n = x.hi.shape[-1]
    units = 2 * n.bit_length()
    odd = []
    while n > 1:
        if n % 2:
            odd.append(x[..., n - 1 : n])
        n //= 2
        x = x[..., :n] + x[..., n : 2 * n]
    for rest in odd:
        x = x + rest
    return x, units
