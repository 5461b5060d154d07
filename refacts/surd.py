"""Rounding a + c·sqrt(n) for rational a, c and n, exactly: the last tier of algebraic functions."""

from __future__ import annotations

from fractions import Fraction
from math import copysign, isqrt

from refacts.formats import Format

FIRST_BITS = 128


def rounded_surd(a: Fraction, c: Fraction, n: Fraction, fmt: Format) -> float:
    """RN(a + c·sqrt(n)). An irrational one is neither 0 nor a tie: some precision settles it."""
    square = n.numerator * n.denominator  # sqrt(n) = sqrt(square)/denominator
    c /= n.denominator
    root = isqrt(square)
    if root * root == square:
        return fmt.round_fraction(a + c * root)
    bits = FIRST_BITS
    while True:
        below = isqrt(square << 2 * bits)
        ends = [a + c * Fraction(below + k, 1 << bits) for k in (0, 1)]
        lower, upper = map(fmt.round_fraction, ends)
        close = abs(ends[1] - ends[0]) <= abs(ends[0]) * Fraction(fmt.loosest)
        if close and lower == upper and copysign(1, lower) == copysign(1, upper):
            return lower
        bits *= 2
