"""The shares s_k = e^x_k / sum e^x_j of one row, and what is linear in them, each rounded once.

With ``top`` the largest x and ``count`` entries there, everything is divided by e^top, and a number
is split into a rational limit and a rest that vanishes as the other entries fall away from the top:

    sum e^(x_j - top)  = count + others
    s_k                = 1/count - others / (count total)        at the top, e^(x_k - top) / total below
    sum s_j g_j        = m + (sum n_a (mean of g at a - m) e^(a - top)) / total,     m the mean at the top

So nothing is lost to cancellation however small the rest is. Only such a limit can be a tie, and
then the sign of the rest decides; by Lindemann and Weierstrass nothing here is rational, with two
or more distinct x, but the limits with no rest. (Of a product s_i (limit + rest), e^x_i at the top,
likewise: times total^2 and with powers multiplied out, its extreme terms cannot all match.)

More than FAR below the top a rest is less than 2^-2200 of its limit: e^-4096 < 2^-5900, while two
sums of fewer than 2^40 float64 numbers differ by a factor of less than 2^2200.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from refacts.oracles.numbers.formats import FORMATS, Format
from refacts.oracles.numbers.precision import Precision
from refacts.oracles.numbers.real import Real
from refacts.oracles.numbers.rounding import Exact, beside, rational, settle
from refacts.oracles.rows.exponential_sums import ExponentialSum

FAR = 4096
ONE = Fraction(1)


class Split(NamedTuple):
    """The number limit + factor * rest / total."""

    limit: Fraction
    factor: Fraction
    rest: ExponentialSum


class Shares:
    """The shares of a row in which x = a occurs ``counts[a]`` times."""

    def __init__(self, counts: Mapping[float, int], fmt: Format) -> None:
        self.counts, self.fmt = counts, fmt
        self.top = max(counts)
        self.count = counts[self.top]
        self.others = self.sum_below({**counts, self.top: 0})
        self._powers: dict[float, ExponentialSum] = {}
        self._rounded: dict[tuple[float | None, Split], Exact] = {}

    def sum_below(self, coefficients: Mapping[float, int], unit: Fraction = ONE) -> ExponentialSum:
        """The sum of c_a e^(a - top)."""
        return ExponentialSum(coefficients, self.top, unit)

    def _is_far(self, rest: ExponentialSum) -> bool:
        return self.top - rest.lead > FAR

    def _power(self, a: float) -> ExponentialSum:
        if a not in self._powers:
            self._powers[a] = self.sum_below({a: 1})
        return self._powers[a]

    def _total(self, precision: Precision) -> Real:
        return self.others.real(precision) + self.count if self.others else precision.number(self.count)

    def share(self, a: float, limit: Fraction, factor: Fraction) -> Split:
        """limit + factor times the share of an entry at a."""
        if a != self.top:
            return Split(limit, factor, self._power(a))
        part = factor / self.count
        return Split(limit + part, -part, self.others)

    def rounded(self, number: Split) -> Exact:
        """Round the number."""
        return self._remembered(None, number)

    def product(self, a: float, number: Split) -> Exact:
        """Round the number times the share of an entry at a."""
        return self._remembered(a, number)

    def _remembered(self, a: float | None, number: Split) -> Exact:
        if (a, number) not in self._rounded:
            found = self._round(number) if a is None else self._round_product(a, number)
            self._rounded[a, number] = found
        return self._rounded[a, number]

    def _round(self, number: Split) -> Exact:
        limit, factor, rest = number
        if not factor or not rest:
            return rational(limit, self.fmt)
        if limit and self._is_far(rest):
            return self._beside(limit, lambda: _sign(rest.real) * (1 if factor > 0 else -1))
        return settle(lambda precision: self._real(number, precision), self.fmt, self._describe)

    def _round_product(self, a: float, number: Split) -> Exact:
        limit, factor, rest = number
        if not self.others:
            return rational(limit / self.count, self.fmt)
        if not limit and not (factor and rest):
            return rational(limit, self.fmt)
        if limit and a == self.top and self._is_far(self.others):
            return self._beside(limit / self.count, lambda: self._side_of_product(number))
        power = self._power(a)

        def evaluate(precision: Precision) -> Real:
            return power.real(precision) / self._total(precision) * self._real(number, precision)

        return settle(evaluate, self.fmt, self._describe)

    def _real(self, number: Split, precision: Precision) -> Real:
        limit = precision.number(number.limit)
        if not number.factor or not number.rest:
            return limit
        rest = number.rest.real(precision) * precision.number(number.factor)
        return limit + rest / self._total(precision)

    def _beside(self, limit: Fraction, side: Callable[[], float]) -> Exact:
        """Round what is next to a limit other than 0; as the limit itself if both sides are rounded alike."""
        below, above = (beside(limit, sign, self.fmt) for sign in (-1, 1))
        if below.rounded == above.rounded:
            return rational(limit, self.fmt)
        return above if side() > 0 else below

    def _side_of_product(self, number: Split) -> float:
        """The sign of (limit + factor rest / total) / total - limit / count.

        With L the limit and o the others, that is (count factor rest - L o (count + o)) / (count
        total^2); the coefficients of what is linear in powers are added up before it is evaluated.
        Where that equals the square to more than MAX_BITS bits, g made for it, it ends in an error.
        """
        limit, factor, rest = number
        unit = Fraction(1, math.lcm((factor * rest.unit).denominator, limit.denominator))
        own, shared = int(self.count * factor * rest.unit / unit), int(self.count * limit / unit)
        linear = self.sum_below(
            {a: own * rest.coefficients.get(a, 0) - shared * n for a, n in self.others.coefficients.items()}
        )

        def evaluate(precision: Precision) -> Real:
            square = -precision.number(limit / unit) * self.others.real(precision) ** 2
            return linear.real(precision) + square if linear else square

        return _sign(evaluate)

    def log_total(self, limit: Fraction, sign: int) -> Exact:
        """Round limit + sign * log total, irrational where two entries or more have a share."""
        if self.count == 1 and not self.others:
            return rational(limit, self.fmt)
        if self.count == 1 and self._is_far(self.others):
            return beside(limit, sign, self.fmt)

        def evaluate(precision: Precision) -> Real:
            more = precision.number(self.count - 1)
            more = more + self.others.real(precision) if self.others else more
            return precision.number(limit) + precision.log1p(more) * sign

        return settle(evaluate, self.fmt, self._describe)

    def _describe(self) -> str:
        return f"a row of {sum(self.counts.values())}"


def _sign(evaluate: Callable[[Precision], Real]) -> float:
    return math.copysign(1.0, settle(evaluate, FORMATS["float64"], lambda: "a sign").rounded)
