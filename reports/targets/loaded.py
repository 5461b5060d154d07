"""A target that is in this process: what every kind of it has in common."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

from refacts.oracles.numbers.formats import Bits
from refacts.reports.question import Batch, Question
from refacts.reports.targets.target import Answer, NoAnswerError

from refacts.environment import standard_environment

Patterns = dict[str, Bits]  # operands by name, or results, as bit patterns of their formats
LONGEST_MESSAGE = 200  # of an exception, in a sentence


class Line(Protocol):
    """How a target is called by hand."""

    def line(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python that prints the results for operands given as hex floats, of one row."""
        ...


@dataclass(frozen=True)
class Described:
    """What a target's process tells of it. All of it travels.

    arrays: "numpy", "torch", "jax", "tensorflow", "onnx" or "c". said: a sentence for the user, how that
    was found. layouts: the ways in memory that its arrays can have, "plain" first.
    """

    name: str
    arrays: str
    said: str
    layouts: tuple[str, ...]
    written: Line


@dataclass(frozen=True)
class Computed:
    """The bit patterns of the results, in the format wanted, and what else was wrong with the call."""

    patterns: Bits
    faults: dict[str, str]


class Told:
    """A target that is described: in this process, or in one of its own."""

    described: Described

    @property
    def name(self) -> str:
        """As the user wrote it."""
        return self.described.name

    @property
    def arrays(self) -> str:
        """Of which library: "numpy", "torch", "jax", "tensorflow", "onnx" or "c"."""
        return self.described.arrays

    @property
    def said(self) -> str:
        """A sentence: which arrays it gets, and why these."""
        return self.described.said

    @property
    def layouts(self) -> tuple[str, ...]:
        """How its arrays can lie in memory."""
        return self.described.layouts

    def reproducer(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python that prints the results for operands given as hex floats, of one row."""
        return self.described.written.line(question, operands)


class Loaded(Told, ABC):
    """A target in this process. Operands and results are bit patterns, which no arithmetic can change."""

    def __init__(self, described: Described) -> None:
        self.described = described

    @abstractmethod
    def covers(self, question: Question) -> str:
        """Empty if the target can be asked, else a sentence that says why not."""

    @abstractmethod
    def compute(self, question: Question, operands: Patterns, layout: str) -> Computed:
        """Call it on fresh copies; NoAnswerError or any exception of the target's."""

    def note(self, question: Question) -> str:
        """What the target is given beside the operands, unasked: "dim=-1". Empty if nothing."""
        return ""

    def lives(self) -> bool:
        """Whether its device can still be used: asked after it raised."""
        return True

    def answer(self, question: Question, batch: Batch, layout: str = "plain") -> Answer:
        """What it makes of the operands, each an array of its format. NoAnswerError if it gave none.

        Results are judged, not warnings: where the process makes errors of these, they are ignored here.
        """
        return self.answer_to(question, encoded(question, batch), layout)

    def answer_to(self, question: Question, operands: Patterns, layout: str) -> Answer:
        """The same of bit patterns, of rows in any number of dimensions."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            computed = attempt(self, question, operands, layout)
        return decoded(question, computed)


def attempt(target: Loaded, question: Question, operands: Patterns, layout: str) -> Computed:
    """What the target computes; NoAnswerError for each exception that it raises."""
    try:
        return target.compute(question, operands, layout)
    except NoAnswerError:
        raise
    except Exception as error:
        raise NoAnswerError("raised", f"raised {described(error)}") from error


def described(error: BaseException) -> str:
    """The exception in a line: "ValueError: operands could not be broadcast"."""
    lines = str(error).strip().splitlines()
    message = lines[0] if lines else ""
    short = message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + "..."
    return f"{type(error).__name__}: {short}" if short else type(error).__name__


def encoded(question: Question, batch: Batch) -> Patterns:
    """The operands as bit patterns; ValueError for one that its format does not hold."""
    with standard_environment():
        return {name: question.format_of(name).bit_patterns(values) for name, values in batch.items()}


def decoded(question: Question, computed: Computed) -> Answer:
    """The results as float64."""
    with standard_environment():
        return Answer(question.result.decode(computed.patterns), computed.faults)


def wanted_shape(question: Question, operands: Patterns) -> tuple[int, ...]:
    """The shape of the results."""
    shape = operands[question.operands[0]].shape
    return shape[:-1] if question.reduces else shape
