"""log(1 + t) of pairs t in [0, 1]: a table of log(1 + j/128), and atanh of what is left.

With c = 1 + j/128 nearest to 1 + t and s = (t - j/128)/(1 + t + c), |s| < 2^-8.9,
log(1 + t) = log c + 2 atanh s = log c + 2s + 2s^3(1/3 + s^2/5 + ...). For j = 0, s = t/(2 + t).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from refacts.arithmetic.pairs import Pair, add, add_float, divide, fast_two_sum, multiply, pair_of
from refacts.arithmetic.tables import table

STEPS = 128
_THIRD, _FIFTH = (pair_of(Fraction(1, n)) for n in (3, 5))


def log1p_pair(t: Pair) -> Pair:
    """log(1 + t) for 0 <= t <= 1, to 8 units of 2^-102.

    The series in s^2 ends 2^-109 below s, its first two terms having two words; s errs by 2 units. For
    j > 0 the result is at least half of log c, and 2 atanh s at most as large: 4 units and the sum's.
    """
    step = np.rint(t.hi * STEPS)
    d = add_float(t, step * (-1.0 / STEPS))
    s = divide(d, add_float(t, 2.0 + step * (1.0 / STEPS)))
    q = multiply(s, s)
    tail = q.hi * (1 / 7 + q.hi * (1 / 9 + q.hi * (1 / 11)))
    v = fast_two_sum(np.array(_FIFTH[0]), tail)
    v = multiply(q, Pair(v.hi, v.lo + _FIFTH[1]))
    v3 = fast_two_sum(np.array(_THIRD[0]), v.hi)
    v = multiply(multiply(q, s), fast_two_sum(v3.hi, v3.lo + (v.lo + _THIRD[1])))
    half = fast_two_sum(s.hi, v.hi)
    half = Pair(half.hi, half.lo + (s.lo + v.lo))
    j = step.astype(np.int64)
    hi, lo = table("logarithm")
    return add(Pair(hi.take(j, mode="clip"), lo.take(j, mode="clip")), Pair(2 * half.hi, 2 * half.lo))
