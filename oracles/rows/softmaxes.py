"""The activations made of softmax's shares s_k: their values, Jacobians and products with them.

With p the shares of -x, c = 1 where i = j and 0 elsewhere, m the sum of s_j g_j:

              softmax              softmin              log_softmax           logsumexp
    value     s_i                  p_i                  x_i - log sum e^x_j   log sum e^x_j
    J_ij      s_i (c - s_j)        -p_i (c - p_j)       c - s_j               s_j
    vjp_k     s_k (g_k - m)        -p_k (g_k - m)       g_k - s_k sum g_i     g s_k
    jvp_i     s_i (g_i - m)        -p_i (g_i - m)       g_i - m               m

softmin is given -x for its row, and in its m the p_j take the place of the s_j. An entry that does
not weigh has the share 0, and what it yields is exact.
"""

from __future__ import annotations

import math
from fractions import Fraction

from refacts.oracles.numbers.formats import Format
from refacts.oracles.numbers.rounding import Exact, rational, special
from refacts.oracles.rows.row import Cotangent, Row, on_one_scale, once
from refacts.oracles.rows.shares import Shares, Split

ZERO, ONE = Fraction(0), Fraction(1)


class _OfShares:
    masked = 0.0  # the value at a masked entry
    reduces = False  # to one result
    negates = False  # takes -x for its row

    def __init__(self, row: Row, cotangent: Cotangent, fmt: Format) -> None:
        self.row, self.cotangent, self.fmt = row, cotangent, fmt

    @once
    def shares(self) -> Shares:
        return Shares(self.row.counts, self.fmt)

    @once
    def mean(self) -> Split:
        """The sum of s_j g_j."""
        x, counts, top = self.row.x, self.shares.counts, self.shares.top
        integers, unit = on_one_scale(self.cotangent.g[k] for k in self.row.weighing)
        sums = dict.fromkeys(counts, 0)
        for k, integer in zip(self.row.weighing, integers, strict=True):
            sums[x[k]] += integer
        apart = {a: total * counts[top] - sums[top] * counts[a] for a, total in sums.items()}
        unit /= counts[top]
        return Split(sums[top] * unit, ONE, self.shares.sum_below(apart, unit))

    def apart(self, number: float, sign: int = 1) -> Split:
        """sign * (number - mean)."""
        return Split(sign * (Fraction(number) - self.mean.limit), Fraction(-sign), self.mean.rest)

    def undefined(self, quantity: str) -> float:
        """What an undefined row yields where it is not masked."""
        return math.nan


class Softmax(_OfShares):
    """``orientation`` is the sign of J_ii."""

    orientation = 1

    def value(self, i: int) -> Exact:
        """s_i."""
        if not self.row.weighs[i]:
            return special(0.0, self.fmt)
        return self.shares.rounded(self.shares.share(self.row.x[i], ZERO, ONE))

    def slope(self, i: int, j: int) -> Exact:
        """J_ij."""
        if not (self.row.weighs[i] and self.row.weighs[j]):
            return special(0.0, self.fmt)
        sign = Fraction(self.orientation)
        other = self.shares.share(self.row.x[j], sign if i == j else ZERO, -sign)
        return self.shares.product(self.row.x[i], other)

    def sign(self, i: int, j: int) -> int:
        """The sign of J_ij."""
        if not (self.row.weighs[i] and self.row.weighs[j]):
            return 0
        return -self.orientation if i != j else 0 if self.row.alone else self.orientation

    def vjp(self, k: int) -> Exact:
        """The sum of g_i J_ik."""
        if not self.row.weighs[k]:
            return special(0.0, self.fmt)
        return self.shares.product(self.row.x[k], self.apart(self.cotangent.g[k], self.orientation))

    jvp = vjp


class Softmin(Softmax):
    """Softmax of -x."""

    orientation = -1
    negates = True


class LogSoftmax(_OfShares):
    """The logarithms of the shares."""

    masked = -math.inf

    def value(self, i: int) -> Exact:
        """log s_i."""
        if not self.row.weighs[i]:
            return special(-math.inf, self.fmt)
        return self.shares.log_total(Fraction(self.row.x[i]) - Fraction(self.shares.top), -1)

    def slope(self, i: int, j: int) -> Exact:
        """J_ij."""
        return self._less_share(j, Fraction(i == j), ONE)

    def sign(self, i: int, j: int) -> int:
        """The sign of J_ij."""
        weighs = self.row.weighs[j]
        return int(not (weighs and self.row.alone)) if i == j else -int(weighs)

    def vjp(self, k: int) -> Exact:
        """The sum of g_i J_ik."""
        return self._less_share(k, Fraction(self.cotangent.g[k]), self._sum)

    def jvp(self, i: int) -> Exact:
        """The sum of J_ij g_j."""
        return self.shares.rounded(self.apart(self.cotangent.g[i]))

    @once
    def _sum(self) -> Fraction:
        return self.cotangent.total()

    def _less_share(self, k: int, number: Fraction, factor: Fraction) -> Exact:
        if not self.row.weighs[k]:
            return rational(number, self.fmt)
        return self.shares.rounded(self.shares.share(self.row.x[k], number, -factor))


class LogSumExp(_OfShares):
    """The logarithm of the sum of powers; its one result has no index."""

    reduces = True

    def undefined(self, quantity: str) -> float:
        """The value is what the largest entry makes it."""
        if quantity != "value" or self.row.nan:
            return math.nan
        return math.inf if self.row.infinite else -math.inf

    def value(self, i: int) -> Exact:
        """log sum e^x_j."""
        if not self.row.weighing:
            return special(-math.inf, self.fmt)
        return self.shares.log_total(Fraction(self.shares.top), 1)

    def slope(self, i: int, j: int) -> Exact:
        """The gradient."""
        return self._share(j, ONE)

    def sign(self, i: int, j: int) -> int:
        """That of the gradient."""
        return int(self.row.weighs[j])

    def vjp(self, k: int) -> Exact:
        """g s_k."""
        return self._share(k, Fraction(self.cotangent.g[0]))

    def jvp(self, i: int) -> Exact:
        """The sum of s_j g_j."""
        return self.shares.rounded(self.mean) if self.row.weighing else special(0.0, self.fmt)

    def _share(self, k: int, factor: Fraction) -> Exact:
        if not self.row.weighs[k]:
            return special(0.0, self.fmt)
        return self.shares.rounded(self.shares.share(self.row.x[k], ZERO, factor))
