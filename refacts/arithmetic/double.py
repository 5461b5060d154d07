"""Float64 arrays as an arithmetic: NumPy's operators, one rounding each, and its functions.

One operation errs by at most 1 unit = 2^-53 relative to its result. NumPy's exp, expm1,
log1p and tanh are assumed good to 4 ulp = 8 units on every CPU.
Results below 2^-900 may be wrong in every digit: they and their products with a float32 round to
zero in every format this tier serves, the least of which reaches down to 2^-149.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.constants import Constant
from refacts.arithmetic.mills_ratio import mills_single
from refacts.arithmetic.pairs import two_sum
from refacts.formats import Float64, Format

name = "float64"
unit = 2.0**-53


def underflow(reach: Float64, n: int, mixed: object) -> float:
    """Bound, in units, on what a sum of n products of exp and |h| <= 2·reach < 2^130 loses below 2^-900."""
    return n * 2.0**-700


def lift(x: Float64) -> Float64:
    """Float64 `x`, as it is."""
    return x


def constant(c: float | Fraction | Constant) -> Float64:
    """A number, to 1 unit."""
    return np.array(c.words[0] if isinstance(c, Constant) else float(c))


def difference(a: Float64, b: Float64) -> Float64:
    """a - b, to 1 unit."""
    return a - b


def exp_units(depth: float) -> float:
    """The error of exp of a `difference` in [-depth, 0], whose own unit counts until exp underflows."""
    return 8.0 + min(depth, 746.0)


def total(x: Float64) -> tuple[Float64, int]:
    """The sum along the last axis, kept as length 1, and its error in units of the sum of |x|.

    NumPy adds up to 64 elements at a time in whatever order it likes: at most 63 roundings each.
    """
    units = 0
    while True:
        n = x.shape[-1]
        units += min(n, 64) - 1
        x = np.add.reduceat(x, np.arange(0, n, 64), axis=-1)
        if n <= 64:
            return x, units


def product(a: Any, b: Any, units: Any) -> tuple[Float64, Any]:
    """a·b and its error given that of a; b may be a number to 1 unit."""
    return a * b, units + 2


def added(a: Float64, b: Any, units: Any) -> tuple[Float64, Any]:
    """a + b and its error given that of a: 0 where it is exact."""
    s = two_sum(a, np.asarray(b, np.float64))
    if isinstance(units, int) and units == 0:
        return s.hi, (s.lo != 0).astype(np.float64)
    return s.hi, units * np.abs(a / s.hi) + 1


def tiny(x: Float64, below: float) -> NDArray[np.bool_]:
    """|x| < the square root of `below`: half as many bits do for formats of 24 bits."""
    return np.abs(x) < sqrt(below)


def nudged(y: Float64, by: Any, units: Any) -> tuple[Float64, Any]:
    """See `refacts.arithmetic.nudged`: beside an exact y, which has 24 bits, a step of 2^-50 is small.

    Others stay where they are: |by| < 2^-54 is half a unit.
    """
    exact = np.equal(units, 0)
    return y * (1 + np.sign(by) * np.where(exact, 2.0**-50, 0.0)), np.where(exact, 0, units + 1)


def mills(x: Float64) -> tuple[Float64, int]:
    """Mills' ratio for x in [0, 70], and its error in units."""
    return mills_single(x), 8


def polynomial(x: Float64, coefficients: Sequence[Fraction]) -> Float64:
    """The sum of c_n x^n."""
    y = np.full_like(x, float(coefficients[-1]))
    for c in coefficients[-2::-1]:
        y *= x
        y += float(c)
    return y


def settle(value: Float64, units: Any, fmt: Format) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Results in `fmt` and where they are certain, given a bound in units.

    Bounds are widened by 1/4 and two units, for the roundings made here; those of 0 are not. What
    overflowed is never certain.
    """
    ratio = (1.25 * units + 2 * np.minimum(units, 1)) * unit
    if not isinstance(units, np.ndarray):
        upper = fmt.cast(value * (1 + ratio))  # keeps the sign of a zero, as a sum does below
        certain = fmt.cast(value * (1 - ratio)) == upper
    else:
        error = value * ratio
        upper = fmt.cast(value + error)
        certain = fmt.cast(value - error) == upper
        certain &= ratio < 0.5  # else the sign is open, even of a zero
    certain &= np.isfinite(value)
    return upper, certain
