"""What rounding to float64 leaves: with it, float64 results stand for the exact ones to 2^-30 ulp."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refacts.activation import Activation
from refacts.formats import REMAINDER

METHODS = {"value": "__call__", "derivative": "gradient", "vjp": "vjp", "jvp": "jvp", "jacobian": "jacobian"}


def remainder(
    activation: Activation, quantity: str, *operands: ArrayLike
) -> NDArray[np.float64] | tuple[NDArray[np.float64], ...]:
    """(exact - rounded)/ulp in [-1/2, 1/2], to 2^-30, for results of an activation in float64.

    `quantity` is "value", "derivative", "vjp", "jvp" or, of rows, "jacobian"; operands are those of its
    method, and the shape is that of its result (two arrays for both derivatives or cotangents of a gated
    unit). ulp is the spacing of float64 at the exact result, also where that is a hair below a power of
    two. 0 where the result is exact, or comes of infinite or NaN operands; NaN where it overflows.
    ValueError for another quantity.
    """
    if quantity not in METHODS:
        raise ValueError(f"quantity must be one of {', '.join(METHODS)} (got {quantity!r})")
    found: Any = getattr(activation, METHODS[quantity])(*operands, dtype=REMAINDER)
    return tuple(map(_finite, found)) if isinstance(found, tuple) else _finite(found)


def _finite(y: Any) -> NDArray[np.float64]:
    return np.where(np.isinf(y), np.nan, y)
