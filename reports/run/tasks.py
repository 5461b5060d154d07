"""The oracle's work, in pieces that other processes can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from refacts.oracles import FORMATS, Format, Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports.quantities import CATALOGUE, results

from refacts import oracles
from refacts.activation import Activation

CHUNK = 2000  # results per task: about a fifth of a second
_TANGENTS = {"v_a": "g", "v_b": "v"}  # the oracle's names of them


class Task(Protocol):
    """A picklable piece of the oracle's work."""

    def run(self) -> Reference:
        """The exact results."""
        ...


@dataclass(frozen=True)
class PointTask:
    """Exact results of an activation whose results depend on one element of each operand."""

    activation: str
    quantity: str
    fmt: str
    operands: dict[str, Floats]

    def run(self) -> Reference:
        """The exact results, one per element."""
        fmt, given = FORMATS[self.fmt], self.operands
        activation = CATALOGUE[self.activation]
        if activation.spec.kind == "gated":
            named = {_TANGENTS.get(name, name): values for name, values in given.items()}
            return oracles.reference_gated(self.activation, self.quantity, fmt=fmt, **named)
        parameters = activation.parameters
        return oracles.reference(self.activation, self.quantity, given["x"], fmt, parameters, given.get("g"))


@dataclass(frozen=True)
class RowTask:
    """Exact results of rows: for each the operands."""

    activation: str
    quantity: str
    fmt: str
    rows: tuple[tuple[Floats, ...], ...]

    def run(self) -> Reference:
        """The exact results of all rows, one after the other."""
        fmt = FORMATS[self.fmt]
        return joined(
            [
                oracles.reference_row(self.activation, self.quantity, x, fmt, *second)
                for x, *second in self.rows
            ]
        )


def row_tasks(
    activation: Activation, quantity: str, fmt: Format, rows: Sequence[tuple[Floats, ...]]
) -> list[Task]:
    """The work on rows, in chunks of them by the number of their results or elements."""
    sizes = [max(results(activation, quantity, len(x)), len(x)) for x, *_ in rows]
    tasks: list[Task] = []
    start = work = 0
    for k, size in enumerate(sizes):
        work += size
        if work >= CHUNK or k + 1 == len(rows):
            tasks.append(RowTask(activation.spec.name, quantity, fmt.name, tuple(rows[start : k + 1])))
            start, work = k + 1, 0
    return tasks


def joined(parts: Sequence[Reference]) -> Reference:
    """References one after the other."""
    return Reference(
        np.concatenate([part.rounded for part in parts]),
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.ulp for part in parts]),
    )
