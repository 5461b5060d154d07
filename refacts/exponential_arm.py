"""alpha(e^u - 1) for u < 0: the left arm of elu and of celu, with its ties."""

from __future__ import annotations

from typing import Any

import numpy as np

from refacts.arithmetic import (
    before,
    bounded,
    exp,
    expm1,
    magnitude,
    nudged,
    parameter,
    product,
    small,
    split,
    to_float,
    where,
)
from refacts.arithmetic.pairs import LEAST_STEP

NEAR = 2.0**-56
FAR = -60.0


def arm(u: Any, alpha: Any, linear: tuple[Any, Any], units: Any) -> tuple[Any, Any]:
    """alpha(e^u - 1) and its error, given the linear term alpha·u and the units of u.

    Near 0 it is that term times 1 + u/2, far out -alpha times 1 - e^u, each of which may be a tie. Between,
    e^u - 1 magnifies an error of u by less than 1 + |u|.
    """
    first, first_units = linear

    def near(u: Any, first: Any, first_units: Any) -> tuple[Any, Any]:
        half = np.maximum(to_float(magnitude(u)) / 2, LEAST_STEP)
        return nudged(first, where(u < 0, -half, half), first, first_units)

    def far(u: Any, *_: Any) -> tuple[Any, Any]:
        level, own = parameter(alpha)
        return nudged(-level, -np.maximum(to_float(exp(u)), LEAST_STEP), level, own)

    def ordinary(u: Any, *_: Any) -> tuple[Any, Any]:
        m, own = expm1(u)
        return product(m, alpha, own + units * (1 + bounded(u)))

    def outside(u: Any, first: Any, first_units: Any) -> tuple[Any, Any]:
        return split(before(u, FAR), far, ordinary, u, first, first_units)

    return split(small(u, NEAR), near, outside, u, first, first_units)
