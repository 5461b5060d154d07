"""Softmax, with its Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from refacts.arithmetic import magnitude, product, to_float, unless, where
from refacts.columns import Columns, RowFormula, Sum
from refacts.exact_row import Quotient, settle
from refacts.rowwise import Rowwise
from refacts.spec import Spec


def _value(c: Columns, e_sum: Sum) -> tuple[Any, Any]:
    """e_i/sum, the sum being at least 1."""
    return c.e / e_sum.value, 2 * c.units + e_sum.units + 8


def _derivative(c: Columns, rest: Sum) -> tuple[Any, Any]:
    """The Jacobian's diagonal s_i(1 - s_i) = e_i·(sum of the others)/sum^2."""
    e_sum = 1 + rest.value
    units = 6 * c.units + 4 * rest.units + 16
    return c.e * c.without(rest.value) / (e_sum * e_sum), unless(c.rows.alone, units)


def deviations(c: Columns, e_sum: Sum, eh_sum: Sum, size: Sum) -> tuple[Any, Any, Any]:
    """a_i = g_i - m = h_i - sum_j e_j h_j/sum e, its error in units, and where it is exactly 0.

    m is the mean of g by weight. h = g - g_winner is 0 at the winner, so that its weight 1 drops out of
    the second sum: what is left cancels only where the answer itself is small. The bound is absolute
    in a_i: the errors of m - g_winner, those of h_i, where |h_i| <= |a_i| + |m - g_winner|, and what
    underflows.
    """
    a = c.h - eh_sum.value / e_sum.value
    mean = size.value / magnitude(e_sum.value)
    error = mean * (2.0 * (c.units + e_sum.units + 8)) + c.underflow(c.rows.at_winner)
    units = to_float(error / magnitude(a)) + 16.0
    if np.all(to_float(mean)):
        return a, units, False
    zero = c.rows.level & (c.h == 0)
    return where(zero, 0, a), units, zero


def spread(c: Columns) -> tuple[Any, ...]:
    """What `deviations` takes sums of."""
    terms = c.e * c.h
    return c.e, terms, magnitude(terms)


def _vjp(c: Columns, e_sum: Sum, eh_sum: Sum, size: Sum) -> tuple[Any, Any]:
    """s_i·sum_j s_j(g_i - g_j) = s_i·a_i."""
    a, units, zero = deviations(c, e_sum, eh_sum, size)
    numerator, own = product(c.e, a, 2 * c.units + e_sum.units)
    return numerator / e_sum.value, unless(zero, units + own)


value = RowFormula(lambda c: (c.e,), _value)
derivative = RowFormula(lambda c: (c.others,), _derivative)
vjp = RowFormula(spread, _vjp)


EXACTLY = {
    "value": lambda row, x, g: Quotient(x, own=Fraction(1)),
    "derivative": lambda row, x, g: Quotient(x, all=Fraction(1), own=Fraction(-1), weighted=True),
    "vjp": lambda row, x, g: Quotient(x, all=g, by_g=-1, weighted=True),
    "jvp": lambda row, x, g: Quotient(x, all=g, by_g=-1, weighted=True),
}


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
        jvp=vjp,
        settle=settle(EXACTLY),
    )


softmax = Softmax()
