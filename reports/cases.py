"""The inputs of one shard, what a kernel makes of them, and one line of Python that repeats each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from oracles import Format
from oracles.formats import Floats
from refacts.activation import Activation
from reports.kernels import Kernel
from reports.notation import hexadecimal
from reports.rows import row
from reports.tasks import ElementwiseTask, RowTask, Task

CHUNK = 2000  # results per task: about a fifth of a second


@dataclass(frozen=True)
class ElementwiseCases:
    """Inputs ``x`` (and cotangents ``g``) of an elementwise activation."""

    activation: Activation
    quantity: str
    fmt: Format
    x: Floats
    g: Floats | None = None

    @property
    def points(self) -> Floats:
        """The x each result belongs to."""
        return self.x

    def tasks(self) -> list[Task]:
        """The oracle's work, cut independently of who does it."""
        cuts = range(0, len(self.x), CHUNK)
        name = self.activation.spec.name
        return [
            ElementwiseTask(
                name,
                self.quantity,
                self.fmt.name,
                self.x[k : k + CHUNK],
                None if self.g is None else self.g[k : k + CHUNK],
            )
            for k in cuts
        ]

    def computed(self, kernel: Kernel) -> Floats:
        """What the kernel makes of all inputs."""
        g = None if self.g is None else self.fmt.encode(self.g)
        result: Floats = kernel(self.activation, self.quantity, self.fmt.encode(self.x), g)
        return result

    def cotangent(self, index: int) -> float | None:
        """The g of one result."""
        return None if self.g is None else float(self.g[index])

    def subject(self, kernel: Kernel, index: int) -> str:
        """The call of one result, for a sentence."""
        call = kernel.function(self.activation.spec.name, self.quantity)
        g = self.cotangent(index)
        arguments = [float(self.x[index])] if g is None else [float(self.x[index]), g]
        return f"{call}({', '.join(map(hexadecimal, arguments))})"

    def reproducer(self, kernel: Kernel, index: int) -> str:
        """One line of Python that prints one result."""
        dtype = "import ml_dtypes; " if self.fmt.name == "bfloat16" else ""
        expression = kernel.expression(self.activation.spec.name, self.quantity)
        g = self.cotangent(index)
        given = f"x = {self._literal(float(self.x[index]))}; "
        if g is not None:
            given += f"g = {self._literal(g)}; "
        return f"{dtype}import numpy as np; {kernel.imports}; {given}print(float({expression}[0]).hex())"

    def _literal(self, value: float) -> str:
        return f"np.array([float.fromhex('{hexadecimal(value)}')], '{self.fmt.name}')"


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
    def rows(self) -> tuple[tuple[Floats, Floats], ...]:
        """Rows with their cotangents."""
        made = [row(self.fmt, self.seed, k) for k in range(self.count)]
        return (*made, row(self.fmt, self.seed, self.count, self.long))

    @cached_property
    def _starts(self) -> Any:
        return np.cumsum([0] + [results(self.quantity, len(x)) for x, _ in self.rows])

    @property
    def points(self) -> Floats:
        """The x each result belongs to; in a Jacobian that of its row."""
        if self.quantity == "jacobian":
            return np.concatenate([np.repeat(x, len(x)) for x, _ in self.rows])
        return np.concatenate([x for x, _ in self.rows])

    def tasks(self) -> list[Task]:
        """The oracle's work, cut independently of who does it."""
        tasks: list[Task] = []
        start = 0
        for k in range(len(self.rows)):
            full = self._starts[k + 1] - self._starts[start] >= CHUNK
            if full or k + 1 == len(self.rows):
                tasks.append(RowTask(self.quantity, self.fmt.name, self.rows[start : k + 1]))
                start = k + 1
        return tasks

    def computed(self, kernel: Kernel) -> Floats:
        """What the kernel makes of all rows, each by itself."""
        vjp, encode = self.quantity == "vjp", self.fmt.encode
        found = [
            kernel(self.activation, self.quantity, encode(x), encode(g) if vjp else None)
            for x, g in self.rows
        ]
        return np.concatenate(found)

    def place(self, index: int) -> tuple[int, int]:
        """Which row a result is in, and where in it."""
        k = int(np.searchsorted(self._starts, index, side="right")) - 1
        return k, int(index - self._starts[k])

    def cotangent(self, index: int) -> float | None:
        """None: a row has many."""
        return None

    def subject(self, kernel: Kernel, index: int) -> str:
        """The call of one result, for a sentence."""
        k, entry = self.place(index)
        call = kernel.expression(self.activation.spec.name, self.quantity)
        return f"{call}.flat[{entry}] of row {k} (seed {self.seed}, length {len(self.rows[k][0])})"

    def reproducer(self, kernel: Kernel, index: int) -> str:
        """One line of Python that prints one result."""
        k, entry = self.place(index)
        name = self.fmt.name
        length = f", {self.long}" if k == self.count else ""
        expression = kernel.expression(self.activation.spec.name, self.quantity)
        return (
            f"{kernel.imports}; from oracles import FORMATS; from reports.rows import row; "
            f"x, g = map(FORMATS['{name}'].encode, row(FORMATS['{name}'], {self.seed}, {k}{length})); "
            f"print(float({expression}.flat[{entry}]).hex())"
        )


Cases = ElementwiseCases | RowCases


def results(quantity: str, length: int) -> int:
    """How many results a row of that length has."""
    return length * length if quantity == "jacobian" else length
