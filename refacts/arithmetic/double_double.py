"""Double-double arithmetic on arrays: the unevaluated sum hi + lo of two float64, 106 bits.

One operation (+ - * /) errs by at most 1 unit = 2^-102 relative to its result, an elementary
function by at most 8, as long as results lie in [2^-900, 2^1000]: below, lo loses bits to
underflow, and `settle` leaves them to the wide tier.

Sums err by 3u^2, products by 5u^2, quotients by 15u^2 < 2^-102 with u = 2^-53 (Joldes, Muller,
Popescu: Tight and Rigorous Error Bounds for Basic Building Blocks of Double-Word Arithmetic,
ACM TOMS 44(2), 2017, algorithms 6, 10 and 17).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import copysign, factorial, frexp, isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.formats import FLOAT64, Float64, Format

UNIT = 2.0**-102
SAFE_MIN, SAFE_MAX = 2.0**-900, 2.0**1000
EXP_MIN = -1600.0  # e^-1600 < 2^-2300: it stays 0 after any multiplication by a float64


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
    return fast_two_sum(q, rest / b.hi)


def pair_of(q: Fraction) -> tuple[float, float]:
    """A rational as a double-double, in two floats, to 2^-107; the second is 0 only if exact."""
    hi = float(q)
    rest = q - Fraction(hi)
    if rest and abs(rest) < abs(Fraction(hi)) / 2**110:  # a low word of 0 would say exact
        return hi, copysign(abs(hi) * 2.0**-110, rest)
    return hi, float(rest)


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
    """The parts of e^x, for x clipped to [-1600, 1600].

    t = 2^(j/1024) and p = e^r - 1 with |r| <= ln(2)/2048 < 2^-11.5. Reduction errs by 3·2^-104
    (rounding k·piece and two sums of that size; for |x| < 2^-9 by 2^-115), the series with 3 exact
    terms by 2^-102.6 (r^4/24 is a float64 product) and 2^-102.1 (that product ignores r.lo),
    with 4 by 2^-116, what sums and products round by 2^-104 relative to p.
    """
    (c1, c2, c3), table = _exp_constants()
    hi = np.minimum(np.maximum(x.hi, EXP_MIN), -EXP_MIN)
    n = np.rint(hi * 1477.3197218702985)  # 1024/ln 2
    reduced = two_sum(hi - n * c1, -(n * c2))  # both differences exact
    clipped = hi != x.hi
    lo = np.where(clipped, 0.0, x.lo) if clipped.any() else x.lo
    shifted = two_sum(reduced.hi, lo)
    r = fast_two_sum(shifted.hi, shifted.lo + (reduced.lo - n * c3))
    n_int = n.astype(np.int64)
    j = n_int & 1023
    return ExpParts(n_int >> 10, Pair(table.hi.take(j), table.lo.take(j)), _expm1_series(r, exact_terms))


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


def power_of_two(k: NDArray[np.int64]) -> Float64:
    """2^k for k in [-1022, 1023]."""
    return ((k + 1023) << 52).view(np.float64)


def _scale(k: NDArray[np.int64]) -> Float64:
    """2^k; 2^-1022 for less, NaN for more than float64 is good for."""
    scale = power_of_two(np.minimum(np.maximum(k, -1022), 1023))
    if (k > 1022).any():
        scale[k > 1022] = np.nan
    return scale


class DoubleDouble:
    """An array of double-doubles with operators; mixes with Python numbers and float64 arrays."""

    __slots__ = ("hi", "lo")
    __array_ufunc__ = None  # float64 array + DoubleDouble is ours to compute
    unit = UNIT

    @staticmethod
    def underflow(h: DoubleDouble) -> Float64:
        """Bound, in units, on what a sum of products of exp and h loses below 2^-1000."""
        return (np.abs(h.hi).sum(-1, keepdims=True) + 1) * (2.0**-998 / UNIT)

    @staticmethod
    def exp_units(x: DoubleDouble) -> int:
        """The error of exp of a `difference`."""
        return 8

    def __init__(self, hi: Float64, lo: Float64):
        self.hi, self.lo = hi, lo

    @classmethod
    def lift(cls, x: Float64) -> DoubleDouble:
        """Float64 `x`, exactly."""
        return cls(x, np.zeros_like(x))

    @classmethod
    def constant(cls, c: float | Fraction) -> DoubleDouble:
        """A parameter: a float exactly, a Fraction to 1 unit."""
        hi, lo = pair_of(Fraction(c))
        return cls(np.array(hi), np.array(lo))

    @classmethod
    def difference(cls, a: Float64, b: Float64) -> DoubleDouble:
        """a - b of float64 arrays, exactly."""
        return cls(*two_sum(a, -b))

    @classmethod
    def _of(cls, other: Any) -> DoubleDouble:
        if isinstance(other, DoubleDouble):
            return other
        return cls.lift(np.asarray(other, np.float64))

    @property
    def pair(self) -> Pair:
        """The two words."""
        return Pair(self.hi, self.lo)

    def __neg__(self) -> DoubleDouble:
        return DoubleDouble(-self.hi, -self.lo)

    def __abs__(self) -> DoubleDouble:
        return DoubleDouble(np.abs(self.hi), np.where(self.hi < 0, -self.lo, self.lo))

    def __add__(self, other: Any) -> DoubleDouble:
        if isinstance(other, DoubleDouble):
            return DoubleDouble(*add(self.pair, other.pair))
        return DoubleDouble(*add_float(self.pair, np.asarray(other, np.float64)))

    __radd__ = __add__

    def __sub__(self, other: Any) -> DoubleDouble:
        return self + -other

    def __rsub__(self, other: Any) -> DoubleDouble:
        return -self + other

    def __mul__(self, other: Any) -> DoubleDouble:
        if isinstance(other, int) and abs(frexp(other)[0]) == 0.5:  # a power of two scales exactly
            return DoubleDouble(self.hi * other, self.lo * other)
        return DoubleDouble(*multiply(self.pair, self._of(other).pair))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> DoubleDouble:
        return DoubleDouble(*divide(self.pair, self._of(other).pair))

    def __rtruediv__(self, other: Any) -> DoubleDouble:
        return self._of(other) / self

    def __getitem__(self, key: Any) -> DoubleDouble:
        return DoubleDouble(self.hi[key], self.lo[key])

    def __ge__(self, other: float) -> NDArray[np.bool_]:
        return (self.hi > other) | ((self.hi == other) & (self.lo >= 0))

    def __lt__(self, other: float) -> NDArray[np.bool_]:
        return ~(self >= other)

    def __eq__(self, other: object) -> Any:
        return (self.hi == other) & (self.lo == 0)

    def exp(self) -> DoubleDouble:
        """e^x; NaN from 2^1022 on, and 2^-1022 stands for everything below it."""
        parts = exp_parts(self.pair)
        m, scale = parts.combined(), _scale(parts.k)
        return DoubleDouble(m.hi * scale, m.lo * scale)

    def expm1(self) -> DoubleDouble:
        """e^x - 1, to 128 units; NaN from 2^1022 on.

        (2^k·t - 1) + 2^k·t·p with the series exact to r^4. If the first term is not exactly 0, the
        result is at least 2^-11.6: 2^-107 of t make 97 units of it, 2^-115 of p none.
        """
        k, t, p = exp_parts(self.pair, exact_terms=4)
        scale = _scale(k)
        t = Pair(t.hi * scale, t.lo * scale)
        return DoubleDouble(*add(add_float(t, np.array(-1.0)), multiply(t, p)))

    def tanh(self) -> tuple[DoubleDouble, int]:
        """tanh x = m/(m + 2) with m = e^2x - 1: 128 units for m, at most 129 for m + 2."""
        m = (2 * self).expm1()
        y = m / (m + 2)
        return DoubleDouble(np.copysign(y.hi, self.hi), y.lo), 280  # zero keeps its sign

    def select(self, condition: NDArray[np.bool_], other: Any, *, swap: bool) -> DoubleDouble:
        """`where(condition, self, other)`, or with the two exchanged."""
        other = self._of(other)
        a, b = (other, self) if swap else (self, other)
        return DoubleDouble(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))

    def product(self, other: Any, units: Any) -> tuple[DoubleDouble, Any]:
        """self·other and its error, given that of self: 0 + 0 where one-word factors make it exact.

        An inexact factor that may have lost bits to underflow is not to be trusted at all.
        """
        other = self._of(other)
        p = self * other
        p.hi = np.where(p.hi == 0, self.hi * other.hi, p.hi)  # the sign of an exact zero
        safe = (np.abs(p.hi) >= SAFE_MIN) | (self.hi == 0) | (other.hi == 0)
        own = np.where((self.lo == 0) & (other.lo == 0) & safe, 0, 8)
        lost = (np.abs(self.hi) < SAFE_MIN) & np.not_equal(units, 0)
        return p, np.where(lost, np.inf, units + own)

    def magnitude(self) -> Float64:
        """|x| as float64, to 2^-52."""
        return np.abs(self.hi)

    def to_float(self) -> Float64:
        """The nearest float64."""
        return self.hi

    def settle(self, units: Any, fmt: Format) -> tuple[Float64, NDArray[np.bool_]]:
        """Float64 results and where they are certain, given a bound in units.

        Bounds are widened by 1/4, at least two units, for the roundings made here.
        """
        size = np.abs(self.hi)
        ratio = units * (1.25 * UNIT)
        error = size * ratio
        safe = ((size >= SAFE_MIN) & (size <= SAFE_MAX) & (ratio < 1)) | np.equal(units, 0)
        if fmt is FLOAT64:
            lower, upper = self.hi + (self.lo - error), self.hi + (self.lo + error)
        else:
            lower, upper = (_round_pair(self.hi, self.lo + e, fmt) for e in (-error, error))
        return np.copysign(lower, self.hi), (lower == upper) & safe


def _round_pair(hi: Float64, lo: Float64, fmt: Format) -> Float64:
    s = fast_two_sum(hi, lo)
    m, exponent = np.frexp(s.hi)
    return fmt.round_pair(m, np.ldexp(s.lo, -exponent), exponent.astype(np.int64))
