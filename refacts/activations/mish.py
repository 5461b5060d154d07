"""Mish."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import clamped, combined, exp, leant, lifted, small_part, split, tiny, where
from refacts.far import beside
from refacts.formats import Format
from refacts.rounding import Settle
from refacts.spec import Spec

TINY = 2.0**-60
FAR = 2048.0  # e^-2048, and 2048 times that, round to 0 whatever they are multiplied by


def value(x: Any) -> tuple[Any, Any]:
    """x·n/(n + 2) with n = e^2x + 2e^x; for x >= 0 both are divided by e^2x."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        t = exp(-abs(x))  # in (0, 1]: cannot overflow
        up = x >= 0
        n = where(up, 1 + 2 * t, t * (t + 2))
        share = n / (n + where(up, 2 * t * t, 2))  # n 13, denominator 10, quotient 1
        return share * where(up, x, clamped(x, FAR)), 24

    def first_term(x: Any) -> tuple[Any, Any]:
        y, units = _three_fifths(x, small_part(x, 8 / 15), x)
        return where(x == 0, x, y), units

    return split(tiny(x, TINY), first_term, ordinary, x)


def derivative(x: Any) -> tuple[Any, Any]:
    """[n(n + 2) + 4x(e^2x + e^x)]/(n + 2)^2, divided by e^2x for x >= 0.

    With t = e^-|x| and d = t^2 + 2t + 2 where x < 0, it is t[(t + 2)d + 4x(t + 1)]/d^2; with
    d = 2t^2 + 2t + 1 elsewhere, [(2t + 1)d + 4x·t^2(t + 1)]/d^2.
    """

    def ordinary(x: Any) -> tuple[Any, Any]:
        x = clamped(x, FAR)
        t = exp(-abs(x))
        up = x >= 0
        d = where(up, 2 * t * t + 2 * t + 1, t * t + 2 * t + 2)
        rest = 4 * x * (t + 1)
        sum_, units = combined(where(up, 2 * t + 1, t + 2) * d, 30, where(up, rest * (t * t), rest), 30)
        return where(up, sum_, t * sum_) / (d * d), units + 50

    return split(tiny(x, TINY), lambda x: _three_fifths(1.0, small_part(x, 16 / 15), x), ordinary, x)


def _three_fifths(y: Any, by: Any, x: Any) -> tuple[Any, Any]:
    """3y/5 (1 + by): 3y/5 is a tie, or 2^-57 and more from one."""
    return leant(3 * (lifted(y, x) if isinstance(y, float) else y) / 5, by, x)


far_right = beside(lambda x: x >= 50, -1, 1)  # x - 2x e^-2x, 1 + (4x - 2) e^-2x


def exactly(quantity: str) -> Settle:
    """At 0 the derivative is 3/5, and a product with it may be a tie; far out it is beside 1."""
    far = far_right(quantity)

    def settled(operands: Sequence[float], fmt: Format, parameters: Sequence[Any]) -> float | None:
        x, *g = operands
        if x != 0:
            return far(operands, fmt, parameters)
        return fmt.round_fraction(Fraction(3, 5) * (Fraction(g[0]) if g else 1))

    return settled


class Mish(Elementwise):
    """mish(x) = x tanh(log(1 + e^x)).

    Special cases: mish(±0) = ±0, mish(-inf) = -0, mish(inf) = inf, mish(NaN) = NaN; the derivative
    is -0 at -inf and 1 at inf. It changes its sign at -1.192...

    >>> mish(-1.0), mish.gradient(-20.0)
    (np.float64(-0.3034014613741089), np.float64(-3.916191874348969e-08))
    """

    spec = Spec(
        name="mish",
        definition="x tanh(log(1 + e^x))",
        reference="Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019",
        range=(-0.3088434130172504066288, inf),
        monotone=False,
        keeps_zero=True,
        stationary=(-1.192431214515495212138,),
        value=value,
        derivative=derivative,
        exactly=exactly,
        limits=lambda: (-0.0, inf),
        derivative_limits=lambda: (-0.0, 1.0),
    )


mish = Mish()
