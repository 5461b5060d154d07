"""Exact results of one softmax row: value, Jacobian and its diagonal, VJP.

Entries are grouped by their distinct x. With e_a = e^a, n_a entries at a and G_a the sum of their
g, the textbook lines of ``rowwise`` become

    s_i                        = e_i / sum n_a e_a
    s_i sum_{j != i} s_j       = e_i sum (n_a - [a is x_i]) e_a / (sum n_a e_a)^2
    s_i sum_j s_j (g_i - g_j)  = e_i sum (n_a g_i - G_a) e_a / (sum n_a e_a)^2

By Lindemann and Weierstrass powers of e at distinct floats are linearly independent over the
rationals: the last is zero exactly if every n_a g_i - G_a is, and with two or more groups none of
them is a rational other than 0, so never a tie. With a single group all are rational.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from mpmath import libmp

from oracles.formats import Format
from oracles.precision import Precision
from oracles.real import Real
from oracles.rounding import Exact, Reference, collect, rational, settle, special

ROWWISE = ("softmax",)
QUANTITIES = ("value", "derivative", "vjp", "jacobian")


def reference_row(
    name: str,
    quantity: str,
    x: npt.ArrayLike,
    fmt: Format,
    g: npt.ArrayLike | None = None,
    where: npt.ArrayLike | None = None,
    only: npt.ArrayLike | None = None,
) -> Reference:
    """Return exact results for one row ``x`` (1-d float64 array of n format values).

    ``name``: one of ROWWISE. ``quantity``: "value", "derivative" (the Jacobian's diagonal), "vjp"
    (needs ``g``, shape (n,)) or "jacobian" (n*n results, row-major). ``where``: n bools, False
    masks an entry out. ``only``: flat indices of the results wanted; all of them by default.
    ValueError for an unknown name or quantity or shapes that do not fit, ArithmeticError where no
    precision decides.
    """
    if name not in ROWWISE:
        raise ValueError(f"name: {name!r} is none of {', '.join(ROWWISE)}")
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity: {quantity!r} is none of {', '.join(QUANTITIES)}")
    if (quantity == "vjp") != (g is not None):
        raise ValueError(f"g: {quantity!r} {'needs one' if g is None else 'takes none'}")
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 1:
        raise ValueError(f"x: shape {points.shape} is not one-dimensional")
    n = len(points)
    mask = np.ones(n, bool) if where is None else np.asarray(where)
    cotangent = np.zeros(n) if g is None else np.asarray(g, dtype=np.float64)
    for argument, array in (("where", mask), ("g", cotangent)):
        if array.shape != (n,):
            raise ValueError(f"{argument}: shape {array.shape}, x has {points.shape}")
    row = _Row(points.tolist(), cotangent.tolist(), mask.astype(bool).tolist(), fmt)
    every = range(n * n if quantity == "jacobian" else n)
    wanted = every if only is None else np.asarray(only, dtype=np.intp).tolist()
    return collect(row.entry(quantity, *_place(quantity, every[k], n)) for k in wanted)


def _place(quantity: str, k: int, n: int) -> tuple[int, int]:
    return divmod(k, n) if quantity == "jacobian" else (k, k)


class _Row:
    """One row with everything shared by its entries: groups, exponentials, settled results."""

    def __init__(self, x: list[float], g: list[float], where: list[bool], fmt: Format) -> None:
        self.x, self.g, self.where, self.fmt = x, g, where, fmt
        unmasked = [k for k, used in enumerate(where) if used]
        weighing = [k for k in unmasked if x[k] != -math.inf]
        self.undefined = not weighing or any(not math.isfinite(x[k]) for k in weighing)
        self.cotangents = [g[k] for k in unmasked]
        self.infinite = [k for k in unmasked if math.isinf(g[k])]
        self.weighing = weighing
        self._counts = Counter(x[k] + 0.0 for k in weighing)
        self._groups = list(self._counts)
        self._settled: dict[tuple[Any, ...], Exact] = {}
        self._weights: dict[int, tuple[dict[float, Real], Real]] = {}

    def entry(self, quantity: str, i: int, j: int) -> Exact:
        """Return the result at i, or at (i, j) of the Jacobian; j is i otherwise."""
        shortcut = self._special(quantity, i, j)
        if shortcut is not None:
            return special(shortcut, self.fmt)
        # Results depend on the entries' x and g alone (0.0 + merges the zeros).
        off = quantity == "jacobian" and i != j
        key = (off, quantity, self.x[i] + 0.0, self.x[j] + 0.0, self.g[i] + 0.0)
        if key not in self._settled:
            self._settled[key] = self._exact(quantity, i, j)
        return self._settled[key]

    def _special(self, quantity: str, i: int, j: int) -> float | None:
        if not (self.where[i] and self.where[j]):
            return 0.0
        if self.undefined:
            return math.nan
        if quantity == "vjp":
            if any(math.isnan(g) for g in self.cotangents):
                return math.nan
            if self.infinite:
                return self._infinite(i)
        return 0.0 if -math.inf in (self.x[i], self.x[j]) else None

    def _infinite(self, i: int) -> float:
        """Sum J_ij g_j over the infinite g_j, which alone decide; J_ij counts by its sign."""
        if len(self.weighing) == 1 or self.x[i] == -math.inf:
            return math.nan
        terms = [
            0.0 * self.g[j] if self.x[j] == -math.inf else self.g[j] if i == j else -self.g[j]
            for j in self.infinite
        ]
        return sum(terms)

    def _exact(self, quantity: str, i: int, j: int) -> Exact:
        if quantity == "value":
            numerator = {self.x[i] + 0.0: 1}
            return self._ratio([numerator], 1)
        if quantity == "vjp":
            factor, bits = self._differences(self.g[i])
            return self._ratio([{self.x[i] + 0.0: 1}, factor], 2, bits)
        if i != j:
            return self._ratio([{self.x[i] + 0.0: -1}, {self.x[j] + 0.0: 1}], 2)
        others = self._counts - Counter([self.x[i] + 0.0])
        return self._ratio([{self.x[i] + 0.0: 1}, others], 2)

    def _differences(self, g: float) -> tuple[dict[float, int], int]:
        """Return 2^bits (n_a g - G_a) by a, all integers, and bits."""
        ratios = {k: self.g[k].as_integer_ratio() for k in self.weighing}
        bits = max(bottom.bit_length() - 1 for _, bottom in ratios.values())
        own = int(Fraction(g) * 2**bits)
        differences = dict.fromkeys(self._groups, 0)
        for k, (top, bottom) in ratios.items():
            differences[self.x[k] + 0.0] += own - top * (2**bits // bottom)
        return differences, bits

    def _ratio(self, factors: list[Any], power: int, bits: int = 0) -> Exact:
        """Round prod_f (sum_a f_a e_a) / (sum_a n_a e_a)^power / 2^bits; zeros in f are dropped."""
        kept = [{a: f for a, f in factor.items() if f} for factor in factors]
        if not all(kept):
            return special(0.0, self.fmt)
        if len(self._groups) == 1:
            top = math.prod(sum(factor.values()) for factor in kept)
            return rational(Fraction(top, len(self.weighing) ** power * 2**bits), self.fmt)

        def evaluate(precision: Precision) -> Real:
            exps, total = self._exponentials(precision)
            value = precision.real(libmp.from_man_exp(1, -bits)) / total**power
            for factor in kept:
                value = value * _weighted_sum(precision, exps, factor)
            return value

        return settle(evaluate, self.fmt, lambda: f"softmax of a row of {len(self.x)}")

    def _exponentials(self, precision: Precision) -> tuple[dict[float, Real], Real]:
        bits = precision.bits
        if bits not in self._weights:
            exps = {a: precision.exp(precision.number(a)) for a in self._groups}
            self._weights[bits] = (exps, _weighted_sum(precision, exps, self._counts))
        return self._weights[bits]


def _weighted_sum(precision: Precision, exps: dict[float, Real], factors: dict[float, int]) -> Real:
    return precision.fsum(exps[a] * factor for a, factor in factors.items())
