"""Softplus."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import exp_of, log1p, product, where
from refacts.far import beside
from refacts.gated import logistic, saturating
from refacts.spec import Spec


def value(x: Any, beta: Any) -> tuple[Any, Any]:
    """max(x, 0) + log(1 + e^-|beta x|)/beta: neither term is negative."""
    z, units = product(beta, x)
    t, own = exp_of(-abs(z), units)  # in (0, 1]: cannot overflow
    return where(x >= 0, x, 0) + log1p(t) / beta, own + 12


def derivative(x: Any, beta: Any) -> tuple[Any, Any]:
    """sigma(beta x)."""
    return logistic(*saturating(x, beta))


def far_right(x: float, beta: float | Fraction) -> bool:
    """Where it is x + e^-z/beta, and the derivative 1 - e^-z, with z = beta x."""
    return Fraction(beta) * Fraction(x) >= 100


@dataclass(frozen=True)
class Softplus(Elementwise):
    """softplus(x) = log(1 + e^(beta x))/beta, with no threshold where it turns linear.

    `beta` must be positive (ValueError).

    Special cases: softplus(-inf) = 0, softplus(inf) = inf, softplus(NaN) = NaN; the derivative is 0
    at -inf and 1 at inf.

    >>> softplus(21.6), softplus(-40.0), Softplus(beta=1e30)(2.0)
    (np.float64(21.60000000041614), np.float64(4.248354255291589e-18), np.float64(2.0))
    """

    beta: float | Fraction = 1.0

    spec = Spec(
        name="softplus",
        definition="log(1 + e^(beta x))/beta",
        reference="Dugas et al., Incorporating Second-Order Functional Knowledge, 2001",
        range=(0.0, inf),
        convexity="convex",
        rules=(("beta", "positive", lambda beta: beta > 0),),
        value=value,
        derivative=derivative,
        exactly=beside(far_right, 1, -1),
        limits=lambda beta: (0.0, inf),
        derivative_limits=lambda beta: (0.0, 1.0),
    )


softplus = Softplus()
