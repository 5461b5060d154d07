"""The smallest input to blame for a call that has no answer, or a fault."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question
from refacts.reports.targets.direct import Asked
from refacts.reports.targets.incidents import Incident, incident, piece
from refacts.reports.targets.target import Answer, NoAnswerError

MOST_CALLS = 60  # in search of one culprit
SOONEST = 1.0  # seconds: pieces of a batch that hung are given up after no less
SLOWER = 20  # times as long as good calls took
ALIKE = 6  # other inputs that are tried before "every input"


@dataclass(frozen=True)
class Failed:
    """A piece that has no answer within some seconds."""

    start: int
    stop: int
    why: NoAnswerError
    seconds: float


def signature(why: NoAnswerError) -> tuple[str, str]:
    """The same for pieces that have no answer for the same reason, as far as that can be told."""
    return why.kind, "" if why.kind == "hung" else why.sentence


@dataclass
class Search:
    """A batch, the answers that its pieces have got, and how to ask for more.

    rate: seconds that an element, or a row, of the slowest answer took.
    """

    target: Asked
    question: Question
    batch: Batch
    random: np.random.Generator
    rate: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is answered yet."""
        x = self.batch[self.question.operands[0]]
        self.units = len(x)
        self.values: Floats = np.full(x.shape[:1] if self.question.reduces else x.shape, np.nan)
        self.answered = np.zeros(self.units, np.bool_)
        self.refused = np.zeros(self.units, np.bool_)  # culprits
        self.longest = max(self.units, 1)  # of pieces that are asked
        self.deadline = np.inf
        self.calls, self.most_calls = 0, 0
        self.faulty: dict[str, tuple[int, int]] = {}  # where each fault was first seen

    def ask(self, start: int, stop: int, timeout: float) -> Answer:
        """What the target makes of a piece."""
        self.calls += 1
        answer = self.target.answer(self.question, piece(self.batch, start, stop), timeout=timeout)
        self.rate = max(self.rate, self.target.seconds / max(stop - start, 1))
        return answer

    def keep(self, start: int, stop: int, answer: Answer) -> None:
        """Take the answer to a piece."""
        self.values[start:stop] = answer.values
        self.answered[start:stop] = True
        for kind in answer.faults.keys() - self.faults.keys():
            self.faulty[kind] = start, stop
            self.faults[kind] = answer.faults[kind]

    def try_(self, start: int, stop: int, timeout: float) -> Failed | None:
        """Ask for a piece and keep the answer, or say why there is none."""
        try:
            self.keep(start, stop, self.ask(start, stop, timeout))
        except NoAnswerError as error:
            return Failed(start, stop, error, timeout)
        return None

    def culprit(self, whole: Failed) -> Failed | None:
        """Mark the smallest piece to blame for one that has no answer; None if that one lacked only time."""
        self.most_calls = self.calls + MOST_CALLS
        found = self.smallest(whole)
        if found is not None:
            self.refused[found.start : found.stop] = True
            if found.stop - found.start > 1:
                self.longest = min(self.longest, (found.stop - found.start) // 2)
        return found

    def smallest(self, whole: Failed) -> Failed | None:
        """The smallest piece found within one that has no answer; None if it was only given too little time.

        Halves that answer are kept. A half is blamed without a call when the other one answers, and the
        last piece is confirmed with all the time that a call may take. If it answers after all, a longer
        piece is to blame as a whole.
        """
        low, high, failed = whole.start, whole.stop, whole
        while high - low > 1 and not self.spent():
            middle = (low + high) // 2
            error = self.try_(low, middle, self.short(middle - low, whole.why.kind))
            if error is None:
                low = middle
            else:
                high, failed = middle, error
        if (low, high) == (failed.start, failed.stop) and failed.seconds == self.target.timeout:
            return failed
        confirmed = self.try_(low, high, self.target.timeout)
        if confirmed is not None:
            return confirmed
        if failed.seconds < self.target.timeout:
            failed = whole
        if failed.seconds < self.target.timeout:
            again = self.try_(whole.start, whole.stop, self.target.timeout)
            if again is None:
                return None
            failed = again
        return self.combination(failed)

    def combination(self, failed: Failed) -> Failed:
        """The smallest piece found of which a half has no answer, or neither half lacks one."""
        while failed.stop - failed.start > 1 and not self.spent():
            middle = (failed.start + failed.stop) // 2
            first = self.try_(failed.start, middle, self.target.timeout)
            smaller = first or self.try_(middle, failed.stop, self.target.timeout)
            if smaller is None:
                break
            failed = smaller
        return failed

    def others_alike(self, why: NoAnswerError) -> bool:
        """Whether inputs from elsewhere in the batch have no answer either, for the same reason."""
        others = np.flatnonzero(~self.refused)
        if not others.size:
            return False
        for place in {int(others[-1]), *(int(each) for each in self.random.choice(others, ALIKE - 1))}:
            error = self.try_(place, place + 1, self.short(1, why.kind))
            if error is None or error.why.kind != why.kind:
                return False
        return True

    def left(self, start: int, stop: int) -> list[tuple[int, int]]:
        """The pieces of a piece that are neither answered nor to blame, in order, none of them too long."""
        is_open = ~(self.answered[start:stop] | self.refused[start:stop])
        edges = np.flatnonzero(np.diff(np.concatenate([[False], is_open, [False]])))
        return [
            (low, min(low + self.longest, start + int(b)))
            for a, b in edges.reshape(-1, 2)
            for low in range(start + int(a), start + int(b), self.longest)
        ]

    def short(self, units: int, kind: str) -> float:
        """Seconds for a piece of a batch that has no answer: less than a call may take, if that one hung."""
        if kind != "hung":
            return self.target.timeout
        return min(self.target.timeout, max(SOONEST, SLOWER * self.rate * units))

    def spent(self) -> bool:
        """Whether the search for a culprit took what it may."""
        return self.calls >= self.most_calls or time.monotonic() > self.deadline

    def narrow_fault(self, kind: str) -> None:
        """Find the smallest input with a fault of a call that has an answer."""
        start, stop = self.faulty[kind]
        sentence = self.faults[kind]
        tried = [(start, start + 1)] if stop - start > 2 else []
        while stop - start > 1:
            middle = (start + stop) // 2
            for low, high in (*tried, (start, middle), (middle, stop)):
                found = self.fault(kind, low, high)
                if found:
                    start, stop, sentence = low, high, found
                    break
            else:
                break
            tried = []
        small = piece(self.batch, start, stop)
        self.incidents.append(incident(self.target, self.question, kind, sentence, small))

    def fault(self, kind: str, start: int, stop: int) -> str:
        """The fault of that kind in the answer to a piece; empty if it has none."""
        try:
            return self.ask(start, stop, self.target.timeout).faults.get(kind, "")
        except NoAnswerError:
            return ""
