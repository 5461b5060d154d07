"""A dump as a target: it answers for the inputs that it holds."""

from __future__ import annotations

import math

from refacts.reports.inputs.recorded import Recorded
from refacts.reports.question import Batch, Question
from refacts.reports.targets.target import Answer

SUFFIXES = (".npz", ".csv")


class RecordedTarget:
    """Results that were computed somewhere else, asked in the same way as those of a kernel."""

    timeout, seconds = math.inf, 0.0
    layouts: tuple[str, ...] = ()
    arrays, said = "dump", ""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded, self.name = recorded, recorded.path

    def covers(self, question: Question) -> str:
        """Empty if the file answers the question, else a sentence that says why not."""
        return self.recorded.dump.lacks(question)

    def note(self, question: Question) -> str:
        """Nothing was given beside the operands."""
        return ""

    def answer(
        self, question: Question, batch: Batch, layout: str = "plain", timeout: float | None = None
    ) -> Answer:
        """What the file gives for one of its batches, or its probes; UsageError for other inputs."""
        return Answer(self.recorded.answer(question, batch), {})

    def reproducer(self, question: Question, operands: dict[str, list[str]]) -> str:
        """A command that prints the exact results."""
        quantity = {"vjp_a": "vjp", "vjp_b": "vjp"}.get(question.quantity, question.quantity)
        first, *others = (f"{' '.join(numbers)!r}" for numbers in operands.values())
        options = [
            f"--{name.replace('_', '-')}={text}" for name, text in zip([*operands][1:], others, strict=True)
        ]
        given = [f"--param {name}={number}" for name, number in question.activation.parameters.items()]
        name = question.activation.spec.name
        parts = [f"refacts exact {name} {first}", *options, *given, f"--quantity {quantity}"]
        return " ".join([*parts, f"--format {question.formats}"])

    def close(self) -> None:
        """Nothing to end."""
