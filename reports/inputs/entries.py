"""What a report is made of: each question of the catalogue on its inputs, and rows on logits."""

from __future__ import annotations

from dataclasses import dataclass

from refacts.oracles import FORMATS
from refacts.reports.inputs import logits
from refacts.reports.inputs.logits import Logits
from refacts.reports.inputs.modes import Settings
from refacts.reports.inputs.points import Plan
from refacts.reports.quantities import CATALOGUE, quantities
from refacts.reports.question import Question
from refacts.reports.targets.kernel import Kernel
from refacts.reports.targets.kernels import SHIFTED


@dataclass(frozen=True)
class Entry:
    """A question on inputs; each kernel that it concerns has a row of the document."""

    question: Question
    inputs: Plan | Logits

    @property
    def section(self) -> str:
        """The one of `Kernel.sections` it belongs to: "rows" or "logits"."""
        return "logits" if isinstance(self.inputs, Logits) else "rows"

    @property
    def drawn(self) -> str:
        """What `Row.drawn` says."""
        return self.inputs.drawn if isinstance(self.inputs, Logits) else ""

    @property
    def key(self) -> str:
        """In a word, without parameters: "gelu/value/float32", "softmax/vjp/float32/N(0,1)/1000"."""
        question = self.question
        parts = [question.activation.spec.name, question.quantity, question.formats]
        if isinstance(self.inputs, Logits):
            parts += [self.inputs.family, str(self.inputs.length)]
        return "/".join(parts)

    @property
    def parameters(self) -> dict[str, str]:
        """What rows say of the activation's parameters."""
        return {name: str(number) for name, number in self.question.activation.parameters.items()}

    def concerns(self, kernel: Kernel) -> bool:
        """Whether the kernel is measured on it."""
        covered = kernel.covers(self.question.activation, self.question.quantity)
        return self.section in kernel.sections and covered


def entries(settings: Settings) -> list[Entry]:
    """All of a run, in the document's order."""
    asked = [
        Question(CATALOGUE[name], quantity, fmt, fmt)
        for name in settings.names
        for quantity in quantities(CATALOGUE[name])
        for fmt in FORMATS.values()
    ]
    return [
        *(Entry(question, settings.plan(question)) for question in asked),
        *(
            Entry(question, Logits(family, length, rows, settings.seed))
            for question in asked
            if _has_logits(question)
            for family in logits.FAMILIES
            for length, rows in settings.mode.logits[question.source.bits].items()
        ),
    ]


def _has_logits(question: Question) -> bool:
    covered = question.kind == "rowwise" and SHIFTED.covers(question.activation, question.quantity)
    return covered and question.formats in logits.FORMATS
