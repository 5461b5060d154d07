"""log(1 + t) of pairs t >= 0: a table of log(1 + j/128), and atanh of what is left.

With c = 1 + j/128 nearest to 1 + t and s = (t - j/128)/(1 + t + c), |s| < 2^-8.9,
log(1 + t) = log c + 2 atanh s = log c + 2s + 2s^3(1/3 + s^2/5 + ...). For j = 0, s = t/(2 + t).
Where t > 1, 1 + t = 2^k m first, with m in [1, 2).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from refacts.arithmetic.pairs import Pair, add, add_float, divide, fast_two_sum, multiply, pair_of
from refacts.arithmetic.tables import table

STEPS = 128
_THIRD, _FIFTH = (pair_of(Fraction(1, n)) for n in (3, 5))
_LOG_TWO = float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56")  # to 2^-109


def log1p_pair(t: Pair) -> Pair:
    """log(1 + t) for 0 <= t < 2^1000, to 8 units of 2^-102.

    Above 1, rounding 1 + t makes 1.5 units of the result, which is at least log 2, k log 2 makes 1, its
    sum with log m another, and log m, at most half of the result, 4.
    """
    if not (t.hi > 1).any():
        return _log1p_pair(t)
    s = add_float(t, np.array(1.0))
    k = np.where(t.hi > 1, np.frexp(s.hi)[1] - 1, 0)
    m = Pair(np.ldexp(s.hi, -k), np.ldexp(s.lo, -k))
    rest = add_float(m, np.array(-1.0))
    rest = Pair(np.where(k == 0, t.hi, rest.hi), np.where(k == 0, t.lo, rest.lo))
    log_two = Pair(*map(np.array, _LOG_TWO))
    return add(multiply(log_two, Pair(k.astype(np.float64), np.zeros_like(t.hi))), _log1p_pair(rest))


def _log1p_pair(t: Pair) -> Pair:
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
    j = step.astype(np.intp)
    hi, lo = table("logarithm")
    return add(Pair(hi.take(j, mode="clip"), lo.take(j, mode="clip")), Pair(2 * half.hi, 2 * half.lo))
