"""Sparsemax, the Euclidean projection on the simplex, in rational numbers."""

from __future__ import annotations

import math
from fractions import Fraction

from refacts.oracles.numbers.formats import Format
from refacts.oracles.numbers.rounding import Exact, rational
from refacts.oracles.rows.row import Cotangent, Row, on_one_scale, once


class Sparsemax:
    """x_i - threshold in the support, 0 elsewhere; J_ij = [i is j] - 1 / size for both in it."""

    masked = 0.0
    reduces = False
    negates = False

    def __init__(self, row: Row, cotangent: Cotangent, fmt: Format) -> None:
        self.row, self.cotangent, self.fmt = row, cotangent, fmt

    @once
    def _solved(self) -> tuple[set[int], Fraction]:
        """The support and the threshold (Martins and Astudillo 2016, algorithm 1).

        Only what is less than 1 below the largest x can be in the support.
        """
        x = self.row.x
        top = max(x[k] for k in self.row.weighing)
        order = sorted((k for k in self.row.weighing if top - x[k] <= 1), key=lambda k: -x[k])
        integers, unit = on_one_scale(x[k] for k in order)
        total, one, size = 0, int(1 / unit), 0
        for integer in integers:
            if one + size * integer <= total:
                break
            total, size = total + integer, size + 1
        return set(order[:size]), (total - one) * unit / size

    @property
    def support(self) -> set[int]:
        """Where the value is positive."""
        return self._solved[0]

    @once
    def _mean(self) -> Fraction:
        integers, unit = on_one_scale(self.cotangent.g[k] for k in self.support)
        return sum(integers) * unit / len(integers)

    def undefined(self, quantity: str) -> float:
        """What an undefined row yields where it is not masked."""
        return math.nan

    def value(self, i: int) -> Exact:
        """The projection."""
        inside = i in self.support
        return rational(Fraction(self.row.x[i]) - self._solved[1] if inside else Fraction(0), self.fmt)

    def slope(self, i: int, j: int) -> Exact:
        """J_ij."""
        return rational(self._slope(i, j), self.fmt)

    def _slope(self, i: int, j: int) -> Fraction:
        inside = i in self.support and j in self.support
        return (i == j) - Fraction(1, len(self.support)) if inside else Fraction(0)

    def sign(self, i: int, j: int) -> int:
        """The sign of J_ij."""
        slope = self._slope(i, j)
        return (slope > 0) - (slope < 0)

    def vjp(self, k: int) -> Exact:
        """The sum of g_i J_ik."""
        inside = k in self.support
        return rational(Fraction(self.cotangent.g[k]) - self._mean if inside else Fraction(0), self.fmt)

    jvp = vjp
