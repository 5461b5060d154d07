"""The logarithm of a sum of exponentials, with its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from refacts.activations import softmax
from refacts.arguments import Array, normalized_axis, require_flag
from refacts.arithmetic import combined, log1p, magnitude, product, to_float, unless, where
from refacts.columns import Columns, RowFormula, Sum
from refacts.exact_row import Logarithm, Quotient, settle
from refacts.formats import Float64
from refacts.rowwise import Rowwise
from refacts.spec import Spec


def _value(c: Columns, rest: Sum) -> tuple[Any, Any]:
    """max x + log(1 + rest), whose bound grows where the sum cancels."""
    top = c.arithmetic.lift(c.rows.top)
    y, units = combined(top, 0, log1p(rest.value), c.units + rest.units + 8)
    return y, unless(c.rows.alone, units)


def _vjp(c: Columns, e_sum: Sum) -> tuple[Any, Any]:
    """g·s_j."""
    s, units = softmax.value.result(c, e_sum)
    y, units = product(s, c.g, units)
    zero = c.rows.g == 0
    return where(zero, 0, y), unless(zero, units)


def _jvp(c: Columns, e_sum: Sum, ev_sum: Sum, size: Sum) -> tuple[Any, Any]:
    """sum_j s_j v_j, which is v itself where all are the same."""
    y = ev_sum.value / e_sum.value
    error = size.value / magnitude(e_sum.value) * (2.0 * (c.units + e_sum.units + 8)) + c.underflow(0.0)
    level = c.rows.level
    same = c.arithmetic.lift(c.rows.at_winner + 0.0)
    return where(level, same, y), unless(level, to_float(error / magnitude(y)))


def _jvp_terms(c: Columns) -> tuple[Any, ...]:
    terms = c.e * c.g
    return c.e, terms, magnitude(terms)


EXACTLY = {
    "value": lambda row, x, g: Logarithm(Fraction(row.top), 1),
    "derivative": softmax.EXACTLY["value"],
    "vjp": lambda row, x, g: Quotient(x, own=g),
    "jvp": lambda row, x, v: Quotient(x, by_g=1),
}


@dataclass(frozen=True)
class LogSumExp(Rowwise):
    """logsumexp(x) = log sum_j e^x_j along `axis`, which is reduced away, or kept as 1 with `keepdims`.

    Its gradient is s = softmax(x): `gradient` has the shape of x, `jacobian` that with `axis` moved last;
    vjp takes a g of the value's shape and gives g s_j, jvp gives sum_j s_j v_j. A row that holds NaN
    gives NaN, else one that holds +inf gives +inf, and one of which nothing is left but -inf, as in a row
    that is masked out or empty, gives -inf = log 0; softmax is NaN, or of no unmasked entries, there.
    Entries that are -inf or masked out by `where` weigh nothing: their s_j is 0.

    >>> import numpy as np
    >>> logsumexp(np.array([0.0, -40.0]))
    np.float64(4.248354255291589e-18)
    >>> LogSumExp(axis=0, keepdims=True)(np.zeros((2, 3))).tolist()
    [[0.6931471805599453, 0.6931471805599453, 0.6931471805599453]]
    """

    axis: int = -1
    keepdims: bool = False

    spec = Spec(
        name="logsumexp",
        definition="log sum_j e^x_j",
        reference="Blanchard, Higham and Higham, Accurately computing the log-sum-exp and softmax "
        "functions, IMA J. Numer. Anal. 41(4), 2021",
        range=(-inf, inf),
        kind="rowwise",
        value=RowFormula(lambda c: (c.others,), _value, reduces=True),
        derivative=softmax.value,
        vjp=RowFormula(softmax.value.terms, _vjp),
        jvp=RowFormula(_jvp_terms, _jvp, reduces=True),
        settle=settle(EXACTLY),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "keepdims", require_flag(self.keepdims, "keepdims"))

    def jacobian(
        self, x: ArrayLike, *, where: ArrayLike | None = None, dtype: DTypeLike | None = None
    ) -> Any:
        """df/dx_j, shape (..., n), (..., 1, n) with `keepdims`: `axis` (of length n) moved last."""
        gradient = np.asarray(self.gradient(x, where=where, dtype=dtype))
        rows = np.moveaxis(gradient, normalized_axis(self.axis, gradient.ndim), -1)
        return rows[..., np.newaxis, :] if self.keepdims else rows

    def _shape(self, array: Array, axis: int) -> tuple[int, ...]:
        kept = (1,) if self.keepdims else ()
        return (*array.shape[:axis], *kept, *array.shape[axis + 1 :])

    def _answered(self, quantity: str, live: Any, unmasked: Any) -> Any:
        return np.ones((len(live), 1), np.bool_) if quantity in ("value", "jvp") else live

    def _outside(self, quantity: str, x: Float64, g: Float64 | None, unmasked: Any) -> Float64:
        return np.zeros((len(x), 1) if quantity in ("value", "jvp") else x.shape)

    def _undefined(self, quantity: str, x: Float64, unmasked: Any) -> Float64:
        if quantity == "value":
            x = np.where(unmasked, x, -inf)
            return x.max(-1, keepdims=True, initial=-inf)  # NaN if there is one
        if quantity == "jvp":
            return np.where(unmasked.any(-1, keepdims=True), np.nan, 0.0)
        return super()._undefined(quantity, x, unmasked)

    def _steep(self, quantity: str, x: Float64, live: Any, unmasked: Any, g: Float64) -> Float64:
        weight = np.where(live, 1.0, 0.0)  # of its sign
        if quantity == "jvp":
            return np.where(np.isfinite(g), 0.0, g * weight).sum(-1, keepdims=True)
        return np.where(unmasked, g * weight, 0.0)


logsumexp = LogSumExp()
