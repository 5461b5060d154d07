"""Functions that double-double and its wide variant share, of both words alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Self

import numpy as np

from refacts.arithmetic.logarithm import log1p_pair
from refacts.arithmetic.mills_ratio import mills_pair
from refacts.arithmetic.pairs import Pair, fast_two_sum, multiply, words_of

POLYNOMIAL_PAIRS = 5  # coefficients with two words


class Elementary:
    """What needs no more than `to_pair`, `of_pair`, the operators and `expm1`."""

    __slots__ = ()

    def to_pair(self) -> Pair:
        """The number as a pair; 0 where it is below 2^-1000."""
        raise NotImplementedError

    @classmethod
    def of_pair(cls, p: Pair) -> Self:
        """The number that a pair stands for."""
        raise NotImplementedError

    def expm1(self) -> tuple[Any, int]:
        """e^x - 1 and its error in units."""
        raise NotImplementedError

    def signed_like(self, other: Any) -> Any:
        """Itself with the sign of another, also where it is 0."""
        raise NotImplementedError

    def tanh(self) -> tuple[Any, int]:
        """tanh x = m/(m + 2) with m = e^2x - 1: 128 units for m, at most 129 for m + 2."""
        itself: Any = self
        m, _ = (2 * itself).expm1()
        return (m / (m + 2)).signed_like(self), 280  # zero keeps its sign

    def log1p(self) -> Self:
        """log(1 + x) for x in [0, 2^1000), to 8 units."""
        return self.of_pair(log1p_pair(self.to_pair()))

    def mills(self) -> tuple[Self, int]:
        """Mills' ratio for x in [0, 70], and its error in units."""
        return self.of_pair(mills_pair(self.to_pair())), 1024

    def polynomial(self, coefficients: Sequence[Fraction]) -> Self:
        """The sum of c_n x^n; terms from n = POLYNOMIAL_PAIRS on are summed in one word."""
        x = self.to_pair()
        tail = np.full_like(x.hi, float(coefficients[-1]))
        for c in coefficients[-2 : POLYNOMIAL_PAIRS - 1 : -1]:
            tail *= x.hi
            tail += float(c)
        v = Pair(tail, np.zeros_like(tail))
        for c in coefficients[POLYNOMIAL_PAIRS - 1 :: -1]:
            hi, lo, _ = words_of(c)
            v = multiply(x, v)
            s = fast_two_sum(np.array(hi), v.hi)
            v = Pair(s.hi, s.lo + (v.lo + lo))
        return self.of_pair(v)
