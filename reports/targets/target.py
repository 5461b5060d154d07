"""What can be judged: something that answers questions, and how it says that it did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question


class NoAnswerError(Exception):
    """A target gave no answer at all to a batch.

    kind: "raised", "shape" (of what it returned), "type" (it returned no array), "hung" or "died".
    The sentence says what it did: "raised ValueError: ...", "returned shape (3,), want (4,)".
    """

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(kind, sentence)  # which is what it is made of anew in another process
        self.kind, self.sentence = kind, sentence

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Answer:
    """What a target made of a batch.

    values: the results as float64, of the shape wanted. faults: what else was wrong with the call, a
    sentence by kind: "dtype" ("returned float64, want float32"; the values are then rounded to the
    format), "input" ("changed x").
    """

    values: Floats
    faults: dict[str, str]


class Target(Protocol):
    """Something that answers questions; made in the process that calls it."""

    @property
    def name(self) -> str:
        """As the user wrote it: "torch.nn.functional:gelu"."""
        ...

    def covers(self, question: Question) -> str:
        """Empty if the target can be asked, else a sentence that says why not."""
        ...

    def answer(self, question: Question, batch: Batch) -> Answer:
        """What it makes of the operands, each an array of its format. NoAnswerError if it gave none."""
        ...

    def reproducer(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python or shell that prints the results for operands given as hex floats."""
        ...
