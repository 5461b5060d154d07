"""Exact results of the row-wise activations, one row at a time.

The Jacobian is J_ij = df_i/dx_j; "derivative" is its diagonal, "vjp" has the k-th result
sum g_i J_ik and "jvp" the i-th sum J_ij g_j. logsumexp has one value, so that its Jacobian is its
gradient, its jvp one number, and the g of its vjp too.

Entries that are -inf (for softmin +inf, which is -inf to it) have the weight 0 exactly. A row is
undefined where something is unmasked and nothing weighs, or something is NaN or of the other
infinity: then everything is NaN, but for the value of logsumexp, which is NaN, inf or -inf, whichever
comes first of what is there. Masked entries yield 0 in every quantity and the value -inf in
log_softmax; so what they hold never counts, as a cotangent either. A row with nothing unmasked has
the logsumexp -inf.

A NaN among the cotangents makes the whole row NaN. Infinite ones decide alone, by the sum of g times
the exact Jacobian in extended real arithmetic: an entry that is exactly 0 times an infinity is
NaN, and so are opposite infinities. What is exactly 0 is +0; what underflows keeps its sign.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats, Format
from refacts.oracles.numbers.rounding import Exact, Reference, collect, special
from refacts.oracles.rows.row import Cotangent, Row
from refacts.oracles.rows.softmaxes import LogSoftmax, LogSumExp, Softmax, Softmin
from refacts.oracles.rows.sparsemax import Sparsemax

Activation = LogSoftmax | LogSumExp | Softmax | Sparsemax
ACTIVATIONS: dict[str, type[Activation]] = {
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "softmin": Softmin,
    "logsumexp": LogSumExp,
    "sparsemax": Sparsemax,
}
ROWWISE = tuple(ACTIVATIONS)
PRODUCTS = ("vjp", "jvp")
QUANTITIES = ("value", "derivative", *PRODUCTS, "jacobian")


def reference_row(
    name: str,
    quantity: str,
    x: npt.ArrayLike,
    fmt: Format,
    g: npt.ArrayLike | None = None,
    where: npt.ArrayLike | None = None,
    only: npt.ArrayLike | None = None,
) -> Reference:
    """Return exact results of activation ``name`` for one row ``x`` (1-d float64, n format values).

    ``quantity``: "value", "derivative" (the Jacobian's diagonal), "vjp" and "jvp" (which need ``g``
    of shape (n,)) or "jacobian" (n*n results, row-major); n results but for the last. For logsumexp
    "value" and "jvp" are one result, "derivative" and "jacobian" the gradient, and "vjp" takes ``g``
    of shape (1,). ``where``: n bools, False masks an entry out. ``only``: flat indices of the results
    wanted; all of them by default. ValueError for an unknown name or quantity or shapes that do not
    fit, ArithmeticError where no precision decides.
    """
    return collect(exact_row(name, quantity, x, fmt, g, where, only))


def exact_row(
    name: str,
    quantity: str,
    x: npt.ArrayLike,
    fmt: Format,
    g: npt.ArrayLike | None = None,
    where: npt.ArrayLike | None = None,
    only: npt.ArrayLike | None = None,
) -> list[Exact]:
    """Return what ``reference_row`` does, result by result, with the exact reals."""
    if name not in ACTIVATIONS:
        raise ValueError(f"name: {name!r} is none of {', '.join(ROWWISE)}")
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity: {quantity!r} is none of {', '.join(QUANTITIES)}")
    if (quantity in PRODUCTS) != (g is not None):
        raise ValueError(f"g: {quantity!r} {'needs one' if g is None else 'takes none'}")
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 1:
        raise ValueError(f"x: shape {points.shape} is not one-dimensional")
    kind = ACTIVATIONS[name]
    one = kind.reduces and quantity == "vjp"
    mask = _fitting("where", np.ones(len(points)) if where is None else where, len(points)).astype(bool)
    cotangent = _fitting("g", np.zeros(len(points)) if g is None else g, 1 if one else len(points))
    row = Row(-points if kind.negates else points, mask)
    counted = Cotangent(cotangent.tolist(), [0] if one else row.unmasked)
    results = _Results(kind(row, counted, fmt), quantity, len(points))
    every = range(len(results))
    wanted = every if only is None else np.asarray(only, dtype=np.intp).tolist()
    return [results.at(every[k]) for k in wanted]


def _fitting(argument: str, values: npt.ArrayLike, n: int) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (n,):
        raise ValueError(f"{argument}: shape {array.shape}, where {(n,)} is needed")
    return array


class _Results:
    """The results of one quantity, counted through."""

    def __init__(self, activation: Activation, quantity: str, n: int) -> None:
        self.activation, self.quantity, self.n = activation, quantity, n
        self.reduced = activation.reduces and quantity in ("value", "jvp")
        self.square = quantity == "jacobian" and not activation.reduces

    def __len__(self) -> int:
        return 1 if self.reduced else self.n**2 if self.square else self.n

    def at(self, k: int) -> Exact:
        i, j = divmod(k, self.n) if self.square else (k, k)
        shortcut = self._special(i, j)
        if shortcut is not None:
            return special(shortcut, self.activation.fmt)
        if self.quantity in ("derivative", "jacobian"):
            return self.activation.slope(i, j)
        evaluate = {"value": self.activation.value, "vjp": self.activation.vjp, "jvp": self.activation.jvp}
        return evaluate[self.quantity](k)

    def _special(self, i: int, j: int) -> float | None:
        activation, row = self.activation, self.activation.row
        if not self.reduced and not (row.where[i] and row.where[j]):
            return activation.masked if self.quantity == "value" else 0.0
        if row.undefined:
            return activation.undefined(self.quantity)
        if self.quantity == "vjp":
            return activation.cotangent.special(lambda c: activation.sign(c, j))
        if self.quantity == "jvp":
            return activation.cotangent.special(lambda c: activation.sign(i, c))
        return None
