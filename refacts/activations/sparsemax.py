"""Sparsemax, the projection onto the simplex, with its Jacobian: rational, and decided in integers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import added
from refacts.arithmetic.wide import Wide
from refacts.blocks import BLOCK
from refacts.columns import Rows
from refacts.formats import Float64, Format
from refacts.rounding import count
from refacts.rowtiers import Leftover
from refacts.rowwise import Rowwise
from refacts.spec import Spec


class Support(NamedTuple):
    """The entries above the threshold tau: their number, the least of them, and tau."""

    size: int
    least: float
    threshold: Fraction


def support(x: Float64) -> Support:
    """The support of a row: in descending order, the x_k with 1 + k x_k > x_1 + ... + x_k.

    tau is their sum less 1, divided by their number. All comes in integers, multiples of 1/one. No x_k
    that lies 1 or more below the largest is among them.
    """
    near = np.sort(x[x >= x.max() - 1])[::-1]  # rounding max - 1 loses none
    one = denominator(near)
    total = size = 0
    for a in numerators(near, one):
        if one + size * a <= total:  # without a on either side
            break
        total, size = total + a, size + 1
    return Support(size, float(near[size - 1]), Fraction(total - one, size * one))


def denominator(numbers: Float64) -> int:
    """The least common denominator of numbers, a power of two."""
    return max(a.as_integer_ratio()[1] for a in numbers)


def numerators(numbers: Float64, one: int) -> Iterator[int]:
    """Numbers as multiples of 1/one."""
    for a in numbers:
        top, bottom = a.as_integer_ratio()
        yield top * (one // bottom)


def mean(numbers: Float64) -> Fraction:
    """The mean of a row of numbers, exactly."""
    one = denominator(numbers)
    return Fraction(sum(numerators(numbers, one)), len(numbers) * one)


def differences(
    a: Float64, b: Float64, c: Sequence[Fraction], row: NDArray[np.intp], fmt: Format
) -> NDArray[Any]:
    """RN(a - b + c) for 1-d arrays, given the c of some rows and the row of each element."""
    words = [Wide.constant(q) for q in c]
    parts = [np.array([getattr(w, part) for w in words]) for part in ("hi", "lo", "exponent")]

    @cache  # equal rows and numbers, equal results
    def exact(p: float, q: float, r: int) -> float:
        count("fractions", 1)
        return fmt.round_fraction(Fraction(p) - Fraction(q) + c[r])

    result = np.empty(a.size, fmt.dtype)
    for start in range(0, a.size, BLOCK):
        here = slice(start, start + BLOCK)
        p, q, r = a[here], b[here], row[here]
        count("wide", p.size)
        y, units = added(Wide.difference(p, q), Wide(*(part[r] for part in parts)))
        answer, certain = y.settle(units, fmt)
        for i in np.flatnonzero(~certain):
            answer[i] = exact(float(p[i]), float(q[i]), int(r[i]))
        result[here] = answer
    return result


@dataclass(frozen=True)
class Sparsemax(Rowwise):
    """sparsemax(x)_i = max(x_i - tau, 0) along `axis`, with the tau that makes the sum 1.

    With the support S, the k entries whose result is positive, tau = (sum of x over S - 1)/k. The Jacobian
    delta_ij - 1/k for i, j in S, else 0, is symmetric, so that jvp and vjp are the same map; `gradient` is
    its diagonal. Where an x_i equals tau the Jacobian is that of the S without it. Entries that are -inf
    or masked out by `where` get 0. An unmasked NaN or +inf makes every unmasked result of its row NaN, and
    so does a row that holds -inf only; a row that is masked out whole gives zeros.

    >>> import numpy as np
    >>> sparsemax(np.array([0.5, 1.0, -1.0])).tolist()
    [0.25, 0.75, 0.0]
    >>> sparsemax.vjp(np.array([0.5, 1.0, -1.0]), np.array([1.0, 0.0, 5.0])).tolist()
    [0.5, -0.5, 0.0]
    """

    axis: int = -1

    spec = Spec(
        name="sparsemax",
        definition="max(x_i - tau, 0), summing to 1",
        reference="Martins and Astudillo, From Softmax to Sparsemax, 2016",
        range=(0.0, 1.0),
        kind="rowwise",
        monotone=False,
        rational=True,
    )

    def _plain(
        self, quantity: str, rows: Rows, answered: Any, fmt: Format
    ) -> tuple[NDArray[Any], Leftover | None]:
        """All in one go: nothing is left open."""
        supports, inside = _supports(rows)
        y = np.zeros(rows.x.shape, fmt.dtype)
        row = np.nonzero(inside)[0]
        if quantity == "value":
            tops = rows.top[:, 0].tolist()
            above = [Fraction(top) - s.threshold for top, s in zip(tops, supports, strict=True)]
            y[inside] = differences(rows.x[inside], rows.top[row, 0], above, row, fmt)
        elif quantity == "derivative":
            diagonal = [fmt.round_fraction(Fraction(s.size - 1, s.size)) for s in supports]
            y[inside] = np.array(diagonal)[row]
        else:
            g: Any = rows.g
            means = [-mean(line[chosen]) for line, chosen in zip(g, inside, strict=True)]
            y[inside] = differences(g[inside], np.zeros(row.size), means, row, fmt)
        return y, None

    def _steep(self, quantity: str, x: Float64, live: Any, unmasked: Any, g: Float64) -> Float64:
        if not len(x):
            return g
        inside = _supports(Rows(x, None, live))[1]
        return super()._steep(quantity, x, inside, unmasked, g)


def _supports(rows: Rows) -> tuple[list[Support], NDArray[np.bool_]]:
    """The support of each row, and a mask of them all."""
    x = rows.only_live(-np.inf)
    supports = [support(line) for line in x]
    return supports, x >= np.array([[s.least] for s in supports])


sparsemax = Sparsemax()
