"""Double-double arithmetic on arrays: the unevaluated sum hi + lo of two float64, 106 bits.

One operation (+ - * /) errs by at most 1 unit = 2^-102 relative to its result, an elementary
function by at most 8, as long as results lie in [2^-900, 2^1000]: below, lo loses bits to
underflow, and `settle` leaves them to the wide tier.
"""

from __future__ import annotations

from fractions import Fraction
from math import frexp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.exponential import exp_parts
from refacts.arithmetic.pairs import (
    Pair,
    add,
    add_float,
    divide,
    fast_two_sum,
    multiply,
    pair_of,
    two_sum,
)
from refacts.formats import FLOAT64, Float64, Format

UNIT = 2.0**-102
SAFE_MIN, SAFE_MAX = 2.0**-900, 2.0**1000


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
