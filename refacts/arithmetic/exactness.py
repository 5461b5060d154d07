"""What double-double and its wide variant know of their own errors: where they are exact, and ties."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from refacts.arithmetic.pairs import LEAST_STEP, Pair, beside, two_product
from refacts.formats import Float64

UNIT = 2.0**-102
LEAST = 5e-324


class Exactness:
    """Operations on numbers of two words, `hi` and `lo`, that return their error in units as well."""

    __slots__ = ()
    hi: Float64
    lo: Float64

    @classmethod
    def _of(cls, other: Any) -> Any:
        """A number or an array in this arithmetic."""
        raise NotImplementedError

    def whole(self) -> Any:
        """Where no bits can have been lost to underflow."""
        raise NotImplementedError

    def with_words(self, p: Pair, other: Any = None) -> Any:
        """What these words stand for in the place of this number's, or of its product with another."""
        raise NotImplementedError

    def product(self, other: Any, units: Any) -> tuple[Self, Any]:
        """self·other and its error, given that of self: 0 where one-word factors make it exact.

        With a pair good to less than a unit and one word, what makes a tie none is not lost. An inexact
        factor that may have lost bits to underflow is not to be trusted at all.
        """
        this: Any = self
        other = self._of(other)
        p = this * other
        safe = p.whole() | (self.hi == 0) | (other.hi == 0)
        own = np.where((self.lo == 0) & (other.lo == 0) & safe, 0, 8)
        exact = np.less(units, 1) & (self.lo != 0) & (other.lo == 0) & safe
        if exact.any():
            low = self.lo * other.hi
            least = np.where(other.hi == 0, 0.0, LEAST)  # the sign of what underflows
            near, error = beside(
                two_product(self.hi, other.hi), np.copysign(np.maximum(np.abs(low), least), low)
            )
            p = self.with_words(near, other).select(exact, p, swap=False)
            own = np.where(exact, error / UNIT, own)
        nothing = p.hi == 0
        if nothing.any():
            p.hi = np.where(nothing, self.hi * other.hi, p.hi)  # the sign of an exact zero
            nothing &= (self.hi != 0) & (other.hi != 0)
            if nothing.any():  # and of what underflows, which is not 0
                p.hi = np.where(nothing, np.copysign(LEAST, p.hi), p.hi)
        lost = ~self.whole() & np.not_equal(units, 0)
        rest = 0.0 if this.held and other.held else 2.0**-5  # of a constant, beyond its two words
        return p, np.where(lost, np.inf, units + own + rest)

    def added(self, other: Any, units: Any) -> tuple[Self, Any]:
        """self + other and its error given that of self: 0 where one-word terms make it exact.

        What lies more than 2^300 below the other term is as good as exact: its sign alone counts.
        """
        this: Any = self
        other = self._of(other)
        y = this + other
        lost = (this.magnitude() * (units + 1.0) + other.magnitude()) / y.magnitude()
        lost = lost if isinstance(lost, np.ndarray) else lost.to_float()
        return y, np.where((self.lo == 0) & (other.lo == 0) & np.equal(units, 0), 0, lost + 1)

    def nudged(self, by: Any, units: Any, x: Any) -> tuple[Self, Any]:
        """See `refacts.arithmetic.nudged`; nothing is known of what may have underflowed."""
        step = np.copysign(np.where(by == 0, 0.0, np.maximum(np.abs(by), LEAST_STEP)), by)
        p, error = beside(Pair(self.hi, self.lo), self.hi * step)
        return self.with_words(p), np.where(self.whole() | (x.hi == 0), units + error / UNIT, np.inf)

    def leant(self, by: Any, x: Any) -> tuple[Self, Any]:
        """See `refacts.arithmetic.leant`."""
        this: Any = self
        step = np.where(by == 0, 0.0, np.copysign(np.maximum(np.abs(by), 2.0**-90), by))
        return this * (1 + this.lift(step)), np.where(self.whole() | (x.hi == 0), 0, np.inf)
