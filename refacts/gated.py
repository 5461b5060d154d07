"""x·sigma(w(x)) with the logistic sigma: the formulas that silu and its relatives share.

w comes with its relative error in units, which exp magnifies by |w|. For tiny w, sigma(w) is 1/2 + w/4:
float64 does not show w, except where 1/2, or its product with a number, would be a tie.
"""

from __future__ import annotations

from typing import Any

from refacts.arithmetic import clamped, combined, exp_of, nudged, product, small_part, split, tiny, where

TINY = 2.0**-56
SATURATED = 2800.0  # e^-2800, and 2^16 times that, round to 0 whatever two float64 multiply them


def logistic(w: Any, units: Any = 0) -> tuple[Any, Any]:
    """sigma(w) = 1/(1 + e^-w): where e^-w overflows, 1/inf = 0 is right for the formats float64 serves."""

    def ordinary(w: Any, units: Any) -> tuple[Any, Any]:
        t, own = exp_of(-w, units)
        return 1 / (1 + t), own + 2

    return split(tiny(w, TINY), lambda w, _: nudged(0.5, small_part(w, 0.5), w), ordinary, w, units)


def gated(x: Any, w: Any, units: Any = 0) -> tuple[Any, Any]:
    """x·sigma(w) = x/(1 + e^-w)."""

    def ordinary(x: Any, w: Any, units: Any) -> tuple[Any, Any]:
        t, own = exp_of(-w, units)
        return x / (1 + t), own + 2

    def first_terms(x: Any, w: Any, _: Any) -> tuple[Any, Any]:
        return nudged(0.5 * x, small_part(w, 0.5), x)

    return split(tiny(w, TINY), first_terms, ordinary, x, w, units)


def gated_derivative(w: Any, v: Any, units: Any = 0) -> tuple[Any, Any]:
    """sigma(w)(1 + v·sigma(-w)) with v = x·w'(x), which has at most the error of w; |v| < 2^16.

    With t = e^-|w|, it is p(1 + t + v·q)/(1 + t)^2 for (p, q) = (1, t) where w >= 0, else (t, 1). Near 0
    it is 1/2 + w/4 + v/4.
    """

    def ordinary(w: Any, v: Any, units: Any) -> tuple[Any, Any]:
        t, own = exp_of(-abs(w), units)  # in (0, 1]: cannot overflow
        u = 1 + t
        up = w >= 0
        sum_, sum_units = combined(u, own + 1, v * where(up, t, 1), own + units + 1)
        return where(up, sum_, t * sum_) / (u * u), sum_units + 3 * own + 5

    def first_terms(w: Any, v: Any, _: Any) -> tuple[Any, Any]:
        return nudged(0.5, small_part(w, 0.5) + small_part(v, 0.5), w)

    return split(tiny(w, TINY), first_terms, ordinary, w, v, units)


def saturating(x: Any, factor: Any = 1) -> tuple[Any, Any]:
    """factor·x held within ±2800, and its error in units: further out sigma(w) is 0 or 1."""
    w, units = product(factor, x)
    return clamped(w, SATURATED), units
