"""Softmax, with its Jacobian."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.activation import Spec
from refacts.arithmetic import exp, magnitude, product, to_float, total, where
from refacts.arithmetic.exact import context
from refacts.formats import Float64, Format
from refacts.rounding import settled
from refacts.rowwise import Live, Rowwise


class Weights(NamedTuple):
    """e_j = e^(x_j - max x) of rows, in [0, 1], and their sum, which is at least 1."""

    e: Any
    sum: Any
    units: float  # error of e
    sum_units: float  # error of the sum


def weights(arithmetic: Any, x: Float64, live: Live) -> Weights:
    """The weights of the live entries; others weigh 0."""
    top = (x if live is None else np.where(live, x, -np.inf)).max(-1, keepdims=True)
    d = arithmetic.difference(x if live is None else np.where(live, x, top), top)
    e = exp(d)  # in [0, 1]: cannot overflow
    if live is not None:
        e = where(live, e, 0)
    units = arithmetic.exp_units(d)
    e_sum, sum_units = total(e)
    return Weights(e, e_sum, units, units + sum_units)


def winners(x: Float64, live: Live) -> NDArray[np.intp]:
    """The index of one largest live entry of each row, of length 1 along the last axis."""
    return (x if live is None else np.where(live, x, -np.inf)).argmax(-1)[..., np.newaxis]


def value(arithmetic: Any, x: Float64, g: None, live: Live) -> tuple[Any, Any]:
    """e_i/sum."""
    w = weights(arithmetic, x, live)
    return w.e / w.sum, w.units + w.sum_units + 8


def derivative(arithmetic: Any, x: Float64, g: None, live: Live) -> tuple[Any, Any]:
    """The Jacobian's diagonal s_i(1 - s_i) = e_i·(sum of the others)/sum^2.

    The others of the winner are summed without it; elsewhere sum - e_i >= sum/2 loses one bit.
    """
    w = weights(arithmetic, x, live)
    winner = np.arange(x.shape[-1]) == winners(x, live)
    others = where(winner, total(where(winner, 0, w.e))[0], w.sum - w.e)
    return w.e * others / (w.sum * w.sum), 2 * w.units + 4 * w.sum_units + 10


def vjp(arithmetic: Any, x: Float64, g: Float64, live: Live) -> tuple[Any, Any]:
    """s_i·sum_j s_j(g_i - g_j) = e_i·a_i/sum^2 with a_i = h_i·sum - sum_j e_j h_j.

    h = g - g_winner is 0 at the winner, so that its weight 1 drops out of the second sum: what is
    left cancels only where the answer itself is small. The bound is absolute in a_i: the errors
    of h_i·sum and of the terms e_j h_j, and what underflow takes from them.
    """
    w = weights(arithmetic, x, live)
    at_winner = np.take_along_axis(g, winners(x, live), -1)
    h = arithmetic.difference(g if live is None else np.where(live, g, at_winner), at_winner)
    a = h * w.sum - total(w.e * h)[0]
    size = magnitude(h)
    terms = size * magnitude(w.sum) + total(magnitude(w.e) * size)[0]
    underflow = arithmetic.floor() * (total(size)[0] + 1) * (2.0 / arithmetic.unit)
    error = terms * (w.sum_units + 8.0) + underflow
    units = to_float(error / magnitude(a)) + (w.units + 2 * w.sum_units + 8)
    nothing = np.all(to_float(size) == 0, axis=-1, keepdims=True)  # g all alike: exactly 0
    numerator, units = product(w.e, a, units)
    return numerator / (w.sum * w.sum), np.where(nothing, 0, units)


def settle(quantity: str, x: Float64, g: Float64 | None, i: int, fmt: Format) -> float:
    """Element i of a row of finite x, exactly: e^x_i·(sum of c_a e^a)/(sum of n_a e^a)^2.

    a runs over the distinct x_j, n_a counts them, and the rational c_a hold the quantity. Several
    e^a are linearly independent over the rationals (Lindemann-Weierstrass): the sum is 0 only if
    all c_a are, and the result never a tie; with a single a it is c_a/n_a^2.
    """
    count = Counter(x.tolist())
    c = {a: Fraction(n) for a, n in count.items()}
    if quantity == "derivative":
        c[float(x[i])] -= 1
    if g is not None:
        gathered: dict[float, Fraction] = defaultdict(Fraction)
        for a, b in zip(x.tolist(), g.tolist(), strict=True):
            gathered[a] += Fraction(b)
        c = {a: n * Fraction(float(g[i])) - gathered[a] for a, n in count.items()}
    c = {a: q for a, q in c.items() if q}
    if not c or len(count) == 1:
        return fmt.round_fraction(sum(c.values(), Fraction(0)) / x.size**2)
    top = max(count)

    def attempt(precision: int) -> tuple[Any, Any]:
        mp = context(precision)
        e = {a: mp.exp(mp.fsub(a, top, exact=True)) for a in count}
        terms = [e[a] * mp.fdiv(q.numerator, q.denominator) for a, q in c.items()]
        scale = e[float(x[i])] / mp.fsum(e[a] * n for a, n in count.items()) ** 2
        value = scale * mp.fsum(terms)
        error = scale * mp.fsum(map(abs, terms)) * mp.ldexp(1, 6 - precision)  # 16 roundings
        return value, error

    return settled(attempt, fmt, f"softmax element {i} of {x.size}")


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
        rowwise=True,
        monotone=False,
        value=value,
        derivative=derivative,
        vjp=vjp,
        settle=settle,
    )


softmax = Softmax()
