"""What is proved of the irrational lines: where their results are rational, and what is far out.

For rational x other than 0, e^x is transcendental (Lindemann), and so is every non-constant
rational function of it with rational coefficients: sigmoid, tanh, tanhshrink, the swishes, mish
and the left arms of elu and celu. log(1 + e^x) = r with a rational r would make 1 + e^x = e^r a
relation between powers of e that Lindemann and Weierstrass rule out. So the ``known`` functions
name every rational result of those. Of gelu, gelu_tanh and selu they know the ones at 0 (and none
else are expected: where there is one, ``rounding.settle`` ends in an error, never in a guess).

The ``far`` functions rest on e^-|u| < 2^-5900 for |u| > 4096, u being what is exponentiated. What
multiplies that is a polynomial of low degree in u and, where the limit is 0, x or the reciprocal
of a parameter; all together it is less than 2^3700. Signs are those of the terms named.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from refacts.oracles.textbook.definition import Far, Known, Number

Pair = tuple[Far | None, Far | None]
HALF = Fraction(1, 2)
NEAR: Pair = (None, None)
FAR = 4096


def at_zero(value: Fraction | None, derivative: Fraction | None) -> Callable[..., Known]:
    """Name the rational results at 0, for a function that has no others."""
    return lambda x, **parameters: (value, derivative) if x == 0 else (None, None)


def known_swish(x: float, beta: Number) -> Known:
    """swish is x/2 where beta is 0."""
    return (Fraction(x) / 2, HALF) if x == 0 or beta == 0 else (None, None)


def known_elu(x: float, alpha: Number) -> Known:
    """The right arms of elu and celu are x; elu has no left arm where alpha is 0."""
    if x >= 0:
        return Fraction(x), Fraction(1)
    return (Fraction(0), Fraction(0)) if alpha == 0 else (None, None)


def known_squareplus(x: float, b: Number) -> Known:
    """Rational where x^2 + b is the square of a rational, and the slope at 0; relu where b is 0."""
    if b == 0:
        return (Fraction(x), Fraction(1)) if x >= 0 else (Fraction(0), Fraction(0))
    point = Fraction(x)
    square = point**2 + Fraction(b)
    top, bottom = math.isqrt(square.numerator), math.isqrt(square.denominator)
    if top**2 != square.numerator or bottom**2 != square.denominator:
        return None, HALF if x == 0 else None
    root = Fraction(top, bottom)
    return (point + root) / 2, (1 + point / root) / 2


def far_log_sigmoid(x: float) -> Pair:
    """-e^-x for large x; x - e^x and 1 - e^x for large -x, less terms of higher order."""
    if abs(x) <= FAR:
        return NEAR
    return (Far(0, -1), None) if x > 0 else (Far(Fraction(x), -1), Far(1, -1))


def far_softplus(x: float, beta: Number) -> Pair:
    """e^u / beta for large -u = -beta x; |x| < 2^1024 makes 1/beta less than that.

    x + e^-u / beta, which is x (1 + e^-u / u), and 1 - e^-u for large u.
    """
    u = Fraction(beta) * Fraction(x)
    if abs(u) <= FAR:
        return NEAR
    return (Far(0, 1), None) if x < 0 else (Far(Fraction(x), 1), Far(1, -1))


def far_tanhshrink(x: float) -> Pair:
    """x - 1 + 2 e^-2x for large x, 2 e^-2048 < 2^-2953; odd. x - 1 is a tie in float16 from 2048 on.

    The slope is 1 - 4 e^-2x.
    """
    if abs(x) <= 1024:
        return NEAR
    side = 1 if x > 0 else -1
    return Far(Fraction(x) - side, side), Far(1, -1)


def far_swish(x: float, beta: Number) -> Pair:
    """x - x e^-u and 1 + (u - 1) e^-u for large u = beta x; x e^u and (1 + u) e^u for large -u."""
    u = Fraction(beta) * Fraction(x)
    if abs(u) <= FAR:
        return NEAR
    side = 1 if x > 0 else -1
    return (Far(Fraction(x), -side), Far(1, 1)) if u > 0 else (Far(0, side), Far(0, -1))


def _far_gated(x: float, far: float) -> Pair:
    if abs(x) <= far:
        return NEAR
    return (Far(Fraction(x), -1), Far(1, 1)) if x > 0 else (Far(0, -1), Far(0, -1))


def far_silu(x: float) -> Pair:
    """As swish with beta = 1."""
    return _far_gated(x, FAR)


def far_quick_gelu(x: float) -> Pair:
    """As swish with beta = 1.702."""
    return _far_gated(x, FAR)


def far_gelu(x: float) -> Pair:
    """As swish, with e^(-x^2/2) < 2^-5900 for |x| > 100."""
    return _far_gated(x, 100)


def far_gelu_tanh(x: float) -> Pair:
    """As swish; 2 u > 1605 at x = 28 makes e^-2u < 2^-2315, times x u' < 2^12 and falling."""
    return _far_gated(x, 28)


def far_mish(x: float) -> Pair:
    """x - 2 x e^-2x and 1 + (4 x - 2) e^-2x for large x; x e^x and (1 + x) e^x for large -x."""
    return _far_gated(x, FAR)


def far_elu(x: float, alpha: Number) -> Pair:
    """alpha e^x - alpha for large -x; alpha e^x needs no help."""
    if x >= -FAR:
        return NEAR
    return Far(-Fraction(alpha), 1 if alpha > 0 else -1), None


def far_celu(x: float, alpha: Number) -> Pair:
    """alpha e^u - alpha and e^u for large -u = -x / alpha, and for large u; |x| < 2^1024."""
    u = Fraction(x) / Fraction(alpha)
    if abs(u) <= FAR:
        return NEAR
    return (Far(-Fraction(alpha), 1), Far(0, 1)) if u < 0 else (Far(-math.inf, -1), Far(math.inf, 1))
