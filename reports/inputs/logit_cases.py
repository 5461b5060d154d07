"""Rows of logits: all of one length, computed at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.logits import logits
from refacts.reports.quantities import operands, reduces
from refacts.reports.run.tasks import Task, row_tasks
from refacts.reports.targets.kernel import Kernel

from refacts.activation import Activation


@dataclass(frozen=True)
class LogitCases:
    """``count`` rows of a family and length."""

    activation: Activation
    quantity: str
    fmt: Format
    family: str
    length: int
    count: int
    seed: int

    @cached_property
    def operands(self) -> tuple[Floats, ...]:
        """Arrays of rows."""
        made = logits(self.fmt, self.family, self.length, self.count, self.seed)
        return made[: len(self._names)]

    @property
    def _names(self) -> tuple[str, ...]:
        return operands(self.activation, self.quantity)

    @property
    def points(self) -> Floats:
        """The x that each result belongs to; for a row's one result its largest."""
        x = self.operands[0]
        points: Floats = x.max(axis=-1) if reduces(self.activation, self.quantity) else x.ravel()
        return points

    def tasks(self) -> list[Task]:
        """The oracle's work, in chunks of rows."""
        rows = list(zip(*self.operands, strict=True))
        return row_tasks(self.activation, self.quantity, self.fmt, rows)

    def computed(self, kernel: Kernel) -> Floats:
        """What the kernel makes of all rows at once."""
        given = map(self.fmt.encode, self.operands)
        result: Floats = kernel(self.activation, self.quantity, *given)
        return result

    def given(self, index: int) -> dict[str, float]:
        """The x of one result: a row has many of the others."""
        return {"x": float(self.points[index])}

    def subject(self, kernel: Kernel, index: int) -> str:
        """The call, and which rows it is of."""
        call = kernel.written(self.activation, self.quantity, {name: name for name in self._names})
        return f"{call}.flat[{index}] of {self.count} x {self.length} {self.family} (seed {self.seed})"

    def reproducer(self, kernel: Kernel, index: int) -> str:
        """The call on the rows made anew."""
        fmt = f"FORMATS['{self.fmt.name}']"
        targets = [*self._names, "_"][:2]
        made = (
            "from refacts.oracles import FORMATS; from refacts.reports.inputs.logits import logits; "
            f"{', '.join(targets)} = map({fmt}.encode, "
            f"logits({fmt}, {self.family!r}, {self.length}, {self.count}, {self.seed}))"
        )
        given = {name: name for name in self._names}
        return kernel.reproducer(self.activation, self.quantity, made, given, index)
