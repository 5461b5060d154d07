"""Double-double arithmetic on arrays: the unevaluated sum hi + lo of two float64, 106 bits.

One operation (+ - * /) errs by at most 1 unit = 2^-102 relative to its result as long as results
lie in [2^-900, 2^1000]: below, lo loses bits to underflow. `settle` leaves results outside
[2^-800, 2^1000] to the wide tier: what was lost below 2^-900 on the way stays below them, parameters
being in [2^-50, 2^50] here.
"""

from __future__ import annotations

from fractions import Fraction
from math import frexp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.constants import Constant
from refacts.arithmetic.elementary import Elementary
from refacts.arithmetic.exactness import UNIT, Exactness
from refacts.arithmetic.exponential import exp_parts
from refacts.arithmetic.pairs import (
    Pair,
    add,
    add_float,
    divide,
    fast_two_sum,
    multiply,
    square_root,
    two_product,
    two_sum,
    words_of,
)
from refacts.formats import FLOAT64, Float64, Format

SAFE_MIN, SAFE_MAX = 2.0**-800, 2.0**1000


def power_of_two(k: NDArray[np.int64]) -> Float64:
    """2^k for k in [-1022, 1023]."""
    return ((k + 1023) << 52).view(np.float64)


def _scale(k: NDArray[np.int64]) -> Float64:
    """2^k; 2^-1022 for less, NaN for more than float64 is good for."""
    scale = power_of_two(np.minimum(np.maximum(k, -1022), 1023))
    if (k > 1022).any():
        scale[k > 1022] = np.nan
    return scale


