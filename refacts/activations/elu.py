"""The exponential linear unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from refacts.activation import Elementwise
from refacts.arithmetic import exp, magnitude, nudged, parameter, product, small, split, to_float, where
from refacts.arithmetic.pairs import LEAST_STEP
from refacts.exponential_arm import NEAR, arm
from refacts.spec import Spec


def value(x: Any, alpha: Any) -> tuple[Any, Any]:
    """Return x where x >= 0, else alpha(e^x - 1)."""
    y, units = arm(x, alpha, product(x, *parameter(alpha)), 0)
    return where(x >= 0, x, y), where(x >= 0, 0, units)


def derivative(x: Any, alpha: Any) -> tuple[Any, Any]:
    """Return 1 where x >= 0, else alpha e^x, for small x alpha(1 + x): at the kink from the right."""

    def constant(x: Any) -> tuple[Any, Any]:
        slope, units = parameter(alpha)
        return nudged(slope, -np.maximum(to_float(magnitude(x)), LEAST_STEP), x, units)

    y, units = split(small(x, NEAR), constant, lambda x: product(exp(x), alpha, 8), x)
    return where(x >= 0, 1, y), where(x >= 0, 0, units)


def limits(alpha: float | Fraction) -> tuple[float | Fraction, float]:
    """At -inf, +inf; alpha = 0 keeps the sign that 0·x has for x < 0."""
    return (-alpha if alpha else -0.0), inf


def slopes(alpha: float | Fraction) -> tuple[float, float]:
    """The derivative's limits: 0 with the sign of alpha at -inf."""
    return (-0.0 if alpha < 0 else 0.0), 1.0


@dataclass(frozen=True)
class ELU(Elementwise):
    """elu(x) = x for x >= 0, alpha(e^x - 1) for x < 0.

    Special cases: elu(±0) = ±0, elu(-inf) = -alpha, elu(inf) = inf, elu(NaN) = NaN. The derivative
    at 0 is 1, the one from the right.

    >>> elu(-1e-20), elu.gradient(-40.0), ELU(alpha=0.5)(-1.0)
    (np.float64(-1e-20), np.float64(4.248354255291589e-18), np.float64(-0.31606027941427883))
    """

    alpha: float | Fraction = 1.0

    spec = Spec(
        name="elu",
        definition="x if x >= 0 else alpha (e^x - 1)",
        reference="Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning, 2016",
        range=lambda alpha: (-float(alpha) if alpha > 0 else 0.0, inf),
        kinks=lambda alpha: () if alpha == 1 else (0.0,),
        monotone=lambda alpha: alpha >= 0,
        convexity=lambda alpha: "convex" if 0 <= alpha <= 1 else "",
        keeps_zero=True,
        value=value,
        derivative=derivative,
        limits=limits,
        derivative_limits=slopes,
    )


elu = ELU()
