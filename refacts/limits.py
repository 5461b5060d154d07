"""Results at the infinities: limits, and products with limits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import product
from refacts.arithmetic.constants import Constant
from refacts.formats import Float64, Format
from refacts.rounding import Number, correctly_rounded


def at_infinity(x: Float64, g: Float64, limits: tuple[Number, ...], fmt: Format) -> Float64:
    """g times the limit where x is infinite, NaN elsewhere; `limits` are those at -inf and inf."""
    y = np.full(x.shape, np.nan)
    for side, limit in zip((-np.inf, np.inf), limits, strict=True):
        there = (x == side) & np.isfinite(g)
        y[there] = limit_times(limit, g[there], fmt)
        there = (x == side) & np.isinf(g)
        y[there] = g[there] * np.sign(float(limit))
    return y


def limit_times(limit: Number, g: Float64, fmt: Format) -> NDArray[Any]:
    """RN(limit·g); zeros and infinities as IEEE 754 multiplies them."""
    if isinstance(limit, float) and (limit == 0 or np.isinf(limit)):
        return limit * g

    def formula(x: Any, slope: Any) -> tuple[Any, Any]:
        return product(slope, x)

    return correctly_rounded(formula, [g], fmt, (limit,), rational=not isinstance(limit, Constant))
