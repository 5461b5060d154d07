"""Swish: the sigmoid linear unit with a slope."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import copysign, inf
from typing import Any

from refacts.activation import Elementwise
from refacts.far import beside
from refacts.gated import gated, gated_derivative, saturating
from refacts.spec import Spec

ROOT, MINIMUM = -1.278464542761073795109, -0.2784645427610737951094  # of silu


def value(x: Any, beta: Any) -> tuple[Any, Any]:
    """x·sigma(beta x)."""
    return gated(x, *saturating(x, beta))


def derivative(x: Any, beta: Any) -> tuple[Any, Any]:
    """sigma(w)(1 + w·sigma(-w)) with w = beta x."""
    w, units = saturating(x, beta)
    return gated_derivative(w, w, units)


def far_out(x: float, beta: float | Fraction) -> bool:
    """Where it is x - x e^-w, and the derivative 1 + (w - 1) e^-w, with w = beta x."""
    return Fraction(beta) * Fraction(x) >= 100


def _by_sign(beta: float | Fraction, negative: Any, zero: Any, positive: Any) -> Any:
    return zero if beta == 0 else positive if beta > 0 else negative


def extremes(beta: float | Fraction) -> tuple[float, float]:
    """The range: one end is silu's minimum, scaled."""
    end = MINIMUM / float(beta) if not -1e-300 < beta < 1e-300 else copysign(inf, -beta)
    return _by_sign(beta, (-inf, end), (-inf, inf), (end, inf))


def limits(beta: float | Fraction) -> tuple[float, float]:
    """At -inf, +inf."""
    return _by_sign(beta, (-inf, 0.0), (-inf, inf), (-0.0, inf))


def derivative_limits(beta: float | Fraction) -> tuple[float, float]:
    """At -inf, +inf."""
    return _by_sign(beta, (1.0, -0.0), (0.5, 0.5), (-0.0, 1.0))


@dataclass(frozen=True)
class Swish(Elementwise):
    """swish(x) = x/(1 + e^(-beta x)).

    `beta` may be any real number that `Activation` takes; ONNX calls it alpha.

    Special cases: swish(±0) = ±0; for beta > 0 swish(-inf) = -0 and swish(inf) = inf, for beta < 0
    swish(-inf) = -inf and swish(inf) = 0; swish(NaN) = NaN.

    >>> Swish(beta=1.702)(-1.0), swish.gradient(1e308)
    (np.float64(-0.1542042340671787), np.float64(1.0))
    """

    beta: float | Fraction = 1.0

    spec = Spec(
        name="swish",
        definition="x/(1 + e^(-beta x))",
        reference="Ramachandran, Zoph and Le, Searching for Activation Functions, 2017",
        range=extremes,
        monotone=lambda beta: beta == 0,
        keeps_zero=True,
        stationary=lambda beta: (ROOT / float(beta),) if abs(beta) > 1e-300 else (),
        value=value,
        derivative=derivative,
        exactly=beside(far_out, -1, 1),
        limits=limits,
        derivative_limits=derivative_limits,
    )


swish = Swish()
