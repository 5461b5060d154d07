"""The inputs of one shard, what a kernel makes of them, and one line of Python that repeats each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from oracles import Format
from oracles.formats import Floats
from refacts.activation import Activation
from reports.kernel import Kernel
from reports.notation import hexadecimal
from reports.quantities import operands, reduces, results
from reports.rows import row
from reports.tasks import PointTask, RowTask, Task

CHUNK = 2000  # results per task: about a fifth of a second


class Cases(Protocol):
    """The inputs of one shard."""

    @property
    def fmt(self) -> Format:
        """The format of all operands and results."""
        ...

    @property
    def points(self) -> Floats:
        """The x or b that each result belongs to; for a row's one result its largest x."""
        ...

    def tasks(self) -> list[Task]:
        """The oracle's work, cut independently of who does it."""
        ...

    def computed(self, kernel: Kernel) -> Floats:
        """What the kernel makes of all inputs."""
        ...

    def given(self, index: int) -> dict[str, float]:
        """The operands that one result belongs to, by name."""
        ...

    def subject(self, kernel: Kernel, index: int) -> str:
        """The call of one result, for a sentence."""
        ...

    def reproducer(self, kernel: Kernel, index: int) -> str:
        """One line of Python that prints one result."""
        ...


@dataclass(frozen=True)
class PointCases:
    """Operands, by name, of an activation whose results depend on one element of each."""

    activation: Activation
    quantity: str
    fmt: Format
    operands: dict[str, Floats]

    @property
    def points(self) -> Floats:
        """The x or b that each result belongs to."""
        return self.operands["b" if self.activation.spec.kind == "gated" else "x"]

    def tasks(self) -> list[Task]:
        """The oracle's work, in chunks."""
        name = self.activation.spec.name
        cuts = [slice(k, k + CHUNK) for k in range(0, len(self.points), CHUNK)]
        parts = [{key: values[cut] for key, values in self.operands.items()} for cut in cuts]
        return [PointTask(name, self.quantity, self.fmt.name, part) for part in parts]

    def computed(self, kernel: Kernel) -> Floats:
        """What the kernel makes of all inputs at once."""
        given = map(self.fmt.encode, self.operands.values())
        result: Floats = kernel(self.activation, self.quantity, *given)
        return result

    def given(self, index: int) -> dict[str, float]:
        """The operands of one result."""
        return {name: float(values[index]) for name, values in self.operands.items()}

    def subject(self, kernel: Kernel, index: int) -> str:
        """The call with the operands as hex floats."""
        shown = {name: hexadecimal(value) for name, value in self.given(index).items()}
        return kernel.written(self.activation, self.quantity, shown)

    def reproducer(self, kernel: Kernel, index: int) -> str:
        """The call on arrays of one element."""
        made = [
            f"{name} = np.array([float.fromhex('{hexadecimal(value)}')], '{self.fmt.name}')"
            for name, value in self.given(index).items()
        ]
        if self.fmt.name == "bfloat16":
            made.insert(0, "import ml_dtypes")
        names = {name: name for name in self.operands}
        return kernel.reproducer(self.activation, self.quantity, "; ".join(made), names, 0)


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
        tasks: list[Task] = []
        name = self.activation.spec.name
        work = np.cumsum([0, *np.maximum(self._sizes, [len(x) for x, *_ in self.rows])])
        start = 0
        for k in range(len(self.rows)):
            if work[k + 1] - work[start] >= CHUNK or k + 1 == len(self.rows):
                tasks.append(RowTask(name, self.quantity, self.fmt.name, self.rows[start : k + 1]))
                start = k + 1
        return tasks

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
            "from oracles import FORMATS; from reports.rows import row; "
            f"{', '.join(targets)} = map({fmt}.encode, row({fmt}, {self.seed}, {k}{length}))"
        )
        return kernel.reproducer(self.activation, self.quantity, made, given, entry)
