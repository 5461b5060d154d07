"""Pairs of float64 arrays: the unevaluated sum hi + lo, and how two of them are added or multiplied.

Sums err by 3u^2, products by 5u^2, quotients by 15u^2 < 2^-102 with u = 2^-53 (Joldes, Muller,
Popescu: Tight and Rigorous Error Bounds for Basic Building Blocks of Double-Word Arithmetic,
ACM TOMS 44(2), 2017, algorithms 6, 10 and 17).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import copysign
from typing import NamedTuple

import numpy as np

from refacts.formats import Float64


class Pair(NamedTuple):
    """The two words of a double-double array."""

    hi: Float64
    lo: Float64


def two_sum(a: Float64, b: Float64) -> Pair:
    """a + b exactly."""
    s = a + b
    z = s - a
    return Pair(s, (a - (s - z)) + (b - z))


def fast_two_sum(a: Float64, b: Float64) -> Pair:
    """a + b exactly where |a| >= |b| or a == 0."""
    s = a + b
    return Pair(s, b - (s - a))


def _split(a: Float64) -> Pair:
    """a = high + low with 26 bits each, so that products of halves are exact."""
    bits = a.view(np.int64) + 0x4000000
    bits &= -0x8000000
    high = bits.view(np.float64)
    return Pair(high, a - high)


def two_product(a: Float64, b: Float64) -> Pair:
    """a·b exactly, unless the low word underflows."""
    p = a * b
    (ah, al), (bh, bl) = _split(a), _split(b)
    e = ah * bh
    e -= p
    e += ah * bl
    e += al * bh
    e += al * bl
    return Pair(p, e)


def add(a: Pair, b: Pair) -> Pair:
    """a + b."""
    s, t = two_sum(a.hi, b.hi), two_sum(a.lo, b.lo)
    c = fast_two_sum(s.hi, s.lo + t.hi)
    return fast_two_sum(c.hi, c.lo + t.lo)


def add_float(a: Pair, b: Float64) -> Pair:
    """a + b for one-word b."""
    s = two_sum(a.hi, b)
    return fast_two_sum(s.hi, s.lo + a.lo)


def multiply(a: Pair, b: Pair) -> Pair:
    """a·b."""
    p = two_product(a.hi, b.hi)
    low = a.hi * b.lo
    low += a.lo * b.hi
    low += p.lo
    return fast_two_sum(p.hi, low)


def divide(a: Pair, b: Pair) -> Pair:
    """a/b: a float64 quotient and one correction by the exact remainder."""
    q = a.hi / b.hi
    p = two_product(q, b.hi)
    rest = a.hi - p.hi
    rest -= p.lo
    rest += a.lo
    rest -= q * b.lo
    s = fast_two_sum(q, rest / b.hi)
    return Pair(np.copysign(s.hi, q), s.lo)  # a zero keeps its sign


def square_root(a: Pair) -> Pair:
    """The square root of a > 0: that of a.hi, and one Newton step by the exact remainder.

    The step leaves 2^-107 relative to the root; its own rounding and that of the sum as much each.
    """
    s = np.sqrt(a.hi)
    p = two_product(s, s)
    rest = a.hi - p.hi
    rest -= p.lo
    rest += a.lo
    return fast_two_sum(s, rest / (2 * s))


LEAST_STEP = 2.0**-250  # stands for smaller ones; of the least number that pairs are trusted with, 2^-1050


def beside(p: Pair, c: Float64) -> tuple[Pair, Float64]:
    """p + c for an exact p and |c| <= 2^-50 |p|, c to 2^-50, and a bound on the relative error.

    Made to show on which side of a tie the sum lies, however small c is. p, a product of two numbers of
    53 bits at most, is either a tie of such numbers, p.lo being 0 or a power of two then, or farther
    than 2^-108 of p from all of them: of a c below that, nothing but its sign is asked. It may be taken
    for LEAST_STEP of p, and for a last bit of p.lo or for none, and the bound is 0.
    """
    size = np.abs(p.hi)
    tiny = np.abs(c) < size * 2.0**-110
    c = np.copysign(np.where(c == 0, 0.0, np.maximum(np.abs(c), size * LEAST_STEP)), c)
    lo = p.lo + c
    still = (lo == p.lo) & (c != 0)
    lo = np.where(still & (np.abs(np.frexp(lo)[0]) == 0.5), lo + np.copysign(lo * 2.0**-52, c), lo)
    error = np.abs(c) * 2.0**-50 + np.where(p.lo == 0, 0.0, np.abs(lo) * 2.0**-51)
    return Pair(p.hi, lo), np.where(tiny, 0.0, error) / np.where(size == 0, 1.0, size)


@lru_cache(maxsize=256)
def words_of(q: Fraction) -> tuple[float, float, bool]:
    """The words of `pair_of`, and whether they hold q exactly."""
    hi, lo = pair_of(q)
    return hi, lo, Fraction(hi) + Fraction(lo) == q


def pair_of(q: Fraction) -> tuple[float, float]:
    """A rational as a double-double, in two floats, to 2^-107; the second is 0 only if exact."""
    hi = float(q)
    rest = q - Fraction(hi)
    if rest and abs(rest) < abs(Fraction(hi)) / 2**110:  # a low word of 0 would say exact
        return hi, copysign(abs(hi) * 2.0**-110, rest)
    return hi, float(rest)
