"""What row formulas are written in: rows of float64 numbers, and columns of them in an arithmetic.

A quantity of a row is worked out in two passes over its columns: what is summed along the row, then
the result of each column given the sums. A long row goes through both in pieces, so that temporaries
do not grow with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import exp, total, where
from refacts.formats import Float64

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it reads as `property` does
    """A property computed at its first use, without a lock: threads and forked children never wait."""

    def __init__(self, compute: Callable[[Any], T]):
        self.compute, self.name, self.__doc__ = compute, compute.__name__, compute.__doc__

    def __get__(self, owner: Any, kind: type) -> T:
        value = owner.__dict__[self.name] = self.compute(owner)  # which is found first from now on
        return value


Live = NDArray[np.bool_] | None  # which entries weigh anything; None: all


class Sum(NamedTuple):
    """A sum along rows, kept as a column, and its error in units of the sum of magnitudes."""

    value: Any
    units: int

    def plus(self, other: Sum) -> Sum:
        """The sum of both."""
        return Sum(self.value + other.value, max(self.units, other.units) + 1)


class RowFormula(NamedTuple):
    """A quantity of a row: `terms(c)` are summed, `result(c, *sums)` is its value and error in units.

    One that `reduces` has a single result a row, for which c stands for any columns.
    """

    terms: Callable[[Columns], tuple[Any, ...]]
    result: Callable[..., tuple[Any, Any]]
    reduces: bool = False


class Rows:
    """Rows x of float64, finite where `live`, each with a live entry, and their finite cotangents g.

    g has the shape of x or a single column. Entries that are not live weigh nothing.
    """

    def __init__(self, x: Float64, g: Float64 | None, live: Live):
        self.x, self.g, self.live = x, g, live

    def __getitem__(self, kept: Any) -> Rows:
        return Rows(*(None if a is None else a[kept] for a in (self.x, self.g, self.live)))  # type: ignore[arg-type]

    def only_live(self, other: float) -> Float64:
        """x, with another number where it is not live."""
        return self.x if self.live is None else np.where(self.live, self.x, other)

    @once
    def winner(self) -> NDArray[np.intp]:
        """The index of one largest live entry of each row, as a column."""
        return self.only_live(-np.inf).argmax(-1)[..., np.newaxis]

    @once
    def top(self) -> Float64:
        """The largest live entry of each row, as a column."""
        return np.take_along_axis(self.x, self.winner, -1)

    @once
    def at_winner(self) -> Any:
        """The cotangent of the winner, as a column."""
        return None if self.g is None else np.take_along_axis(self.g, self.winner, -1)

    @once
    def depth(self) -> float:
        """At most how far any live entry lies below the largest of its row."""
        return float((self.top[:, 0] - self.only_live(np.inf).min(-1)).max())

    @once
    def reach(self) -> Float64:
        """The largest |g| of each row, as a column."""
        return np.zeros((len(self.x), 1)) if self.g is None else np.abs(self.g).max(-1, keepdims=True)

    def mixed(self, centre: Any) -> NDArray[np.bool_]:
        """Where some live cotangents of a row are above a column of numbers and some below."""
        live, g = True if self.live is None else self.live, np.asarray(self.g)
        above, below = (((side * g > side * centre) & live).any(-1, keepdims=True) for side in (1, -1))
        return above & below

    @once
    def alone(self) -> Any:
        """Where a row has one live entry only, as a column; False where none has."""
        if self.live is None:
            return np.ones(self.x.shape, np.bool_) if self.x.shape[-1] == 1 else False
        alone = self.live.sum(-1, keepdims=True) == 1
        return alone if alone.any() else False

    @once
    def level(self) -> NDArray[np.bool_]:
        """Where all live entries of a row have the same cotangent, as a column."""
        same = self.g == self.at_winner
        return (same if self.live is None else same | ~self.live).all(-1, keepdims=True)


class Columns:
    """Some columns of rows in an arithmetic."""

    def __init__(self, arithmetic: Any, rows: Rows, inside: slice):
        self.arithmetic, self.rows, self.inside = arithmetic, rows, inside
        self.x = rows.x[:, inside]
        self.live = None if rows.live is None else rows.live[:, inside]

    @once
    def d(self) -> Any:
        """x - max x <= 0, and 0 where not live: exact, but for 1 unit in float64."""
        x = self.x if self.live is None else np.where(self.live, self.x, self.rows.top)
        return self.arithmetic.difference(x, self.rows.top)

    @once
    def e(self) -> Any:
        """e^(x - max x), in [0, 1], so that it cannot overflow; 0 where not live."""
        e = exp(self.d)
        return e if self.live is None else where(self.live, e, 0)

    @property
    def units(self) -> float:
        """The error of e."""
        return float(self.arithmetic.exp_units(self.rows.depth))

    @once
    def wins(self) -> NDArray[np.bool_]:
        """Where the winner is."""
        columns: NDArray[np.bool_] = np.arange(self.inside.start, self.inside.stop) == self.rows.winner
        return columns

    def crowned(self, x: Any, value: Any) -> Any:
        """x with another value where the winner is; may reuse x."""
        if isinstance(x, np.ndarray) and x.shape == self.rows.x.shape:
            np.put_along_axis(x, self.rows.winner, value, -1)  # takes less time than a mask
            return x
        return where(self.wins, value, x)

    @property
    def others(self) -> Any:
        """e, but 0 at the winner."""
        return self.crowned(self.e.copy() if isinstance(self.e, np.ndarray) else self.e, 0)

    def without(self, rest: Any) -> Any:
        """The sum of all e but one's own, given that of all but the winner's.

        Its error is twice that of rest and of e, and 3 units: other e are at most half of all.
        """
        return self.crowned((1 + rest) - self.e, rest)

    @property
    def g(self) -> Any:
        """The cotangent."""
        g: Any = self.rows.g
        return self.arithmetic.lift(g if g.shape[-1] == 1 else g[:, self.inside])

    @once
    def h(self) -> Any:
        """g - g_winner: exact, but for 1 unit in float64."""
        g: Any = self.rows.g
        return self.arithmetic.difference(g[:, self.inside], self.rows.at_winner)

    def underflow(self, centre: Any) -> Any:
        """Bound, in units, on what a sum of products of e and g - centre loses to underflow."""
        rows = self.rows
        return self.arithmetic.underflow(rows.reach, rows.x.shape[-1], lambda: rows.mixed(centre))


class Pieces:
    """All columns of rows, some `size` elements at a time; a single piece keeps what it has worked out."""

    def __init__(self, arithmetic: Any, rows: Rows, size: int):
        self.arithmetic, self.rows = arithmetic, rows
        self.step = max(1, size // len(rows.x))
        n = rows.x.shape[-1]
        self.whole = Columns(arithmetic, rows, slice(0, n)) if n <= self.step else None

    def __iter__(self) -> Iterator[Columns]:
        if self.whole:
            yield self.whole
            return
        n = self.rows.x.shape[-1]
        for start in range(0, n, self.step):
            yield Columns(self.arithmetic, self.rows, slice(start, min(start + self.step, n)))

    def sums(self, formula: RowFormula) -> list[Sum]:
        """The sums of a formula's terms along whole rows."""
        sums: list[Sum] = []
        for c in self:
            here = [Sum(*total(term)) for term in formula.terms(c)]
            sums = [a.plus(b) for a, b in zip(sums, here, strict=True)] if sums else here
        return sums
