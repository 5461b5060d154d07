"""e^x of pairs: 2^k from a table of 2^(j/1024), times a short series."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import factorial, isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.pairs import Pair, fast_two_sum, multiply, pair_of, two_sum
from refacts.formats import Float64

EXP_MIN = -2800.0  # e^-2800 < 2^-4000: it stays 0 after any multiplication by two float64


class _ExpConstants(NamedTuple):
    step: tuple[float, float, float]  # ln(2)/1024 in pieces; k·piece is exact for the first two
    powers: Pair  # 2^(j/1024), j = 0 .. 1023


@lru_cache(maxsize=1)
def _exp_constants() -> _ExpConstants:
    bits = 256
    ln2 = sum((1 << bits) // (n << n) for n in range(1, bits))  # ln 2 = sum of 1/(n 2^n)
    step = Fraction(ln2, 1 << (bits + 10))
    first = Fraction(int(step * 2**41), 2**41)  # 31 bits: times |k| < 2^22 exact
    second = Fraction(int((step - first) * 2**72), 2**72)
    root = 2 << bits
    for _ in range(10):
        root = isqrt(root << bits)
    powers = [1 << bits]
    for _ in range(1023):
        powers.append(powers[-1] * root >> bits)
    words = np.array([pair_of(Fraction(p, 1 << bits)) for p in powers])
    table = Pair(np.ascontiguousarray(words[:, 0]), np.ascontiguousarray(words[:, 1]))
    return _ExpConstants((float(first), float(second), float(step - first - second)), table)


class ExpParts(NamedTuple):
    """e^x = 2^k·t·(1 + p)."""

    k: NDArray[np.int64]
    t: Pair  # in [1, 2), to 2^-107
    p: Pair  # |p| < 2^-11.4, to 3 units of 1

    def combined(self) -> Pair:
        """t·(1 + p)."""
        tp = multiply(self.t, self.p)
        s = fast_two_sum(self.t.hi, tp.hi)
        return fast_two_sum(s.hi, s.lo + (self.t.lo + tp.lo))


def exp_parts(x: Pair, exact_terms: int = 3) -> ExpParts:
    """The parts of e^x, for x clipped to [-2800, 2800].

    t = 2^(j/1024) and p = e^r - 1 with |r| <= ln(2)/2048 < 2^-11.5. With n = 1024 k + j, the third piece
    times n is below |n| 2^-72.07. It errs by |n| 2^-126.7, for the piece has one word, and the product
    rounds by |n| 2^-125.07; so do two sums of its size, and by 2^-118 and 2^-117 for the other term. In all,
    reduction errs by |n| 2^-123.3 + 2^-116.4: at most 2^-101.3, as |n| < 2^21.99, and 2^-116.3 for
    |x| < 2^-9. The series with 3 exact terms errs by 2^-102.6 (r^4/24 is a float64 product) and 2^-102.1
    (that product ignores r.lo), with 4 by 2^-116, what sums and products round by 2^-104 relative to p.
    """
    n, r = reduced(x)
    table = _exp_constants().powers
    j = (n & 1023).astype(np.intp, copy=False)
    return ExpParts(n >> 10, Pair(table.hi.take(j), table.lo.take(j)), _expm1_series(r, exact_terms))


def reduced(x: Pair) -> tuple[NDArray[np.int64], Pair]:
    """n and r = x - n ln(2)/1024, for x clipped to [-2800, 2800]."""
    c1, c2, c3 = _exp_constants().step
    hi = np.minimum(np.maximum(x.hi, EXP_MIN), -EXP_MIN)
    n = np.rint(hi * 1477.3197218702985)  # 1024/ln 2
    most = two_sum(hi - n * c1, -(n * c2))  # both differences exact
    clipped = hi != x.hi
    lo = np.where(clipped, 0.0, x.lo) if clipped.any() else x.lo
    shifted = two_sum(most.hi, lo)
    return n.astype(np.int64), fast_two_sum(shifted.hi, shifted.lo + (most.lo - n * c3))


_INVERSE_FACTORIALS = [pair_of(Fraction(1, factorial(n))) for n in range(8)]


def _expm1_series(r: Pair, exact_terms: int) -> Pair:
    """e^r - 1 = r + r^2·(1/2 + r·(1/6 + r·(1/24 + ...))) for |r| < 2^-11.5.

    The terms up to r^exact_terms are summed in double-double, those up to r^7 in float64.
    """
    tail: Float64 = np.zeros_like(r.hi)
    for n in range(7, exact_terms, -1):
        tail = r.hi * (tail + _INVERSE_FACTORIALS[n][0])
    v = _constant_plus(exact_terms, Pair(tail, np.zeros_like(tail)))
    for n in range(exact_terms - 1, 1, -1):
        v = _constant_plus(n, multiply(r, v))
    w = multiply(multiply(r, r), v)
    s = fast_two_sum(r.hi, w.hi)
    return fast_two_sum(s.hi, s.lo + (r.lo + w.lo))


def _constant_plus(n: int, v: Pair) -> Pair:
    """1/n! + v for small v."""
    hi, lo = _INVERSE_FACTORIALS[n]
    s = fast_two_sum(np.array(hi), v.hi)
    return Pair(s.hi, s.lo + (v.lo + lo))
