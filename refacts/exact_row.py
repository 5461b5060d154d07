"""The last tier of rows: sums of exponentials with rational coefficients, one result at a time.

For the distinct live x_j of a row, called a, let n_a count them. Several e^a are linearly independent
over the rationals (Lindemann and Weierstrass): a quotient of such sums is rational only where its
coefficients say so, and never a tie elsewhere; nor is a logarithm of such a sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.exact import context
from refacts.columns import Rows
from refacts.formats import SIGN, Format
from refacts.rounding import count, settled

Coefficients = dict[float, Fraction]


FAR = 4000.0
TRIFLE = Fraction(1, 2**4000)


class Quotient(NamedTuple):
    """(sum of c_a e^a) / (sum of n_a e^a), times `at`'s weight e^at / (sum of n_a e^a) if given."""

    c: Coefficients
    at: float | None = None


class Logarithm(NamedTuple):
    """start + sign·log(sum of n_a e^(a - max x)), for an exact start."""

    start: Fraction
    sign: int


class ExactRow:
    """A row of x and g with what its results share: who is live, and their exponentials."""

    def __init__(self, rows: Rows):
        x = rows.x[0]
        live = np.ones(x.size, np.bool_) if rows.live is None else rows.live[0]
        self.count = Counter(x[live].tolist())
        self.top = max(self.count)
        self.gathered: Coefficients = defaultdict(Fraction)  # sums of the g of live entries, by x
        self.total = Fraction(0)  # of all g
        if rows.g is not None and rows.g.shape == rows.x.shape:
            for a, b in zip(x[live].tolist(), rows.g[0][live].tolist(), strict=True):
                self.gathered[a] += Fraction(b)
            self.total = sum(map(Fraction, rows.g[0].tolist()), Fraction(0))
        self.exponentials = cache(self._exponentials)

    def _exponentials(self, precision: int) -> tuple[dict[float, Any], Any, Any]:
        """e^(a - max x), their sum over the row, and the sum without one of the largest."""
        mp = context(precision)
        e = {a: mp.exp(mp.fsub(a, self.top, exact=True)) for a in self.count}
        rest = mp.fsum(e[a] * (n - (a == self.top)) for a, n in self.count.items())
        return e, 1 + rest, rest

    def rounded(self, form: Quotient | Logarithm, fmt: Format, culprit: str) -> float:
        """RN of a result."""
        rational = self._rational(form)
        if rational is not None:
            count("fractions", 1)
            return fmt.round_fraction(rational)
        limit = self._limit(form)
        lower, upper = (fmt.round_fraction((limit or 0) + side * TRIFLE) for side in (-1, 1))
        if limit and lower == upper:
            count("fractions", 1)
            return lower
        count("mpmath", 1)
        if limit is not None:
            return upper if self._rises(form, limit, culprit) else lower
        attempt = self._quotient if isinstance(form, Quotient) else self._logarithm
        return settled(lambda precision: attempt(precision, form), fmt, culprit)  # type: ignore[arg-type]

    def _rational(self, form: Quotient | Logarithm) -> Fraction | None:
        """The result, where it is rational."""
        if isinstance(form, Logarithm):
            return form.start if self.count.total() == 1 else None
        ratios = {form.c.get(a, Fraction(0)) / n for a, n in self.count.items()}
        if len(ratios) > 1 or (form.at is not None and ratios != {0} and len(self.count) > 1):
            return None
        (ratio,) = ratios
        return ratio if form.at is None else ratio / self.count.total()

    @cached_property
    def gap(self) -> float:
        """How far below the largest x the next different one lies."""
        return self.top - max((a for a in self.count if a != self.top), default=self.top)

    def _limit(self, form: Quotient | Logarithm) -> Fraction | None:
        """The rational number that the result lies beside, if terms from FAR below the largest on decide.

        It is within TRIFLE of there, and of a tie of any format on the same side: of sums of g, all
        multiples of 2^-1074 and divided by less than 2^100, none comes as close to a tie.
        """
        n, far = self.count[self.top], self.gap >= FAR
        if isinstance(form, Logarithm):
            return form.start if n == 1 and far else None
        limit = form.c.get(self.top, Fraction(0)) / n
        if form.at is not None:
            return limit / n if form.at == self.top and far else None
        others = (a for a, m in self.count.items() if form.c.get(a, 0) != limit * m)
        return limit if self.top - max(others) >= FAR else None

    def _rises(self, form: Quotient | Logarithm, limit: Fraction, culprit: str) -> bool:
        """Whether the result lies above its limit: the sign of its numerator less limit times denominator.

        With R the sum of all but the largest, that is the sum of (c_a - limit n_a) e^a, or for a weight
        of n of the largest the sum of (c_a - 2 n limit n_a) e^a, less limit R^2.
        """
        if isinstance(form, Logarithm):
            return form.sign > 0
        squared = 0 if form.at is None else limit
        slope = limit if form.at is None else 2 * self.count[self.top] * limit
        c = {a: form.c.get(a, Fraction(0)) - slope * n for a, n in self.count.items() if a != self.top}

        def attempt(precision: int) -> tuple[Any, Any]:
            e = self.exponentials(precision)[0]
            mp = context(precision)
            below = mp.fsum(e[a] * n for a, n in self.count.items() if a != self.top)
            terms = [e[a] * mp.fdiv(q.numerator, q.denominator) for a, q in c.items() if q]
            terms.append(-mp.fdiv(squared.numerator, squared.denominator) * below**2)
            return mp.fsum(terms), mp.fsum(map(abs, terms)) * mp.ldexp(1, 6 - precision)

        return settled(attempt, SIGN, culprit) > 0

    def _quotient(self, precision: int, form: Quotient) -> tuple[Any, Any]:
        e, e_sum, _ = self.exponentials(precision)
        mp = context(precision)
        terms = [e[a] * mp.fdiv(q.numerator, q.denominator) for a, q in form.c.items() if q]
        scale = 1 / e_sum if form.at is None else e[form.at] / e_sum**2
        error = scale * mp.fsum(map(abs, terms)) * mp.ldexp(1, 6 - precision)  # 16 roundings
        return scale * mp.fsum(terms), error

    def _logarithm(self, precision: int, form: Logarithm) -> tuple[Any, Any]:
        mp = context(precision)
        log = mp.log1p(self.exponentials(precision)[2])
        start = mp.fdiv(form.start.numerator, form.start.denominator)
        y = start + form.sign * log
        return y, (abs(start) + log) * mp.ldexp(1, 6 - precision)


def settle(
    forms: Mapping[str, Any],
) -> Callable[[str, Rows, NDArray[np.intp], Format], list[float]]:
    """What settles the results at `places` of one row, given each quantity's form of (row, x, g)."""

    def settle(quantity: str, rows: Rows, places: NDArray[np.intp], fmt: Format) -> list[float]:
        row = ExactRow(rows)
        culprit = f"{quantity} of a row of {row.count.total()}"

        @cache  # equal x and g, equal results
        def result(x: float, g: float) -> float:
            return row.rounded(forms[quantity](row, x, g), fmt, f"{culprit} at x = {x}")

        x = rows.x[0]
        g = np.zeros(1) if rows.g is None else rows.g[0]
        return [result(float(x[i]), float(g[i] if g.size == x.size else g[0])) for i in places]

    return settle