class DoubleDouble(Elementary, Exactness):
    """An array of double-doubles with operators; mixes with Python numbers and float64 arrays."""

    __slots__ = ("hi", "lo")
    __array_ufunc__ = None  # float64 array + DoubleDouble is ours to compute
    name = "double-double"
    held = True
    unit = UNIT

    @staticmethod
    def underflow(reach: Float64, n: int, mixed: object) -> Float64:
        """Bound, in units, on what a sum of n products of exp and |h| <= 2·reach loses below 2^-1000."""
        return (reach * (2.0 * n) + 1) * (2.0**-998 / UNIT)

    @staticmethod
    def exp_units(depth: float) -> int:
        """The error of exp of a `difference`."""
        return 8

    def __init__(self, hi: Float64, lo: Float64):
        self.hi, self.lo = hi, lo

    @classmethod
    def lift(cls, x: Float64) -> DoubleDouble:
        """Float64 `x`, exactly."""
        return cls(x, np.zeros_like(x))

    @classmethod
    def constant(cls, c: float | Fraction | Constant) -> DoubleDouble:
        """A number: a float exactly, others to 1 unit."""
        hi, lo, held = (*c.words, False) if isinstance(c, Constant) else words_of(Fraction(c))
        return (cls if held else _Unheld)(np.array(hi), np.array(lo))

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
        if isinstance(other, (int, float)) and abs(frexp(other)[0]) == 0.5:  # a power of two scales exactly
            return DoubleDouble(self.hi * other, self.lo * other)
        return DoubleDouble(*multiply(self.pair, self._of(other).pair))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> DoubleDouble:
        return DoubleDouble(*divide(self.pair, self._of(other).pair))  # keeps the sign of a zero

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

    def expm1(self) -> tuple[DoubleDouble, int]:
        """e^x - 1, to 128 units; NaN from 2^1022 on.

        (2^k·t - 1) + 2^k·t·p with the series exact to r^4. If the first term is not exactly 0, the
        result is at least 2^-11.6: 2^-107 of t make 97 units of it, 2^-115 of p none.
        """
        k, t, p = exp_parts(self.pair, exact_terms=4)
        scale = _scale(k)
        t = Pair(t.hi * scale, t.lo * scale)
        return DoubleDouble(*add(add_float(t, np.array(-1.0)), multiply(t, p))), 128

    def sqrt(self) -> DoubleDouble:
        """The square root, to 1 unit; NaN of 0."""
        return DoubleDouble(*square_root(self.pair))

    def to_pair(self) -> Pair:
        """The two words."""
        return self.pair

    @classmethod
    def of_pair(cls, p: Pair) -> DoubleDouble:
        """The number with these words."""
        return cls(*p)

    def signed_like(self, other: DoubleDouble) -> DoubleDouble:
        """Itself with the sign of another, also where it is 0."""
        return DoubleDouble(np.copysign(self.hi, other.hi), self.lo)

    def select(self, condition: NDArray[np.bool_], other: Any, *, swap: bool) -> DoubleDouble:
        """`where(condition, self, other)`, or with the two exchanged."""
        other = self._of(other)
        a, b = (other, self) if swap else (self, other)
        return DoubleDouble(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))

    def whole(self) -> NDArray[np.bool_]:
        """Where no bits can have been lost to under- or overflow."""
        size = np.abs(self.hi)
        whole: NDArray[np.bool_] = (size >= SAFE_MIN) & (size <= SAFE_MAX)
        return whole

    def with_words(self, p: Pair, other: Any = None) -> DoubleDouble:
        """The number with these words."""
        return DoubleDouble(*p)

    def merged(self, condition: NDArray[np.bool_], other: Any, merge: Any) -> DoubleDouble:
        """What has self where the condition holds, in order, and other elsewhere."""
        other = self._of(other)
        return DoubleDouble(merge(condition, self.hi, other.hi), merge(condition, self.lo, other.lo))

    def quotient(self, divisor: int, units: Any) -> tuple[DoubleDouble, Any]:
        """self/divisor for a small integer, and its error: that of self where no remainder is left."""
        q = self / divisor
        back, lower = (two_product(word, np.asarray(float(divisor))) for word in (q.hi, q.lo))
        rest = two_sum(self.hi - back.hi, -back.lo)  # the difference is exact: the two are neighbours
        left = two_sum(rest.hi, self.lo)
        none = (left.hi == lower.hi) & (rest.lo == 0) & (left.lo == 0) & (lower.lo == 0)
        none &= self.whole() | (self.hi == 0)
        q.hi = np.copysign(q.hi, self.hi)
        return q, units + np.where(none, 0, 1)

    def tiny(self, below: float) -> NDArray[np.bool_]:
        """|x| < below."""
        return np.abs(self.hi) < below

    small = tiny

    def clamped(self, limit: float) -> DoubleDouble:
        """x, or the nearer of ±limit where x lies beyond."""
        hi = np.minimum(np.maximum(self.hi, -limit), limit)
        return DoubleDouble(hi, np.where(hi == self.hi, self.lo, 0.0))

    def magnitude(self) -> Float64:
        """|x| as float64, to 2^-52."""
        return np.abs(self.hi)

    def to_float(self) -> Float64:
        """The nearest float64."""
        return self.hi

    def settle(self, units: Any, fmt: Format) -> tuple[Float64, NDArray[np.bool_]]:
        """Float64 results and where they are certain, given a bound in units.

        Bounds are widened by 1/4, at least two units, for the roundings made here. Words outside the safe
        range are trusted only where they are one finite word that is exact.
        """
        ratio = units * (1.25 * UNIT)
        error = np.abs(self.hi) * ratio
        exact_word = np.equal(units, 0) & (self.lo == 0) & np.isfinite(self.hi)
        safe = (self.whole() & np.isfinite(self.lo) & (ratio < 1)) | exact_word
        if fmt is FLOAT64:
            lower, upper = self.hi + (self.lo - error), self.hi + (self.lo + error)
        else:
            lower, upper = (_round_pair(self.hi, self.lo + e, fmt) for e in (-error, error))
        return np.copysign(lower, self.hi), (lower == upper) & safe


class _Unheld(DoubleDouble):
    """A constant that two words do not hold exactly."""

    __slots__ = ()
    held = False


def _round_pair(hi: Float64, lo: Float64, fmt: Format) -> Float64:
    s = fast_two_sum(hi, lo)
    m, exponent = np.frexp(s.hi)
    return fmt.round_pair(m, np.ldexp(s.lo, -exponent), exponent.astype(np.int64))
