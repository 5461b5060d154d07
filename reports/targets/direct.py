"""A target in this process, and what one that is asked in several ways can do."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self

from refacts.reports.question import Batch, Question
from refacts.reports.targets.callables import of_function
from refacts.reports.targets.frameworks.arrays import GIVEN
from refacts.reports.targets.loaded import Loaded, Patterns
from refacts.reports.targets.target import Answer, Target


class Asked(Target, Protocol):
    """A target that can be asked in several ways."""

    @property
    def layouts(self) -> tuple[str, ...]:
        """How its arrays can lie in memory."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds that a call may take."""
        ...

    @property
    def seconds(self) -> float:
        """How long the last answer took."""
        ...

    def answer(
        self, question: Question, batch: Batch, layout: str = "plain", timeout: float | None = None
    ) -> Answer:
        """What it makes of the operands. NoAnswerError if it gave none."""
        ...


class Direct:
    """A target in this process, asked in the same ways: what it crashes, it crashes here."""

    timeout = math.inf

    def __init__(self, target: Loaded) -> None:
        self.target = target
        self.seconds = 0.0
        self.name, self.arrays, self.said = target.name, target.arrays, target.said
        self.layouts = target.layouts
        self.covers, self.note, self.reproducer = target.covers, target.note, target.reproducer

    @classmethod
    def of(cls, function: Callable[..., Any], **options: Any) -> Self:
        """Of a Python object: a function, a lambda, a closure; options as of `of_function`."""
        return cls(of_function(function, **options))

    def answer(
        self, question: Question, batch: Batch, layout: str = "plain", timeout: float | None = None
    ) -> Answer:
        """What it makes of the operands; NoAnswerError if it gave none. Nothing ends it early."""
        start = time.perf_counter()
        answer = self.target.answer(question, batch, layout)
        self.seconds = time.perf_counter() - start
        return answer

    def whole(self, question: Question, operands: Patterns) -> Answer:
        """What it makes of bit patterns of any shape, which lie in memory as they are; as `answer`."""
        return self.target.answer_to(question, operands, GIVEN)

    def close(self) -> None:
        """Nothing to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
