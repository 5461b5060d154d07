"""Squareplus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import sqrt, where
from refacts.formats import Format
from refacts.rounding import Formula, Settle
from refacts.spec import Spec
from refacts.surd import rounded_surd


def _parts(x: Any, b: Any) -> tuple[Any, Any]:
    """The value, (|x| + r)/2 for x >= 0 and b/(2(|x| + r)) elsewhere, and r = sqrt(x^2 + b)."""
    r = sqrt(x * x + b)
    s = abs(x) + r
    return where(x >= 0, s / 2, b / (2 * s)), r


def value(x: Any, b: Any) -> tuple[Any, Any]:
    """(x + sqrt(x^2 + b))/2, which cancels for x < 0."""
    return _parts(x, b)[0], 8  # the square 1, sum 2 and b 2, root 3, sum 4, quotient 7


def derivative(x: Any, b: Any) -> tuple[Any, Any]:
    """(1 + x/sqrt(x^2 + b))/2 = f(x)/sqrt(x^2 + b)."""
    y, r = _parts(x, b)
    return y / r, 12


def relu(x: Any, b: Any) -> tuple[Any, Any]:
    """The value for b = 0."""
    return where(x >= 0, x, 0), 0


def step(x: Any, b: Any) -> tuple[Any, Any]:
    """The derivative for b = 0."""
    return where(x >= 0, 1, 0), 0


def exactly(quantity: str) -> Settle:
    """The exact tier: results are rational numbers plus rational multiples of sqrt(x^2 + b)."""

    def settled(operands: Sequence[float], fmt: Format, parameters: Sequence[Any]) -> float:
        x, *g = map(Fraction, operands)
        n = x * x + Fraction(parameters[0])
        if quantity == "value":
            return rounded_surd(x / 2, Fraction(1, 2), n, fmt)
        factor = g[0] if g else Fraction(1)
        return rounded_surd(factor / 2, factor * x / (2 * n), n, fmt)

    return settled


@dataclass(frozen=True)
class Squareplus(Elementwise):
    """squareplus(x) = (x + sqrt(x^2 + b))/2.

    `b` must not be negative (ValueError); for b = 0 it is relu.

    Special cases: squareplus(-inf) = 0, squareplus(inf) = inf, squareplus(NaN) = NaN; the derivative
    is 0 at -inf and 1 at inf.

    >>> squareplus(-1e9), squareplus.gradient(1.5), Squareplus(b=0)(-3.0)
    (np.float64(1e-09), np.float64(0.8), np.float64(0.0))
    """

    b: float | Fraction = 4.0

    spec = Spec(
        name="squareplus",
        definition="(x + sqrt(x^2 + b))/2",
        reference="Barron, Squareplus: A Softplus-Like Algebraic Rectifier, 2021",
        range=(0.0, inf),
        kinks=lambda b: () if b else (0.0,),
        convexity="convex",
        keeps_zero=lambda b: b == 0,
        rules=(("b", "at least 0", lambda b: b >= 0),),
        value=value,
        derivative=derivative,
        exactly=exactly,
        limits=lambda b: (0.0, inf),
        derivative_limits=lambda b: (0.0, 1.0),
    )

    def _formula(self, quantity: str) -> Formula:
        if self.b == 0:
            return relu if quantity == "value" else step
        return super()._formula(quantity)


squareplus = Squareplus()
