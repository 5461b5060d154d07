"""The hyperbolic tangent."""

from __future__ import annotations

from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import exp, unless
from refacts.arithmetic import tanh as tanh_of
from refacts.far import beside
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """tanh x."""
    y, units = tanh_of(x)
    return y, unless(x == 0, units)


def derivative(x: Any) -> tuple[Any, Any]:
    """1/cosh(x)^2 = 4t/(1 + t)^2 with t = e^-2|x|: 1 - tanh(x)^2 cancels."""
    t = exp(-2 * abs(x))  # in (0, 1]: cannot overflow
    u = 1 + t
    return 4 * t / (u * u), unless(x == 0, 24)  # t 8, u·u 11, quotient 1; at 0 every step is exact


class TanH(Elementwise):
    """tanh(x) = (e^x - e^-x)/(e^x + e^-x).

    Special cases: tanh(±0) = ±0, tanh(±inf) = ±1, tanh(NaN) = NaN; the derivative is 0 at both
    infinities.

    >>> tanh(0.5), tanh.gradient(20.0)
    (np.float64(0.46211715726000974), np.float64(1.6993417021166355e-17))
    """

    spec = Spec(
        name="tanh",
        definition="tanh x",
        reference="LeCun et al., Efficient BackProp, 1998",
        range=(-1.0, 1.0),
        symmetry="odd",
        keeps_zero=True,
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: 0 < abs(x) < 2.0**-64, -1, -1),  # x - x^3/3, 1 - x^2
        limits=lambda: (-1.0, 1.0),
        derivative_limits=lambda: (0.0, 0.0),
    )


tanh = TanH()
