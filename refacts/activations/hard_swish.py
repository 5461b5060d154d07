"""The hard swish."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import added, nudged, product, quotient, small_part, split, tiny, where
from refacts.spec import Spec

TINY = 2.0**-56


def value(x: Any) -> tuple[Any, Any]:
    """Return -0 for x <= -3, x(x + 3)/6 between, x for x >= 3; for tiny x, x/2 (1 + x/3)."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        s, units = added(x, 3)
        return quotient(product(s, x, units), 6)

    middle, units = split(tiny(x, TINY), lambda x: nudged(x * 0.5, small_part(x, 1 / 3), x), ordinary, x)
    inside = where(x >= -3, middle, -0.0)
    return where(x >= 3, x, inside), where((x >= 3) | (x < -3), 0, units)


def derivative(x: Any) -> tuple[Any, Any]:
    """Return 0 for x < -3, (2x + 3)/6 for -3 <= x < 3, 1 for x >= 3: at the kinks from the right."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        return quotient(added(2 * x, 3), 6)

    middle, units = split(tiny(x, TINY), lambda x: nudged(0.5, small_part(x, 2 / 3), x), ordinary, x)
    return where(x >= 3, 1, where(x >= -3, middle, 0)), where((x >= 3) | (x < -3), 0, units)


class HardSwish(Elementwise):
    """hard_swish(x) = x·min(max(x/6 + 1/2, 0), 1).

    Special cases: hard_swish(±0) = ±0, hard_swish(x) = -0 for x <= -3 and at -inf, hard_swish(inf) =
    inf, hard_swish(NaN) = NaN. The derivative at -3 is -1/2 and at 3 is 1, those from the right.

    >>> import numpy as np
    >>> hard_swish(-1.5), hard_swish.gradient(np.array([-3.0, -1.5, 3.0])).tolist()
    (np.float64(-0.375), [-0.5, 0.0, 1.0])
    """

    spec = Spec(
        name="hard_swish",
        definition="x min(max(x/6 + 1/2, 0), 1)",
        reference="Howard et al., Searching for MobileNetV3, 2019",
        range=(-0.375, inf),
        kinks=(-3.0, 3.0),
        monotone=False,
        keeps_zero=True,
        stationary=(-1.5,),
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda: (-0.0, inf),
        derivative_limits=lambda: (0.0, 1.0),
    )


hard_swish = HardSwish()
