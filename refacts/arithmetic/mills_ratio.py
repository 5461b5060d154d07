"""Mills' ratio M(x) = (1 - Phi(x))/phi(x) = integral over t >= 0 of e^(-xt - t^2/2), for x in [0, 94).

The interval [2, 96) of x + 2 is cut into 64 pieces an octave; on each, M is its Taylor polynomial at
the centre, from a table. With d = x - centre, |d| <= (x + 2)/128, and |c_n| <= M/x^n, the terms c_n d^n
fall by about 2^-7 each, and those from n = PAIRS on need one word only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.pairs import Pair, fast_two_sum, multiply, two_sum
from refacts.arithmetic.tables import table
from refacts.formats import Float64

INTERVALS = 352  # 5 octaves of 64, and half of another
DEGREE = 13
PAIRS = 6  # coefficients with two words
SINGLE_DEGREE = 8  # of the polynomial in float64: the next term is below 2^-63 of M


def _intervals(x: Float64) -> NDArray[np.intp]:
    """The number of the interval that holds x: the exponent and 6 bits of x + 2, from 2 on."""
    return (((x + 2.0).view(np.int64) >> 46) - (0x400 << 6)).astype(np.intp, copy=False)


def centres() -> Float64:
    """The middle of every interval; all are multiples of 2^-7."""
    left = np.ldexp(1 + (np.arange(INTERVALS) % 64) / 64, 1 + np.arange(INTERVALS) // 64)
    return np.asarray(left * (1 + 1 / 128 / (1 + (np.arange(INTERVALS) % 64) / 64)) - 2.0)


_CENTRES = centres()


def _coefficient(n: int, j: NDArray[np.intp]) -> Float64:
    """The first word of c_n."""
    return table("mills")[2 * n if n < PAIRS else PAIRS + n].take(j, mode="clip")


def mills_single(x: Float64) -> Float64:
    """M(x) in float64, to 8 units of 2^-53: |c_1 d| < c_0/64, so that c_0 rounds almost alone."""
    j = _intervals(x)
    d = x - _CENTRES.take(j, mode="clip")
    y = _coefficient(SINGLE_DEGREE, j)
    for n in range(SINGLE_DEGREE - 1, -1, -1):
        y *= d
        y += _coefficient(n, j)
    return y


def mills_pair(x: Pair) -> Pair:
    """M(x), to 2^10 units of 2^-102: c_6 d^6 in one word errs by 2^-94.5, what is left out by 2^-97."""
    j = _intervals(x.hi)
    shifted = two_sum(x.hi, -_CENTRES.take(j, mode="clip"))
    d = fast_two_sum(shifted.hi, shifted.lo + x.lo)
    tail = _coefficient(DEGREE, j)
    for n in range(DEGREE - 1, PAIRS - 1, -1):
        tail *= d.hi
        tail += _coefficient(n, j)
    v = Pair(tail, np.zeros_like(tail))
    for n in range(PAIRS - 1, -1, -1):
        v = multiply(d, v)
        s = fast_two_sum(_coefficient(n, j), v.hi)
        v = fast_two_sum(s.hi, s.lo + (v.lo + table("mills")[2 * n + 1].take(j, mode="clip")))
    return v
