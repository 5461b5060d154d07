"""Short rows with what is special about them, and one longer row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.rows import row
from refacts.reports.quantities import operands, reduces, results
from refacts.reports.run.tasks import Task, row_tasks
from refacts.reports.targets.kernel import Kernel

from refacts.activation import Activation


@dataclass(frozen=True)
class RowCases:
    """The first ``count`` rows of a seed, then one of length ``long``."""

    activation: Activation
    quantity: str
    fmt: Format
    seed: int
    count: int
    long: int

    @cached_property
    def rows(self) -> tuple[tuple[Floats, ...], ...]:
        """The operands of each row; those that have an entry per result of a row have but one there."""
        made = [row(self.fmt, self.seed, k) for k in range(self.count)]
        made.append(row(self.fmt, self.seed, self.count, self.long))
        lengths = [1 if scalar else None for scalar in self._scalar]
        return tuple(tuple(a[:n] for a, n in zip(pair, lengths, strict=False)) for pair in made)

    @cached_property
    def _scalar(self) -> tuple[bool, ...]:
        """Which operands are a single number: the cotangents of a row's only result."""
        names = operands(self.activation, self.quantity)
        return tuple(name == "g" and reduces(self.activation, "value") for name in names)

    @cached_property
    def _sizes(self) -> Any:
        return np.array([results(self.activation, self.quantity, len(x)) for x, *_ in self.rows])

    @cached_property
    def _starts(self) -> Any:
        return np.cumsum([0, *self._sizes])

    @cached_property
    def points(self) -> Floats:
        """The x each result belongs to; in a Jacobian that of its row."""
        if reduces(self.activation, self.quantity):
            return np.array([x.max() for x, *_ in self.rows])
        each = self._sizes // [len(x) for x, *_ in self.rows]
        return np.concatenate([np.repeat(x, n) for (x, *_), n in zip(self.rows, each, strict=True)])

    def tasks(self) -> list[Task]:
        """The oracle's work, in chunks of rows."""
        return row_tasks(self.activation, self.quantity, self.fmt, self.rows)

    def computed(self, kernel: Kernel) -> Floats:
        """What the kernel makes of all rows, each by itself."""
        found = []
        for each in self.rows:
            arrays = map(self.fmt.encode, each)
            given = [a[..., 0] if scalar else a for a, scalar in zip(arrays, self._scalar, strict=True)]
            found.append(kernel(self.activation, self.quantity, *given))
        return np.concatenate(found)

    def place(self, index: int) -> tuple[int, int]:
        """Which row a result is in, and where in it."""
        k = int(np.searchsorted(self._starts, index, side="right")) - 1
        return k, int(index - self._starts[k])

    def given(self, index: int) -> dict[str, float]:
        """The x of one result: a row has many of the others."""
        return {"x": float(self.points[index])}

    def subject(self, kernel: Kernel, index: int) -> str:
        """The call, and which row it is of."""
        k, entry = self.place(index)
        names = {name: name for name in operands(self.activation, self.quantity)}
        call = kernel.written(self.activation, self.quantity, names)
        return f"{call}.flat[{entry}] of row {k} (seed {self.seed}, length {len(self.rows[k][0])})"

    def reproducer(self, kernel: Kernel, index: int) -> str:
        """The call on a row made anew."""
        k, entry = self.place(index)
        fmt = f"FORMATS['{self.fmt.name}']"
        length = f", {self.long}" if k == self.count else ""
        names = operands(self.activation, self.quantity)
        targets = [*names, "_"][:2]
        given = {n: f"{n}[..., 0]" if scalar else n for n, scalar in zip(names, self._scalar, strict=True)}
        made = (
            "from refacts.oracles import FORMATS; from refacts.reports.inputs.rows import row; "
            f"{', '.join(targets)} = map({fmt}.encode, row({fmt}, {self.seed}, {k}{length}))"
        )
        return kernel.reproducer(self.activation, self.quantity, made, given, entry)
