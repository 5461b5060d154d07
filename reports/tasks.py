"""The oracle's work, in pieces that other processes can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from oracles import FORMATS, Reference, reference, reference_row
from oracles.formats import Floats
from reports.kernels import CATALOGUE


class Task(Protocol):
    """A picklable piece of the oracle's work."""

    def run(self) -> Reference:
        """The exact results."""
        ...


@dataclass(frozen=True)
class ElementwiseTask:
    """Exact results of an elementwise activation."""

    activation: str
    quantity: str
    fmt: str
    x: Floats
    g: Floats | None

    def run(self) -> Reference:
        """The exact results, one per element of x."""
        parameters = CATALOGUE[self.activation].parameters
        fmt = FORMATS[self.fmt]
        return reference(self.activation, self.quantity, self.x, fmt, parameters, self.g)


@dataclass(frozen=True)
class RowTask:
    """Exact results of softmax rows."""

    quantity: str
    fmt: str
    rows: tuple[tuple[Floats, Floats], ...]

    def run(self) -> Reference:
        """The exact results of all rows, one after the other."""
        fmt = FORMATS[self.fmt]
        vjp = self.quantity == "vjp"
        found = [reference_row("softmax", self.quantity, x, fmt, g if vjp else None) for x, g in self.rows]
        return joined(found)


def joined(parts: Sequence[Reference]) -> Reference:
    """References one after the other."""
    return Reference(
        np.concatenate([part.rounded for part in parts]),
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.ulp for part in parts]),
    )
