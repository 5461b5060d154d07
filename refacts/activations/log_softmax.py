"""The logarithm of softmax, with its Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from refacts import infinite
from refacts.activations.softmax import deviations, spread
from refacts.arithmetic import log1p, magnitude, product, to_float, unless, where
from refacts.columns import Columns, RowFormula, Sum
from refacts.exact_row import Logarithm, Quotient, settle
from refacts.formats import Float64
from refacts.rowwise import Rowwise
from refacts.spec import Spec


def _value(c: Columns, rest: Sum) -> tuple[Any, Any]:
    """-(|x_i - max x| + log(1 + rest)): nothing cancels, and -(0 + 0) is -0."""
    y = -(log1p(rest.value) - c.d)
    return where(c.rows.alone, 0, y), unless(c.rows.alone, c.units + rest.units + 10)


def _derivative(c: Columns, rest: Sum) -> tuple[Any, Any]:
    """The Jacobian's diagonal 1 - s_i = (sum of the others)/sum."""
    units = 3 * (c.units + rest.units) + 6
    return c.without(rest.value) / (1 + rest.value), unless(c.rows.alone, units)


def _vjp(c: Columns, rest: Sum, g_rest: Sum, size: Sum) -> tuple[Any, Any]:
    """g_i - s_i·sum g = (g_i·(sum of e_j, j != i) - e_i·(sum of g_j, j != i))/sum e.

    `g_rest` leaves out the winner's g, and size sums their magnitudes. Bounds are absolute: the sum of
    g errs relative to the sum of |g|.
    """
    units = 3 * (c.units + rest.units) + 4
    top_g = c.arithmetic.lift(c.rows.at_winner)
    g_others = where(c.wins, g_rest.value, (g_rest.value + top_g) - c.g)
    g_size = where(c.wins, size.value, size.value + magnitude(top_g))
    mine, mine_units = product(c.without(rest.value), c.g, units)
    theirs, theirs_units = product(c.e, g_others, c.units)
    a = mine - theirs
    error = magnitude(mine) * mine_units + magnitude(theirs) * theirs_units
    error = error + magnitude(c.e) * g_size * (g_rest.units + 4.0)
    alone = c.rows.alone
    zero = (to_float(size.value) == 0) & ((c.rows.at_winner == 0) | (c.wins & alone))
    y = where(zero, 0, a) if zero.any() else a
    return y / (1 + rest.value), unless(zero, to_float(error / magnitude(a)) + units)


def _jvp(c: Columns, e_sum: Sum, ev_sum: Sum, size: Sum) -> tuple[Any, Any]:
    """v_i - sum_j s_j v_j."""
    a, units, zero = deviations(c, e_sum, ev_sum, size)
    return a, unless(zero, units)


def _vjp_terms(c: Columns) -> tuple[Any, ...]:
    g = where(c.wins, 0, c.g)
    return c.others, g, magnitude(g)


EXACTLY = {
    "value": lambda row, x, g: Logarithm(Fraction(x) - Fraction(row.top), -1),
    "derivative": lambda row, x, g: Quotient(x, all=Fraction(1), own=Fraction(-1)),
    "vjp": lambda row, x, g: Quotient(x, all=g, own=-row.total),
    "jvp": lambda row, x, v: Quotient(x, all=v, by_g=-1),
}


@dataclass(frozen=True)
class LogSoftmax(Rowwise):
    """log_softmax(x)_i = x_i - log sum_j e^x_j along `axis`.

    The Jacobian delta_ij - s_j, s = softmax(x), is not symmetric: vjp gives g_i - s_i sum_j g_j, jvp
    v_i - sum_j s_j v_j. `gradient` is its diagonal 1 - s_i; backpropagation wants `vjp`. Entries that
    are -inf have value -inf, and s_j = 0 there; entries masked out by `where` have value -inf, and 0 in
    all else. An unmasked NaN or +inf makes every unmasked result of its row NaN, and so does a row that
    holds -inf only.

    >>> import numpy as np
    >>> log_softmax(np.array([40.0, 0.0])).tolist()
    [-4.248354255291589e-18, -40.0]
    >>> log_softmax.vjp(np.array([0.0, 0.0]), np.array([1.0, 0.0])).tolist()
    [0.5, -0.5]
    """

    axis: int = -1

    spec = Spec(
        name="log_softmax",
        definition="x_i - log sum_j e^x_j",
        reference="Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax "
        "functions, IMA J. Numer. Anal. 41(4), 2021",
        range=(-inf, 0.0),
        kind="rowwise",
        monotone=False,
        value=RowFormula(lambda c: (c.others,), _value),
        derivative=RowFormula(lambda c: (c.others,), _derivative),
        vjp=RowFormula(_vjp_terms, _vjp),
        jvp=RowFormula(spread, _jvp),
        settle=settle(EXACTLY),
    )

    def _answered(self, quantity: str, live: Any, unmasked: Any) -> Any:
        return unmasked if quantity == "jvp" else live

    def _outside(self, quantity: str, x: Float64, g: Float64 | None, unmasked: Any) -> Float64:
        """Where s_j = 0: row j of the Jacobian is that of the identity, less the others' s in jvp."""
        if quantity == "value":
            return np.full(x.shape, -inf)
        return np.where(unmasked, 1.0 if g is None else g, 0.0) + 0.0  # no zero is -0

    def _signs(self, quantity: str, live: Any, unmasked: Any) -> infinite.Signs:
        own = ~live | (live.sum(-1, keepdims=True) > 1)
        each = (live, unmasked) if quantity == "vjp" else (unmasked, live)
        return infinite.Signs(own, *each)


log_softmax = LogSoftmax()
