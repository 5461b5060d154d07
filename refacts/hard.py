"""A line held within 0 and 1, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from refacts.arguments import float_from
from refacts.arithmetic import added, product, quotient, where

Number = float | Fraction
LARGEST_DIVISOR = 1 << 20


@dataclass(frozen=True)
class Ramp:
    """min(max(slope·x + offset, 0), 1) as (a·x + b)/divisor.

    The divisor is odd, and a and b are floats wherever the parameters are simple fractions such as
    1/6: then ties, which are frequent, are known to be exact.
    """

    slope: Number
    offset: Number

    @property
    def divisor(self) -> int:
        """The odd part of the common denominator, or 1 if it is large."""
        common = lcm(Fraction(self.slope).denominator, Fraction(self.offset).denominator)
        odd = common // (common & -common)
        return odd if odd < LARGEST_DIVISOR else 1

    @property
    def constants(self) -> tuple[Number, ...]:
        """The numbers a and b, as floats where they are."""
        scaled = [Fraction(q) * self.divisor for q in (self.slope, self.offset)]
        return tuple(float(q) if abs(q) < 2**1023 and Fraction(float(q)) == q else q for q in scaled)

    @property
    def kinks(self) -> tuple[Number, ...]:
        """Where the line meets 0 and 1, from left to right."""
        slope, offset = Fraction(self.slope), Fraction(self.offset)
        return tuple(sorted((-offset / slope, (1 - offset) / slope))) if slope else ()

    @property
    def ends(self) -> tuple[Number, Number]:
        """The values at -inf and inf."""
        if self.slope == 0:
            level = min(max(self.offset, 0.0), 1.0)
            return level, level
        return (0.0, 1.0) if self.slope > 0 else (1.0, 0.0)

    def _pieces(self, x: Any, left: Any, middle: tuple[Any, Any], right: Any) -> tuple[Any, Any]:
        y, units = middle
        first, last = map(float_from, self.kinks)
        return (
            where(x >= last, right, where(x >= first, y, left)),
            where(x >= last, 0, where(x >= first, units, 0)),
        )

    def value(self, x: Any, a: Any, b: Any) -> tuple[Any, Any]:
        """The value: 0, the line, 1 from left to right, or the other way round."""
        if self.slope == 0:
            if 0 < self.offset < 1:
                return quotient(product(b, 1), self.divisor)
            end = int(self.offset > 0)
            return where(x >= 0, end, end), 0
        ax, ax_units = product(a, x)
        line = added(ax, b, ax_units)
        left, right = (int(end) for end in self.ends)
        return self._pieces(x, left, quotient(line, self.divisor), right)

    def derivative(self, x: Any, a: Any, b: Any) -> tuple[Any, Any]:
        """The slope from the left kink on, up to the right one, else 0."""
        if self.slope == 0:
            return where(x >= 0, 0, 0), 0
        return self._pieces(x, 0, quotient(product(a, 1), self.divisor), 0)
