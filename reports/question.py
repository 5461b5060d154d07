"""What a target is judged on: a quantity of an activation, in a pair of formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.exits import UsageError
from refacts.reports.quantities import operands, reduces, results

Batch = dict[str, Floats]  # operands by name, as float64: (n,), of rows (rows, length)


@dataclass(frozen=True)
class Question:
    """One quantity of an activation, an object of refacts with its parameters.

    quantity: "value", "derivative", "vjp", "jvp"; of gated units "value", "vjp_a", "vjp_b", "jvp".
    source: the format of x (of a and b, and of tangents). output: that of the forward result. In a VJP
    the cotangent g has the output's format and the result the source's.
    """

    activation: Any
    quantity: str
    source: Format
    output: Format

    @property
    def kind(self) -> str:
        """Of the activation: "elementwise", "rowwise" or "gated"."""
        return str(self.activation.spec.kind)

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of the operands: x; x, g; x, v; a, b; a, b, g; a, b, v_a, v_b."""
        return operands(self.activation, self.quantity)

    @property
    def pulls_back(self) -> bool:
        """Whether the results are cotangents of the inputs."""
        return self.quantity.startswith("vjp")

    @property
    def reduces(self) -> bool:
        """Whether a row has one result."""
        return reduces(self.activation, self.quantity)

    def results(self, length: int) -> int:
        """How many results a row of that length has."""
        return results(self.activation, self.quantity, length)

    @property
    def result(self) -> Format:
        """The format of the results."""
        return self.source if self.pulls_back else self.output

    def format_of(self, operand: str) -> Format:
        """The format of an operand."""
        return self.output if operand == "g" else self.source

    @property
    def formats(self) -> str:
        """The pair as a user writes it: "float32", or "float32:bfloat16"."""
        same = self.source == self.output
        return self.source.name if same else f"{self.source.name}:{self.output.name}"

    @property
    def subject(self) -> str:
        """The activation as a user writes it: "gelu", "leaky_relu(alpha=0.01)"."""
        given = ", ".join(f"{name}={number}" for name, number in self.activation.parameters.items())
        name = self.activation.spec.name
        return f"{name}({given})" if given else str(name)

    @property
    def key(self) -> str:
        """The question in a word: "gelu/value/float32"."""
        return f"{self.subject}/{self.quantity}/{self.formats}"


def pair(text: str) -> tuple[Format, Format]:
    """The formats of the input and the output that "float32" or "float32:bfloat16" names."""
    source, colon, output = text.partition(":")
    for name in (source, output) if colon else (source,):
        if name not in FORMATS:
            raise UsageError(
                f"--format must be one of {', '.join(FORMATS)}, or two with a colon (got {text!r})"
            )
    return FORMATS[source], FORMATS[output or source]
