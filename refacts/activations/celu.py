"""The continuously differentiable exponential linear unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from refacts.activation import Elementwise
from refacts.arithmetic import exp_of, magnitude, nudged, small, split, to_float, where
from refacts.arithmetic.pairs import LEAST_STEP
from refacts.exponential_arm import NEAR, arm
from refacts.spec import Spec


def value(x: Any, alpha: Any) -> tuple[Any, Any]:
    """Return x where x >= 0, else alpha(e^(x/alpha) - 1)."""
    y, units = arm(x / alpha, alpha, (x, 0), 3)
    return where(x >= 0, x, y), where(x >= 0, 0, units)


def derivative(x: Any, alpha: Any) -> tuple[Any, Any]:
    """Return 1 where x >= 0, else e^(x/alpha), which is 1 at 0, and 1 + x/alpha for tiny x."""

    def first_terms(z: Any) -> tuple[Any, Any]:
        size = np.maximum(to_float(magnitude(z)), LEAST_STEP)  # z may have underflowed, but x is not 0
        return nudged(1.0, np.where(alpha < 0, size, -size), z)

    def ordinary(z: Any) -> tuple[Any, Any]:
        return exp_of(z, 3)

    z = x / alpha
    y, units = split(small(z, NEAR), first_terms, ordinary, z)
    return where(x >= 0, 1, y), where(x >= 0, 0, units)


def limits(alpha: float | Fraction) -> tuple[float | Fraction, float]:
    """At -inf, +inf."""
    return (-alpha if alpha > 0 else -inf), inf


@dataclass(frozen=True)
class CELU(Elementwise):
    """celu(x) = x for x >= 0, alpha(e^(x/alpha) - 1) for x < 0.

    `alpha` must not be 0 (ValueError); if it is negative, the function falls exponentially for
    x < 0.

    Special cases: celu(±0) = ±0, celu(-inf) = -alpha (-inf for alpha < 0), celu(inf) = inf,
    celu(NaN) = NaN; the derivative is 0 at -inf (inf for alpha < 0) and 1 at inf.

    >>> CELU(alpha=2.0)(-1.0), celu.gradient(-40.0)
    (np.float64(-0.7869386805747332), np.float64(4.248354255291589e-18))
    """

    alpha: float | Fraction = 1.0

    spec = Spec(
        name="celu",
        definition="x if x >= 0 else alpha (e^(x/alpha) - 1)",
        reference="Barron, Continuously Differentiable Exponential Linear Units, 2017",
        range=lambda alpha: (-float(alpha) if alpha > 0 else -inf, inf),
        convexity=lambda alpha: "convex" if alpha > 0 else "concave",
        keeps_zero=True,
        rules=(("alpha", "nonzero", lambda alpha: alpha != 0),),
        value=value,
        derivative=derivative,
        limits=limits,
        derivative_limits=lambda alpha: ((0.0 if alpha > 0 else inf), 1.0),
    )


celu = CELU()
