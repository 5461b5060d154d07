"""Softmax, with its Jacobian."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import exp, magnitude, product, put, to_float, total, where
from refacts.arithmetic.exact import context
from refacts.formats import Float64, Format
from refacts.rounding import settled
from refacts.rowtiers import Live
from refacts.rowwise import Rowwise
from refacts.spec import Spec


def weights(arithmetic: Any, x: Float64, live: Live) -> tuple[Any, float]:
    """e_j = e^(x_j - max x) of rows, in [0, 1], and its error in units. Entries not live weigh 0."""
    top = (x if live is None else np.where(live, x, -np.inf)).max(-1, keepdims=True)
    d = arithmetic.difference(x if live is None else np.where(live, x, top), top)
    e = exp(d)  # in [0, 1]: cannot overflow
    return e if live is None else where(live, e, 0), arithmetic.exp_units(d)


def winners(x: Float64, live: Live) -> NDArray[np.intp]:
    """The index of one largest live entry of each row, of length 1 along the last axis."""
    return (x if live is None else np.where(live, x, -np.inf)).argmax(-1)[..., np.newaxis]


def value(arithmetic: Any, x: Float64, g: None, live: Live) -> tuple[Any, Any]:
    """e_i/sum, the sum being at least 1."""
    e, units = weights(arithmetic, x, live)
    e_sum, sum_units = total(e)
    return e / e_sum, 2 * units + sum_units + 8


def derivative(arithmetic: Any, x: Float64, g: None, live: Live) -> tuple[Any, Any]:
    """The Jacobian's diagonal s_i(1 - s_i) = e_i·(sum of the others)/sum^2.

    The others of the winner, whose weight is 1, are summed without it; elsewhere sum - e_i is at
    least sum/2 and magnifies its errors no more than twice.
    """
    winner = winners(x, live)
    e, units = weights(arithmetic, x, live)
    e = put(e, winner, 0)
    rest, sum_units = total(e)
    e = put(e, winner, 1)
    e_sum = 1 + rest
    others = put(e_sum - e, winner, rest)
    return e * others / (e_sum * e_sum), 6 * units + 4 * sum_units + 16


def vjp(arithmetic: Any, x: Float64, g: Float64, live: Live) -> tuple[Any, Any]:
    """s_i·sum_j s_j(g_i - g_j) = s_i·a_i with a_i = h_i - m, m = sum_j e_j h_j/sum.

    h = g - g_winner is 0 at the winner, so that its weight 1 drops out of the second sum: what is
    left cancels only where the answer itself is small. The bound is absolute in a_i: the errors
    of m, those of h_i, where |h_i| <= |a_i| + |m|, and what underflow takes from them.
    """
    e, units = weights(arithmetic, x, live)
    e_sum, sum_units = total(e)
    at_winner = np.take_along_axis(g, winners(x, live), -1)
    g = g if live is None else np.where(live, g, at_winner)
    h = arithmetic.difference(g, at_winner)
    terms = e * h
    a = h - total(terms)[0] / e_sum
    mean = total(magnitude(terms))[0] / magnitude(e_sum)
    error = mean * (2.0 * (units + sum_units + 8)) + arithmetic.underflow(h)
    numerator, relative = product(e, a, 2 * units + sum_units + 16)
    relative = to_float(error / magnitude(a)) + relative
    if not np.all(to_float(mean)):  # h may be all 0, and the result exactly 0
        relative = np.where((g == at_winner).all(-1, keepdims=True), 0, relative)
    return numerator / e_sum, relative


class ExactRow:
    """A row of finite x, whose element i is e^x_i·(sum of c_a e^a)/(sum of n_a e^a)^2, exactly.

    a runs over the distinct x_j, n_a counts them, and the rational c_a hold the quantity. Several
    e^a are linearly independent over the rationals (Lindemann-Weierstrass): the sum is 0 only if
    all c_a are, and the result never a tie; with a single a it is c_a/n_a^2.
    """

    def __init__(self, x: Float64, g: Float64 | None):
        self.count = Counter(x.tolist())
        self.top = max(self.count)
        self.gathered: dict[float, Fraction] = defaultdict(Fraction)  # sums of g by x
        if g is not None:
            for a, b in zip(x.tolist(), g.tolist(), strict=True):
                self.gathered[a] += Fraction(b)
        self.sums: dict[int, tuple[dict[float, Any], Any]] = {}

    def coefficients(self, quantity: str, x: float, g: float) -> dict[float, Fraction]:
        """The c_a that are not 0, for the element with this x and g."""
        c = {a: Fraction(n) for a, n in self.count.items()}
        if quantity == "derivative":
            c[x] -= 1
        elif quantity == "vjp":
            c = {a: n * Fraction(g) - self.gathered[a] for a, n in self.count.items()}
        return {a: q for a, q in c.items() if q}

    def exponentials(self, precision: int) -> tuple[dict[float, Any], Any]:
        """e^(a - max x), and their sum over the row."""
        if precision not in self.sums:
            mp = context(precision)
            e = {a: mp.exp(mp.fsub(a, self.top, exact=True)) for a in self.count}
            self.sums[precision] = e, mp.fsum(e[a] * n for a, n in self.count.items())
        return self.sums[precision]

    def element(self, quantity: str, x: float, g: float, fmt: Format) -> float:
        """The correctly rounded result for the element with this x and g."""
        c = self.coefficients(quantity, x, g)
        if not c or len(self.count) == 1:
            return fmt.round_fraction(sum(c.values(), Fraction(0)) / self.count.total() ** 2)

        def attempt(precision: int) -> tuple[Any, Any]:
            e, e_sum = self.exponentials(precision)
            mp = context(precision)
            terms = [e[a] * mp.fdiv(q.numerator, q.denominator) for a, q in c.items()]
            scale = e[x] / e_sum**2
            error = scale * mp.fsum(map(abs, terms)) * mp.ldexp(1, 6 - precision)  # 16 roundings
            return scale * mp.fsum(terms), error

        return settled(attempt, fmt, f"softmax of a row of {self.count.total()} at x = {x}")


def settle(
    quantity: str, x: Float64, g: Float64 | None, places: NDArray[np.intp], fmt: Format
) -> list[float]:
    """The elements at `places` of a row of finite x, exactly."""
    row = ExactRow(x, g)
    element = cache(row.element)  # equal x and g, equal results
    cotangents = np.zeros(x.size) if g is None else g
    return [element(quantity, float(x[i]), float(cotangents[i]), fmt) for i in places]


@dataclass(frozen=True)
class Softmax(Rowwise):
    """softmax(x)_i = e^x_i / sum_j e^x_j along `axis`.

    `gradient` is the Jacobian's diagonal s_i(1 - s_i); backpropagation wants `vjp`. The Jacobian
    s_i(delta_ij - s_j) is symmetric, so that jvp and vjp are the same map. Entries that are -inf
    or masked out by `where` weigh nothing: their results are 0. An unmasked NaN or +inf makes
    every unmasked result of its row NaN, and so does a row that holds -inf only; a row that is
    masked out whole gives zeros.

    >>> import numpy as np
    >>> softmax(np.array([0.0, 40.0])).tolist()
    [4.248354255291589e-18, 1.0]
    >>> Softmax(axis=0).jacobian(np.array([0.0, 0.0])).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """

    axis: int = -1

    spec = Spec(
        name="softmax",
        definition="e^x_i / sum_j e^x_j",
        reference="Bridle, Probabilistic Interpretation of Feedforward Classification Network "
        "Outputs, with Relationships to Statistical Pattern Recognition, 1990",
        range=(0.0, 1.0),
        kind="rowwise",
        monotone=False,
        value=value,
        derivative=derivative,
        vjp=vjp,
        settle=settle,
    )


softmax = Softmax()
