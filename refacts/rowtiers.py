"""Blocks of rows, and their walk down the tiers: what a tier leaves open is gathered for the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.arguments import Array
from refacts.blocks import ROW_BLOCK, SHORT_ROW_BLOCK
from refacts.columns import Pieces, RowFormula, Rows
from refacts.formats import Format
from refacts.rounding import tiers
from refacts.spec import Spec


class Leftover(NamedTuple):
    """Rows, by number in ascending order, that a tier leaves open, and which of their results."""

    numbers: NDArray[np.intp]
    rows: Rows
    open: NDArray[np.bool_]

    def only(self, kept: NDArray[np.intp]) -> Leftover:
        """The rows at these places."""
        if kept.size == len(self.numbers):
            return self
        return Leftover(self.numbers[kept], self.rows[kept], self.open[kept])

    @classmethod
    def joined(cls, parts: list[Leftover]) -> Leftover:
        """All rows of all parts."""
        if len(parts) == 1:
            return parts[0]
        rows = [part.rows for part in parts]
        live = None
        if any(each.live is not None for each in rows):
            live = np.concatenate([_shown(each) for each in rows])
        g = None if rows[0].g is None else np.concatenate([each.g for each in rows])
        joined = Rows(np.concatenate([each.x for each in rows]), g, live)
        numbers, still = [part.numbers for part in parts], [part.open for part in parts]
        return cls(np.concatenate(numbers), joined, np.concatenate(still))


def _shown(rows: Rows) -> NDArray[np.bool_]:
    return np.ones(rows.x.shape, np.bool_) if rows.live is None else rows.live


def block_size(arithmetic: Any) -> int:
    """How many elements go through an arithmetic at a time."""
    return ROW_BLOCK if arithmetic.name == "float64" else SHORT_ROW_BLOCK


def attempt(
    arithmetic: Any, formula: RowFormula, rows: Rows, fmt: Format
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Results of rows in one tier, and where they are certain."""
    columns = Pieces(arithmetic, rows, block_size(arithmetic))
    sums = columns.sums(formula)
    n = 1 if formula.reduces else rows.x.shape[-1]
    if n == 1 or columns.whole:
        return settled_columns(arithmetic, formula.result(next(iter(columns)), *sums), (len(rows.x), n), fmt)
    result, certain = np.empty((len(rows.x), n), fmt.dtype), np.empty((len(rows.x), n), np.bool_)
    for c in columns:
        shape = (len(rows.x), c.inside.stop - c.inside.start)
        found = settled_columns(arithmetic, formula.result(c, *sums), shape, fmt)
        result[:, c.inside], certain[:, c.inside] = found
    return result, certain


def settled_columns(
    arithmetic: Any, found: tuple[Any, Any], shape: tuple[int, int], fmt: Format
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Results of this shape from values and their error in units."""
    answer, certain = arithmetic.settle(*found, fmt)
    return np.broadcast_to(answer, shape), np.broadcast_to(certain, shape)


def first_tier(
    formula: RowFormula, rows: Rows, answered: NDArray[np.bool_] | None, fmt: Format
) -> tuple[NDArray[Any], Leftover | None]:
    """Results of rows, and what the first tier leaves open of those `answered` (None: of all)."""
    result, certain = attempt(tiers(fmt)[0], formula, rows, fmt)
    if certain.all():
        return result, None
    uncertain = ~certain if answered is None else answered & ~certain
    numbers = np.flatnonzero(uncertain.any(-1))
    if not numbers.size:
        return result, None
    return result, Leftover(np.arange(len(rows.x)), rows, uncertain).only(numbers)


def other_tiers(spec: Spec, quantity: str, left: list[Leftover], result: Array, fmt: Format) -> None:
    """The other tiers, on rows gathered from many blocks, written into `result`."""
    todo = Leftover.joined(left)
    formula: Any = getattr(spec, quantity)
    for arithmetic in tiers(fmt)[1:]:
        answer, certain = attempt(arithmetic, formula, todo.rows, fmt)
        index = index_of(todo.numbers, result.shape)
        result[index] = np.where(todo.open, answer, result[index])
        todo = todo._replace(open=todo.open & ~certain)
        todo = todo.only(np.flatnonzero(todo.open.any(-1)))
        if not todo.numbers.size:
            return
    settle: Any = spec.settle
    for k, number in enumerate(todo.numbers):
        places = np.flatnonzero(todo.open[k])
        where = np.unravel_index(number, result.shape[:-1])
        result[where][..., places] = settle(quantity, todo.rows[k : k + 1], places, fmt)


def row_blocks(shape: tuple[int, ...], fmt: Format, backwards: bool) -> Iterator[NDArray[np.intp]]:
    """The numbers of the rows of an array of this shape, in blocks, the last first if `backwards`."""
    *outer, n = shape
    count = int(np.prod(outer))
    step = max(1, block_size(tiers(fmt)[0]) // max(n, 1))
    starts = range(0, count, step)
    for start in reversed(starts) if backwards else starts:
        yield np.arange(start, min(start + step, count))


def index_of(rows: NDArray[np.intp], shape: tuple[int, ...]) -> Any:
    """What takes rows, by number, out of an array of this shape, as a 2-d array."""
    *outer, _ = shape
    if len(outer) == 1:
        whole = rows[-1] - rows[0] + 1 == rows.size  # numbers ascend: a slice copies less
        return slice(rows[0], rows[-1] + 1) if whole else rows
    return np.unravel_index(rows, tuple(outer)) if outer else np.newaxis
