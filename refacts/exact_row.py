"""The last tier of rows: quotients of sums of exponentials with rational coefficients, and logarithms.

For the distinct live x_j of a row, called a, let n_a count them and m_a be the mean of their g. Several
e^a are linearly independent over the rationals (Lindemann and Weierstrass): a quotient of such sums is
rational only where its coefficients say so, and never a tie elsewhere; nor is a logarithm of such a sum.

Sums over the row are taken once a row and precision. Each result is made of a few of them, so that the
cost of a row is linear in its length.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic.exact import context
from refacts.columns import Rows
from refacts.formats import SIGN, Format
from refacts.rounding import count, settled

ZERO = Fraction(0)
FAR = 4000.0
TRIFLE = Fraction(1, 2**4000)


class Quotient(NamedTuple):
    """(all·sum of n_a e^a + by_g·sum of n_a m_a e^a + own·e^at) / (sum of n_a e^a).

    If `weighted`, it is multiplied by the weight of `at`, e^at / (sum of n_a e^a). One of `by_g` and
    `own` is 0.
    """

    at: float
    all: Fraction = ZERO
    by_g: int = 0
    own: Fraction = ZERO
    weighted: bool = False


class Logarithm(NamedTuple):
    """start + sign·log(sum of n_a e^(a - max x)), for an exact start."""

    start: Fraction
    sign: int


class Sums(NamedTuple):
    """What the results of a row share at one precision; e^a is e^(a - max x) here.

    rest is the sum of n_a e^a without the largest a, scale and log are of the whole sum: one over it, and
    its logarithm. by_top is the sum of n_a (m_a - m_top) e^a, and
    by_second, without the largest a, that of n_a (m_a - m_second) e^a. Exact zeros are left out of both;
    each comes with the sum of magnitudes.
    """

    e: dict[float, Any]
    rest: Any
    scale: Any
    log: Any
    by_top: tuple[Any, Any]
    by_second: tuple[Any, Any]


class ExactRow:
    """A row of x and g with what its results share."""

    def __init__(self, rows: Rows):
        x = rows.x[0]
        live = np.ones(x.size, np.bool_) if rows.live is None else rows.live[0]
        self.count = Counter(x[live].tolist())
        self.top = max(self.count)
        self.second = max((a for a in self.count if a != self.top), default=self.top)
        self.means: dict[float, Fraction] = dict.fromkeys(self.count, ZERO)
        self.total = ZERO  # of all g
        if rows.g is not None and rows.g.shape == rows.x.shape:
            gathered: dict[float, Fraction] = defaultdict(Fraction)
            for a, b in zip(x[live].tolist(), rows.g[0][live].tolist(), strict=True):
                gathered[a] += Fraction(b)
            self.means = {a: total / self.count[a] for a, total in gathered.items()}
            self.total = sum(map(Fraction, rows.g[0].tolist()), ZERO)
        others = (a for a, m in self.means.items() if m != self.means[self.top])
        self.rival = max(others, default=None)  # the largest a whose mean is not that of the top
        self.sums = cache(self._sums)

    def _sums(self, precision: int) -> Sums:
        mp = context(precision)
        e = {a: mp.exp(mp.fsub(a, self.top, exact=True)) for a in self.count}
        below = [a for a in self.count if a != self.top]
        rest = mp.fsum(self.count[a] * e[a] for a in below)

        def leaning(centre: Fraction) -> tuple[Any, Any]:
            terms = [
                mp.fdiv(self.count[a] * d.numerator, d.denominator) * e[a]
                for a in below
                if (d := self.means[a] - centre)
            ]
            return mp.fsum(terms), mp.fsum(map(abs, terms))

        by_top, by_second = (leaning(self.means[a]) for a in (self.top, self.second))
        n = self.count[self.top]
        return Sums(e, rest, 1 / (n + rest), mp.log1p(n - 1 + rest), by_top, by_second)

    def rounded(self, form: Quotient | Logarithm, fmt: Format, culprit: str) -> float:
        """RN of a result."""
        rational = self._rational(form)
        if rational is not None:
            count("fractions", 1)
            return fmt.round_fraction(rational)
        limit = self._limit(form)
        if limit is None:
            count("mpmath", 1)
            attempt = self._quotient if isinstance(form, Quotient) else self._logarithm
            return settled(lambda precision: attempt(precision, form), fmt, culprit)  # type: ignore[arg-type]
        lower, upper = (fmt.round_fraction(limit + side * TRIFLE) for side in (-1, 1))
        if limit and lower == upper:
            count("fractions", 1)
            return lower
        count("mpmath", 1)
        return upper if self._rises(form, limit, culprit) else lower

    def _at_top(self, form: Quotient) -> Fraction:
        """The coefficient of the largest e^a, divided by n_a."""
        own = form.own / self.count[self.top] if form.at == self.top else ZERO
        return form.all + form.by_g * self.means[self.top] + own

    def _rational(self, form: Quotient | Logarithm) -> Fraction | None:
        """The result, where it is rational: where each coefficient is the same multiple of n_a."""
        alone = len(self.count) == 1
        if isinstance(form, Logarithm):
            return form.start if self.count.total() == 1 else None
        if (form.by_g and self.rival is not None) or (form.own and not alone):
            return None
        ratio = self._at_top(form)
        if not form.weighted:
            return ratio
        return ratio / self.count.total() if alone or not ratio else None

    def _limit(self, form: Quotient | Logarithm) -> Fraction | None:
        """The rational number that the result lies beside, if terms from FAR below the largest on decide.

        It is within TRIFLE of there, and of a tie of any format on the same side: of sums of g, all
        multiples of 2^-1074 and divided by less than 2^100, none comes as close to a tie.
        """
        n, far = self.count[self.top], self.top - self.second >= FAR
        if isinstance(form, Logarithm):
            return form.start if n == 1 and far else None
        limit = self._at_top(form)
        if form.weighted:
            return limit / n if form.at == self.top and far else None
        if form.by_g:
            assert self.rival is not None
            return limit if self.top - self.rival >= FAR else None
        return limit if self.top - (self.second if form.at == self.top else form.at) >= FAR else None

    def _rises(self, form: Quotient | Logarithm, limit: Fraction, culprit: str) -> bool:
        """Whether the result lies above its limit: the sign of its numerator less limit times denominator.

        With R the sum of all but the largest, that is the sum of (c_a - limit n_a) e^a, or for a weight
        of n of the largest the sum of (c_a - 2 n limit n_a) e^a, less limit R^2.
        """
        if isinstance(form, Logarithm):
            return form.sign > 0
        slope = 2 * self.count[self.top] * limit if form.weighted else limit
        level = form.all + form.by_g * self.means[self.second] - slope

        def attempt(precision: int) -> tuple[Any, Any]:
            sums = self.sums(precision)
            mp = context(precision)
            terms = [_real(mp, level) * sums.rest]
            if form.own and form.at != self.top:
                terms.append(_real(mp, form.own) * sums.e[form.at])
            if form.weighted:
                terms.append(-_real(mp, limit) * sums.rest**2)
            lean, lean_size = sums.by_second
            size = sum(map(abs, terms)) + abs(form.by_g) * lean_size
            return sum(terms) + form.by_g * lean, size * mp.ldexp(1, 6 - precision)

        return settled(attempt, SIGN, culprit) > 0

    def _quotient(self, precision: int, form: Quotient) -> tuple[Any, Any]:
        """The form from sums of which none cancels where the coefficient of the largest e^a is 0."""
        sums = self.sums(precision)
        mp = context(precision)
        n = self.count[self.top]
        level = form.all + form.by_g * self.means[self.top]
        terms = [_real(mp, level) * sums.rest, _real(mp, n * self._at_top(form))]
        if form.own and form.at != self.top:
            terms.append(_real(mp, form.own) * sums.e[form.at])
        y, size = sum(terms), sum(map(abs, terms))
        if form.by_g:
            lean, lean_size = sums.by_top
            y, size = y + form.by_g * lean, size + lean_size
        scale = sums.scale * (sums.e[form.at] * sums.scale if form.weighted else 1)
        return scale * y, scale * size * mp.ldexp(1, 6 - precision)  # 20 roundings

    def _logarithm(self, precision: int, form: Logarithm) -> tuple[Any, Any]:
        log = self.sums(precision).log
        mp = context(precision)
        start = _real(mp, form.start)
        return start + form.sign * log, (abs(start) + log) * mp.ldexp(1, 6 - precision)


def _real(mp: Any, q: Fraction) -> Any:
    """A rational number, rounded once."""
    return mp.fdiv(q.numerator, q.denominator)


def settle(
    forms: Mapping[str, Any],
) -> Callable[[str, Rows, NDArray[np.intp], Format], list[float]]:
    """What settles the results at `places` of one row, given each quantity's form of (row, x, g)."""

    def settle(quantity: str, rows: Rows, places: NDArray[np.intp], fmt: Format) -> list[float]:
        row = ExactRow(rows)
        culprit = f"{quantity} of a row of {row.count.total()}"

        @cache  # equal x and g, equal results
        def result(x: float, g: float) -> float:
            return row.rounded(forms[quantity](row, x, Fraction(g)), fmt, f"{culprit} at x = {x}")

        x = rows.x[0]
        g = np.zeros(1) if rows.g is None else rows.g[0]
        return [result(float(x[i]), float(g[i] if g.size == x.size else g[0])) for i in places]

    return settle
