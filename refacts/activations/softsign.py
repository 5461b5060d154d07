"""Softsign."""

from __future__ import annotations

from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import unless
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """x/(1 + |x|)."""
    return x / (1 + abs(x)), unless(x == 0, 3)


def derivative(x: Any) -> tuple[Any, Any]:
    """1/(1 + |x|)^2."""
    u = 1 + abs(x)
    return 1 / (u * u), 5


class Softsign(Elementwise):
    """softsign(x) = x/(1 + |x|).

    Special cases: softsign(±0) = ±0, softsign(±inf) = ±1, softsign(NaN) = NaN; the derivative is 0
    at both infinities.

    >>> softsign(-3.0), softsign.gradient(3.0)
    (np.float64(-0.75), np.float64(0.0625))
    """

    spec = Spec(
        name="softsign",
        definition="x/(1 + |x|)",
        reference="Bergstra et al., Quadratic Polynomials Learn Better Image Features, 2009",
        range=(-1.0, 1.0),
        symmetry="odd",
        keeps_zero=True,
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda: (-1.0, 1.0),
        derivative_limits=lambda: (0.0, 0.0),
    )


softsign = Softsign()
