"""The sum of products of two arrays, rounded once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import magnitude, total
from refacts.arithmetic.wide import Wide
from refacts.formats import Float64, Format


def rounded_dot(a: Float64, b: Float64, fmt: Format) -> Any:
    """RN(sum a_i b_i) of float64 arrays of one length; infinite terms decide, 0·inf is NaN."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return _special_dot(a, b)
    if not a.size:
        return 0.0
    terms = Wide.lift(a[np.newaxis]) * Wide.lift(b[np.newaxis])  # each to 1 unit
    y, units = total(terms)
    size = total(magnitude(terms))[0]
    answer, certain = y.settle((size / magnitude(y)).to_float() * (units + 2), fmt)
    if certain.all():
        return answer[0, 0]
    exact = (Fraction(p) * Fraction(q) for p, q in zip(a.tolist(), b.tolist(), strict=True))
    return fmt.round_fraction(sum(exact, Fraction(0)))


def _special_dot(a: Float64, b: Float64) -> NDArray[Any]:
    """The sum of the terms that are not finite; finite ones, which may overflow, count for nothing."""
    special = ~(np.isfinite(a) & np.isfinite(b))
    sum_: NDArray[Any] = (a[special] * b[special]).sum()
    return sum_
