"""Softmax of -x, with its Jacobian."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from refacts.activations import softmax
from refacts.arithmetic import where
from refacts.columns import Columns, Live, RowFormula, Sum
from refacts.exact_row import Quotient, settle
from refacts.formats import Float64, Format
from refacts.rowtiers import Leftover
from refacts.rowwise import Rowwise
from refacts.spec import Spec


def _derivative(c: Columns, rest: Sum) -> tuple[Any, Any]:
    """That of softmax at -x, with the sign of the chain rule."""
    y, units = softmax.derivative.result(c, rest)
    return where(c.rows.alone, 0, -y), units


EXACTLY = {
    **softmax.EXACTLY,
    "derivative": lambda row, x, g: Quotient(x, all=Fraction(-1), own=Fraction(1), weighted=True),
}


@dataclass(frozen=True)
class Softmin(Rowwise):
    """softmin(x)_i = e^-x_i / sum_j e^-x_j along `axis`: softmax of -x.

    The Jacobian -p_i(delta_ij - p_j), p = softmin(x), is symmetric, so that jvp and vjp are the same
    map; `gradient` is its diagonal -p_i(1 - p_i). Entries that are +inf or masked out by `where` weigh
    nothing: their results are 0. An unmasked NaN or -inf makes every unmasked result of its row NaN, and
    so does a row that holds +inf only; a row that is masked out whole gives zeros.

    >>> import numpy as np
    >>> softmin(np.array([0.0, 40.0])).tolist()
    [1.0, 4.248354255291589e-18]
    """

    axis: int = -1

    spec = Spec(
        name="softmin",
        definition="e^-x_i / sum_j e^-x_j",
        reference=softmax.Softmax.spec.reference,
        range=(0.0, 1.0),
        kind="rowwise",
        monotone=False,
        value=softmax.value,
        derivative=RowFormula(softmax.derivative.terms, _derivative),
        vjp=softmax.vjp,
        jvp=softmax.vjp,
        settle=settle(EXACTLY),
    )

    def _block(
        self, quantity: str, x: Float64, g: Float64 | None, unmasked: Live, fmt: Format
    ) -> tuple[NDArray[Any], Leftover | None]:
        """In -x all formulas are softmax's: J(x) g = J_softmax(-x) (-g)."""
        return super()._block(quantity, -x, None if g is None else -g, unmasked, fmt)


softmin = Softmin()
