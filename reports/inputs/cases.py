"""The inputs of one shard, what a kernel makes of them, and one line of Python that repeats each.

Those of rows are in `reports.inputs.row_cases` and `reports.inputs.logit_cases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.notation import hexadecimal
from refacts.reports.run.tasks import CHUNK, PointTask, Task
from refacts.reports.targets.kernel import Kernel

from refacts.activation import Activation


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
