"""The sigmoid approximation of the Gaussian error linear unit."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import lifted
from refacts.far import beside
from refacts.gated import gated, gated_derivative, saturating
from refacts.spec import Spec

FACTOR = Fraction(1702, 1000)


def value(x: Any) -> tuple[Any, Any]:
    """x·sigma(1.702 x)."""
    return gated(x, *saturating(x, lifted(FACTOR, x)))


def derivative(x: Any) -> tuple[Any, Any]:
    """sigma(w)(1 + w·sigma(-w)) with w = 1.702 x."""
    w, units = saturating(x, lifted(FACTOR, x))
    return gated_derivative(w, w, units)


class QuickGELU(Elementwise):
    """quick_gelu(x) = x/(1 + e^(-1.702 x)), 1.702 being the decimal number, not its float64.

    Special cases: quick_gelu(±0) = ±0, quick_gelu(-inf) = -0, quick_gelu(inf) = inf,
    quick_gelu(NaN) = NaN; the derivative is -0 at -inf and 1 at inf.

    >>> quick_gelu(-1.0), quick_gelu.gradient(-30.0)
    (np.float64(-0.1542042340671787), np.float64(-3.345142317050573e-21))
    """

    spec = Spec(
        name="quick_gelu",
        definition="x/(1 + e^(-1.702 x))",
        reference="Hendrycks and Gimpel, Gaussian Error Linear Units, 2016",
        range=(-0.1636101896363535811453, inf),
        monotone=False,
        keeps_zero=True,
        stationary=(-0.7511542554412889512981,),
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: x >= 60, -1, 1),  # x - x e^-w, 1 + (w - 1) e^-w for w = 1.702 x
        limits=lambda: (-0.0, inf),
        derivative_limits=lambda: (-0.0, 1.0),
    )


quick_gelu = QuickGELU()
