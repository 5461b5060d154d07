"""Blocks of rows, and their walk down the tiers: what a tier leaves open is gathered for the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.activation import BLOCK
from refacts.arguments import Array
from refacts.formats import Float64, Format
from refacts.rounding import tiers
from refacts.spec import Spec

ROW_BLOCK = 2 * BLOCK  # elements at a time: NumPy takes longer to begin on rows than on a line
Live = NDArray[np.bool_] | None  # which entries weigh anything; None: all


class Leftover(NamedTuple):
    """Rows, by number in ascending order, that a tier leaves open, and which of their entries."""

    rows: NDArray[np.intp]
    x: Float64
    g: Float64 | None
    live: Live
    open: NDArray[np.bool_]

    def only(self, kept: NDArray[np.intp]) -> Leftover:
        """The rows at these places."""
        columns: Any = [None if a is None else a[kept] for a in self]
        return Leftover(*columns)

    @classmethod
    def joined(cls, parts: list[Leftover]) -> Leftover:
        """All rows of all parts."""
        if any(part.live is not None for part in parts):
            parts = [p if p.live is not None else p._replace(live=np.ones_like(p.open)) for p in parts]
        gathered: Any = zip(*parts, strict=True)
        columns: Any = [None if a[0] is None else np.concatenate(a) for a in gathered]
        return cls(*columns)


def first_tier(
    spec: Spec, quantity: str, x: Float64, g: Float64 | None, live: Live, fmt: Format
) -> tuple[NDArray[Any], Leftover | None]:
    """Results of rows in which some entries are live and those finite, and what they leave open."""
    first = tiers(fmt)[0]
    result, certain = first.settle(*getattr(spec, quantity)(first, x, g, live), fmt)
    if certain.all():
        return result, None
    uncertain = ~certain if live is None else live & ~certain
    rows = np.flatnonzero(uncertain.any(-1))
    if not rows.size:
        return result, None
    return result, Leftover(np.arange(len(x)), x, g, live, uncertain).only(rows)


def other_tiers(spec: Spec, quantity: str, left: list[Leftover], result: Array, fmt: Format) -> None:
    """The other tiers, on rows gathered from many blocks, written into `result`."""
    todo = Leftover.joined(left)
    formula: Any = getattr(spec, quantity)
    for arithmetic in tiers(fmt)[1:]:
        answer, certain = arithmetic.settle(*formula(arithmetic, todo.x, todo.g, todo.live), fmt)
        index = index_of(todo.rows, result.shape)
        result[index] = np.where(todo.open, answer, result[index])
        todo = todo._replace(open=todo.open & ~certain)
        todo = todo.only(np.flatnonzero(todo.open.any(-1)))
        if not todo.rows.size:
            return
    settle: Any = spec.settle
    for k, row in enumerate(todo.rows):
        inside = np.flatnonzero(np.ones_like(todo.open[k]) if todo.live is None else todo.live[k])
        places = np.flatnonzero(todo.open[k][inside])
        g = None if todo.g is None else todo.g[k][inside]
        where = np.unravel_index(row, result.shape[:-1])
        result[where][..., inside[places]] = settle(quantity, todo.x[k][inside], g, places, fmt)


def row_blocks(shape: tuple[int, ...]) -> Iterator[NDArray[np.intp]]:
    """The numbers of the rows of an array of this shape, in blocks."""
    *outer, n = shape
    count = int(np.prod(outer)) if n else 0
    step = max(1, ROW_BLOCK // max(n, 1))
    for start in range(0, count, step):
        yield np.arange(start, min(start + step, count))


def index_of(rows: NDArray[np.intp], shape: tuple[int, ...]) -> Any:
    """What takes rows, by number, out of an array of this shape, as a 2-d array."""
    *outer, _ = shape
    if len(outer) == 1:
        whole = rows[-1] - rows[0] + 1 == rows.size  # numbers ascend: a slice copies less
        return slice(rows[0], rows[-1] + 1) if whole else rows
    return np.unravel_index(rows, tuple(outer)) if outer else np.newaxis
