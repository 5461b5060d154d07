"""Float64 arrays as an arithmetic: NumPy's operators, one rounding each, and its exponential.

One operation errs by at most 1 unit = 2^-53 relative to its result. NumPy's exp is assumed good
to 4 ulp = 8 units on every CPU (2 ulp is the worst published for any of its code paths).
Results below 2^-900 may be wrong in every digit: they and their products with a float32 round to
zero in every format this tier serves, the least of which reaches down to 2^-149.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.formats import Float64, Format

unit = 2.0**-53


def floor() -> float:
    """Bound on the absolute error of exp, and of a product, from underflow."""
    return 2.0**-900


def lift(x: Float64) -> Float64:
    """Float64 `x`, as it is."""
    return x


def constant(c: float | Fraction) -> Float64:
    """A parameter, to 1 unit."""
    return np.array(float(c))


def difference(a: Float64, b: Float64) -> Float64:
    """a - b, to 1 unit."""
    return a - b


def exp_units(x: Float64) -> float:
    """The error of exp of a `difference`, whose own unit of |x| counts until exp underflows."""
    return 8.0 + float(np.minimum(np.abs(x).max(initial=0.0), 746.0))


def _tanh_series(terms: int) -> list[float]:
    """Taylor coefficients of tanh(x)/x in x^2, from tanh' = 1 - tanh^2."""
    a = [Fraction(1)]
    for n in range(1, terms):
        a.append(-sum((a[i] * a[n - 1 - i] for i in range(n)), Fraction(0)) / (2 * n + 1))
    return [float(c) for c in a]


TANH_SERIES = _tanh_series(9)  # terms shrink like 0.405·x^2: below 1/8, 2^-65 is left out


def tanh(x: Float64) -> tuple[Float64, int]:
    """tanh x and its error in units.

    For |x| >= 1/8, 2/(1 + e^-2x) errs by 10 units: 11.3 of the result at 1/8, where subtracting 1
    leaves 0.124 and magnifies them to 92; 20 for large x. The series errs by 5 units.
    """
    y: Float64 = 2 / (1 + np.exp(-2 * x)) - 1
    small = np.flatnonzero(np.abs(x) < 0.125)
    if small.size:
        square = x[small] * x[small]
        y[small] = x[small] * np.polyval(TANH_SERIES[::-1], square)
    return y, 120


def total(x: Float64) -> tuple[Float64, int]:
    """The sum along the last axis, kept as length 1, and its error in units of the sum of |x|.

    NumPy adds up to 64 elements at a time in whatever order it likes: at most 63 roundings each.
    """
    units = 0
    while x.shape[-1] > 1:
        n = x.shape[-1]
        units += min(n, 64) - 1
        whole = n - n % 64 if n > 64 else 0
        parts = [x[..., whole:].sum(-1, keepdims=True)] if whole < n else []
        if whole:
            parts.append(x[..., :whole].reshape(*x.shape[:-1], -1, 64).sum(-1))
        x = parts[0] if len(parts) == 1 else np.concatenate(parts, -1)
    return x, units


def settle(value: Float64, units: Any, fmt: Format) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Results in `fmt` and where they are certain, given a bound in units.

    Bounds are widened by 1/4, at least two units, for the roundings made here.
    """
    error = value * (units * (1.25 * unit))
    lower, upper = fmt.cast(value - error), fmt.cast(value + error)
    certain = lower == upper
    if isinstance(units, np.ndarray):
        certain &= units < 0.5 / unit  # else the sign is open, even of a zero
    return upper, certain  # value + error keeps the sign of a zero
