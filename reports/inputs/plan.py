"""What is measured: the shards of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from refacts.oracles import FORMATS, Format
from refacts.reports.inputs import logits
from refacts.reports.inputs.modes import Settings
from refacts.reports.quantities import CATALOGUE, operands, quantities
from refacts.reports.targets.kernel import Kernel
from refacts.reports.targets.kernels import SHIFTED

from refacts.activation import Activation


@dataclass(frozen=True)
class Shard:
    """One activation in one quantity and format."""

    activation: Activation
    quantity: str
    fmt: Format
    section: ClassVar[str] = "rows"

    @property
    def key(self) -> str:
        """The row's key in the document."""
        return f"{self.activation.spec.name}/{self.quantity}/{self.fmt.name}"

    @property
    def parameters(self) -> dict[str, str]:
        """What the document says of the activation's parameters."""
        return {name: str(number) for name, number in self.activation.parameters.items()}

    def concerns(self, kernel: Kernel) -> bool:
        """Whether the kernel is measured on it."""
        return self.section in kernel.sections and kernel.covers(self.activation, self.quantity)

    def described(self, settings: Settings) -> dict[str, Any]:
        """What the document says of it, whatever is found."""
        return {
            "activation": self.activation.spec.name,
            "quantity": self.quantity,
            "format": self.fmt.name,
            "parameters": self.parameters,
            "coverage": "exhaustive" if exhaustive(self, settings) else "sampled",
        }


@dataclass(frozen=True)
class LogitShard(Shard):
    """A row-wise activation on rows of one family and length."""

    family: str
    length: int
    section: ClassVar[str] = "logits"

    @property
    def key(self) -> str:
        """The row's key in its section of the document."""
        return f"{super().key}/{self.family}/{self.length}"

    def described(self, settings: Settings) -> dict[str, Any]:
        """Its rows, too."""
        rows = {"family": self.family, "length": self.length, "rows": self.rows(settings)}
        return {**super().described(settings), **rows}

    def rows(self, settings: Settings) -> int:
        """How many."""
        return settings.mode.logits[self.fmt.bits][self.length]


def shards(settings: Settings) -> list[Shard]:
    """All shards of a run, in the document's order."""
    chosen = [CATALOGUE[name] for name in settings.names]
    rows = [
        Shard(activation, quantity, fmt)
        for activation in chosen
        for quantity in quantities(activation)
        for fmt in FORMATS.values()
    ]
    return rows + [
        LogitShard(activation, quantity, FORMATS[fmt], family, length)
        for activation in chosen
        if activation.spec.kind == "rowwise"
        for quantity in quantities(activation)
        if SHIFTED.covers(activation, quantity)
        for fmt in logits.FORMATS
        for family in logits.FAMILIES
        for length in settings.mode.logits[FORMATS[fmt].bits]
    ]


def exhaustive(shard: Shard, settings: Settings) -> bool:
    """Whether every input of the format is measured."""
    one_input = operands(shard.activation, shard.quantity) == ("x",)
    elementwise = shard.activation.spec.kind == "elementwise"
    return settings.mode.exhaustive and elementwise and one_input and shard.fmt.bits == 16
