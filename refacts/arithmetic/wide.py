"""Double-double arithmetic with an exponent of its own: (hi + lo)·2^exponent, never under- or overflowing.

Same units as plain double-double (2^-102, 1 an operation, 8 an elementary function), with no
lower limit on results. Slower; used where double-double is not safe or leaves a result open.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import pairs
from refacts.arithmetic.double_double import UNIT
from refacts.arithmetic.exponential import ExpParts, exp_parts
from refacts.arithmetic.pairs import Pair
from refacts.formats import Float64, Format

Exponent = NDArray[np.int64]
ZERO_EXPONENT = -(2**40)  # of 0: below every other


def _shifted(m: Pair, by: Exponent) -> Pair:
    shift = np.clip(by, -300, 300).astype(np.intc)  # 2^-300 is far below a unit
    return Pair(np.ldexp(m.hi, shift), np.ldexp(m.lo, shift))


class Wide:
    """An array of reals hi + lo times a power of two; 1/2 <= |hi| < 1 unless it is 0."""

    __slots__ = ("exponent", "hi", "lo")
    __array_ufunc__ = None
    unit = UNIT

    @classmethod
    def underflow(cls, h: Wide) -> Wide:
        """Bound, in units, on what a sum of products of exp and h loses where exp saturates."""
        largest = h.exponent.max(-1, keepdims=True) + h.hi.shape[-1].bit_length()
        return cls(np.full(largest.shape, 0.5), np.zeros(largest.shape), largest - 2300 + 104)

    @classmethod
    def exp_units(cls, x: Wide) -> int:
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
    def constant(cls, c: float | Fraction) -> Wide:
        """A parameter: a float exactly, a Fraction to 1 unit."""
        q = Fraction(c)
        scale = q.numerator.bit_length() - q.denominator.bit_length()
        hi, lo = pairs.pair_of(q / Fraction(2) ** scale)
        return cls.of(Pair(np.array(hi), np.array(lo)), scale)

    @classmethod
    def difference(cls, a: Float64, b: Float64) -> Wide:
        """a - b of float64 arrays, exactly."""
        scale = 2.0**-2  # keeps the difference of two large numbers finite
        s = pairs.two_sum(a * scale, -b * scale)
        tiny = (np.abs(a) < 2.0**-900) & (np.abs(b) < 2.0**-900)  # scaled up, so that it is exact
        t = pairs.two_sum(a * (tiny * 2.0**100), -b * (tiny * 2.0**100))
        m = Pair(np.where(tiny, t.hi, s.hi), np.where(tiny, t.lo, s.lo))
        return cls.of(m, np.where(tiny, -100, 2))

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
        m = pairs.add(
            _shifted(self.mantissa, self.exponent - top), _shifted(b.mantissa, b.exponent - top)
        )
        return Wide.of(m, top)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Wide:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Wide:
        return -self + other

    def __mul__(self, other: Any) -> Wide:
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
        """e^x; e^-1600 stands for everything below it: it rounds to 0 after any scaling."""
        parts = self._exp_parts(3)
        return Wide.of(parts.combined(), parts.k)

    def _exp_parts(self, exact_terms: int) -> ExpParts:
        by = np.clip(self.exponent, -2000, 1000).astype(np.intc)
        return exp_parts(Pair(np.ldexp(self.hi, by), np.ldexp(self.lo, by)), exact_terms)

    def expm1(self) -> Wide:
        """e^x - 1, to 128 units as in double-double; x itself below 2^-110."""
        k, t, p = self._exp_parts(4)
        t_wide = Wide.of(t, k)
        m = (t_wide - 1) + t_wide * Wide.of(p)
        return self.select(self.exponent < -110, m, swap=False)

    def tanh(self) -> tuple[Wide, int]:
        """tanh x = m/(m + 2) with m = e^2x - 1, and its error in units, as in double-double."""
        m = (2 * self).expm1()
        y = m / (m + 2)
        return Wide(np.copysign(y.hi, self.hi), y.lo, y.exponent), 280  # zero keeps its sign

    def select(self, condition: NDArray[np.bool_], other: Any, *, swap: bool) -> Wide:
        """`where(condition, self, other)`, or with the two exchanged."""
        other = self._of(other)
        a, b = (other, self) if swap else (self, other)
        words = ((a.hi, b.hi), (a.lo, b.lo), (a.exponent, b.exponent))
        return Wide(*(np.where(condition, this, that) for this, that in words))

    def product(self, other: Any, units: Any) -> tuple[Wide, Any]:
        """self·other and its error, given that of self: 0 + 0 where one-word factors make it exact."""
        other = self._of(other)
        p = self * other
        p.hi = np.where(p.hi == 0, self.hi * other.hi, p.hi)  # the sign of an exact zero
        return p, units + np.where((self.lo == 0) & (other.lo == 0), 0, 8)

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
        ends = [
            Wide.of(pairs.fast_two_sum(self.hi, self.lo + e), self.exponent) for e in (-error, error)
        ]
        lower, upper = (fmt.round_pair(e.hi, e.lo, e.exponent) for e in ends)
        return np.copysign(lower, self.hi), (lower == upper) & (ratio < 1)
