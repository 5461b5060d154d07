"""Double-double arithmetic with an exponent of its own: (hi + lo)·2^exponent, never under- or overflowing.

Same units as plain double-double (2^-102, 1 an operation), with no limits on results. Slower; used
where double-double is not safe or leaves a result open.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import frexp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import pairs
from refacts.arithmetic.constants import Constant
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.elementary import Elementary
from refacts.arithmetic.exactness import UNIT, Exactness
from refacts.arithmetic.exponential import ExpParts, exp_parts
from refacts.arithmetic.pairs import Pair
from refacts.formats import Float64, Format

Exponent = NDArray[np.int64]
ZERO_EXPONENT = -(2**40)  # of 0: below every other


def _shifted(m: Pair, by: Exponent) -> Pair:
    shift = np.clip(by, -300, 300).astype(np.intc)  # 2^-300 is far below a unit
    return Pair(np.ldexp(m.hi, shift), np.ldexp(m.lo, shift))


class Wide(Elementary, Exactness):
    """An array of reals hi + lo times a power of two; 1/2 <= |hi| < 1 unless it is 0."""

    __slots__ = ("exponent", "hi", "lo")
    __array_ufunc__ = None
    name = "wide"
    held = True
    unit = UNIT

    @classmethod
    def underflow(cls, reach: Float64, n: int, mixed: Callable[[], NDArray[np.bool_]]) -> Wide:
        """Bound, in units, on what a sum of n products of exp and |h| <= 2·reach loses to saturation.

        That rounds to 0: nothing is lost but the sign, and that only where the h have `mixed` signs.
        """
        lost = cls.of(Pair(np.array(0.5), np.array(0.0)), n.bit_length() - 4000 + 105)
        return cls.lift(np.where(mixed(), reach, 0.0)) * lost

    @staticmethod
    def exp_units(depth: float) -> int:
        """The error of exp of a `difference`."""
        return 8

    def __init__(self, hi: Float64, lo: Float64, exponent: Exponent):
        self.hi, self.lo, self.exponent = hi, lo, exponent

    @classmethod
    def of(cls, m: Pair, exponent: Exponent | int = 0) -> Wide:
        """m·2^exponent, normalised."""
        hi, e = np.frexp(m.hi)
        total: Exponent = np.where(hi == 0, ZERO_EXPONENT, exponent + e.astype(np.int64))
        return cls(hi, np.ldexp(m.lo, -e), total)

    @classmethod
    def lift(cls, x: Float64) -> Wide:
        """Float64 `x`, exactly."""
        return cls.of(Pair(x, np.zeros_like(x)))

    @classmethod
    def constant(cls, c: float | Fraction | Constant) -> Wide:
        """A number: a float exactly, others to 1 unit."""
        if isinstance(c, Constant):
            return cls.of(Pair(*map(np.array, c.words)))
        q = Fraction(c)
        scale = q.numerator.bit_length() - q.denominator.bit_length()
        hi, lo, held = pairs.words_of(q / Fraction(2) ** scale)
        return (cls if held else _Unheld).of(Pair(np.array(hi), np.array(lo)), scale)

    @classmethod
    def difference(cls, a: Float64, b: Float64) -> Wide:
        """a - b of float64 arrays, exactly."""
        size = np.maximum(np.abs(a), np.abs(b))
        shift = np.where(size > 2.0**1000, -2, np.where(size < 2.0**-900, 100, 0))  # no over- or underflow
        s = pairs.two_sum(np.ldexp(a, shift), -np.ldexp(b, shift))
        return cls.of(s, -shift.astype(np.int64))

    @classmethod
    def _of(cls, other: Any) -> Wide:
        return other if isinstance(other, Wide) else cls.lift(np.asarray(other, np.float64))

    @property
    def mantissa(self) -> Pair:
        """The two words."""
        return Pair(self.hi, self.lo)

    def __neg__(self) -> Wide:
        return Wide(-self.hi, -self.lo, self.exponent)

    def __abs__(self) -> Wide:
        return Wide(np.abs(self.hi), np.where(self.hi < 0, -self.lo, self.lo), self.exponent)

    def __add__(self, other: Any) -> Wide:
        b = self._of(other)
        top = np.maximum(self.exponent, b.exponent)
        m = pairs.add(_shifted(self.mantissa, self.exponent - top), _shifted(b.mantissa, b.exponent - top))
        return Wide.of(m, top)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Wide:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Wide:
        return -self + other

    def __mul__(self, other: Any) -> Wide:
        if isinstance(other, (int, float)) and abs(frexp(other)[0]) == 0.5:  # keeps the sign of a zero
            return Wide.of(Pair(self.hi * other, self.lo * other), self.exponent)
        b = self._of(other)
        return Wide.of(pairs.multiply(self.mantissa, b.mantissa), self.exponent + b.exponent)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Wide:
        b = self._of(other)
        return Wide.of(pairs.divide(self.mantissa, b.mantissa), self.exponent - b.exponent)

    def __rtruediv__(self, other: Any) -> Wide:
        return self._of(other) / self

    def __getitem__(self, key: Any) -> Wide:
        return Wide(self.hi[key], self.lo[key], self.exponent[key])

    def __ge__(self, other: float) -> NDArray[np.bool_]:
        return (self - other).hi >= 0

    def __lt__(self, other: float) -> NDArray[np.bool_]:
        return (self - other).hi < 0

    def __eq__(self, other: object) -> Any:
        return (self - other).hi == 0

    def exp(self) -> Wide:
        """e^x; e^-2800 stands for everything below it: it rounds to 0 after any scaling."""
        parts = self._exp_parts(3)
        return Wide.of(parts.combined(), parts.k)

    def _exp_parts(self, exact_terms: int) -> ExpParts:
        return exp_parts(self.to_pair(), exact_terms)

    def expm1(self) -> tuple[Wide, int]:
        """e^x - 1, to 128 units as in double-double; x itself below 2^-110."""
        k, t, p = self._exp_parts(4)
        t_wide = Wide.of(t, k)
        m = (t_wide - 1) + t_wide * Wide.of(p)
        return self.select(self.exponent < -110, m, swap=False), 128

    def sqrt(self) -> Wide:
        """The square root, to 1 unit; NaN of 0."""
        half = self.exponent >> 1
        return Wide.of(pairs.square_root(_shifted(self.mantissa, self.exponent - 2 * half)), half)

    def log1p(self) -> Wide:
        """log(1 + x) for x in [0, 2^1000), to 8 units; x itself below 2^-110."""
        return self.select(self.exponent < -110, Elementary.log1p(self), swap=False)

    def to_pair(self) -> Pair:
        """The number as a pair; 0 where it is below 2^-1000."""
        by = np.clip(self.exponent, -2000, 1000).astype(np.intc)
        return Pair(np.ldexp(self.hi, by), np.ldexp(self.lo, by))

    @classmethod
    def of_pair(cls, p: Pair) -> Wide:
        """The number that a pair stands for."""
        return cls.of(p)

    def signed_like(self, other: Wide) -> Wide:
        """Itself with the sign of another, also where it is 0."""
        return Wide(np.copysign(self.hi, other.hi), self.lo, self.exponent)

    def select(self, condition: NDArray[np.bool_], other: Any, *, swap: bool) -> Wide:
        """`where(condition, self, other)`, or with the two exchanged."""
        other = self._of(other)
        a, b = (other, self) if swap else (self, other)
        words = ((a.hi, b.hi), (a.lo, b.lo), (a.exponent, b.exponent))
        return Wide(*(np.where(condition, this, that) for this, that in words))

    def whole(self) -> NDArray[np.bool_]:
        """Where no bits can have been lost to underflow: everywhere."""
        return np.ones(np.shape(self.hi), np.bool_)

    def with_words(self, p: Pair, other: Any = None) -> Wide:
        """These words at the exponent of this number, or of its product with another."""
        return Wide.of(p, self.exponent if other is None else self.exponent + other.exponent)

    def merged(self, condition: NDArray[np.bool_], other: Any, merge: Any) -> Wide:
        """What has self where the condition holds, in order, and other elsewhere."""
        other = self._of(other)
        words = ((self.hi, other.hi), (self.lo, other.lo), (self.exponent, other.exponent))
        return Wide(*(merge(condition, this, that) for this, that in words))

    def quotient(self, divisor: int, units: Any) -> tuple[Wide, Any]:
        """self/divisor for a small integer, and its error: that of self where no remainder is left."""
        q, own = DoubleDouble(self.hi, self.lo).quotient(divisor, units)
        return Wide.of(q.pair, self.exponent), own

    def tiny(self, below: float) -> NDArray[np.bool_]:
        """|x| < below, a power of two."""
        return self.exponent < np.frexp(below)[1]

    small = tiny

    def clamped(self, limit: float) -> Wide:
        """x, or the nearer of ±limit where x lies beyond."""
        return self.select(abs(self) < limit, np.copysign(limit, self.hi), swap=False)

    def magnitude(self) -> Wide:
        """|x|."""
        return abs(self)

    def to_float(self) -> Float64:
        """The nearest float64 in magnitude up to 2^1000, and down to 2^-1000."""
        return np.ldexp(self.hi, np.clip(self.exponent, -1000, 1000).astype(np.intc))

    def settle(self, units: Any, fmt: Format) -> tuple[Float64, NDArray[np.bool_]]:
        """Results in `fmt` and where they are certain, given a bound in units (< 2^102).

        Bounds are widened by 1/4, at least two units, for the roundings made here.
        """
        ratio = units * (1.25 * UNIT)
        error = np.abs(self.hi) * ratio
        ends = [Wide.of(pairs.fast_two_sum(self.hi, self.lo + e), self.exponent) for e in (-error, error)]
        lower, upper = (fmt.round_pair(e.hi, e.lo, e.exponent) for e in ends)
        finite = np.isfinite(self.hi) & np.isfinite(self.lo)
        return fmt.signed(lower, self.hi), fmt.certain(lower, upper, ratio) & finite


class _Unheld(Wide):
    """A constant that two words do not hold exactly."""

    __slots__ = ()
    held = False
