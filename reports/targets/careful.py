"""A batch that a target gives no answer to is cut up: the culprit is named, the rest is answered."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question
from refacts.reports.targets.direct import Asked
from refacts.reports.targets.incidents import Incident, incident, piece
from refacts.reports.targets.narrowing import ALIKE, Failed, Search, signature
from refacts.reports.targets.target import NoAnswerError

MOST_INCIDENTS = 3  # of one batch
RESTARTS = 30  # calls for the rest of a batch that may cost a process each
MOST_FAILURES = 5000  # calls for the rest that have no answer for another reason
PATIENCE = 4  # timeouts that one batch may take, beside its first
COSTLY = ("hung", "died")  # the next call needs a new process


@dataclass
class Known:
    """What batches of a question have shown so far: kinds of incidents, and the seconds an element takes."""

    kinds: set[str] = field(default_factory=set)
    rate: float = 0.0


@dataclass(frozen=True)
class Careful:
    """What a target made of a batch, as far as it answered.

    values: as of `Answer`, NaN where unanswered. answered: which elements, or which rows, have an answer.
    faults: as of `Answer`. incidents: why the others have none, and the smallest input with each fault.
    """

    values: Floats
    answered: npt.NDArray[np.bool_]
    faults: dict[str, str]
    incidents: list[Incident]


def careful(
    target: Asked, question: Question, batch: Batch, known: Known | None = None, seed: int = 0
) -> Careful:
    """Ask for a batch; if no answer comes, find the smallest input to blame, and ask for the rest in pieces.

    At most three incidents without an answer are sought. Those of kinds that are ``known`` already are not,
    nor are faults of such kinds; ``known`` learns of the others. The rest is asked for until 30 calls have
    hung or died (6 where no answer is near), 5,000 have failed otherwise, or the time is over.
    """
    known = Known() if known is None else known
    search = Search(target, question, batch, np.random.default_rng(seed), known.rate)
    hangs = known.rate and "hung" in known.kinds
    first = search.try_(0, search.units, search.short(search.units, "hung") if hangs else target.timeout)
    order: npt.NDArray[np.intp] = np.arange(search.units)
    if first is not None:
        order = _sorted(search)
        _Cutting(search, known).cut_up(first)
    for kind in sorted(search.faults.keys() - known.kinds):
        search.narrow_fault(kind)
    known.kinds |= {each.kind for each in search.incidents}
    known.rate = search.rate
    values, answered = np.empty_like(search.values), np.empty_like(search.answered)
    values[order], answered[order] = search.values, search.answered
    return Careful(values, answered, search.faults, search.incidents)


def _sorted(search: Search) -> npt.NDArray[np.intp]:
    """Put the batch in order of x, in which what has no answer mostly lies together; where each was."""
    x = search.batch[search.question.operands[0]]
    order = np.argsort(x if x.ndim == 1 else x.max(axis=-1), kind="stable")
    search.batch = {name: values[order] for name, values in search.batch.items()}
    return order


@dataclass(frozen=True)
class _Blamed(Failed):
    """A piece that must have no answer, since the other half of one without has."""


@dataclass(frozen=True)
class _Open(Failed):
    """A piece that was not asked for by itself."""


class _Cutting:
    """The pieces of a batch that have no answer yet."""

    def __init__(self, search: Search, known: Known) -> None:
        self.search, self.known = search, known
        self.heap: list[tuple[bool, int, int, Failed]] = []
        self.told: set[tuple[str, str]] = set()  # what has an incident
        self.failures = {True: 0, False: 0}  # by whether they may cost a process
        self.in_a_row = 0  # of those that may, on pieces that lie beside no answer

    def cut_up(self, whole: Failed) -> None:
        """Name culprits and answer the rest of a batch that has no answer as a whole."""
        search = self.search
        search.deadline = time.monotonic() + max(60.0, PATIENCE * min(search.target.timeout, 1e6))
        if not self.is_new(whole.why) and search.others_alike(whole.why):
            return
        self.add(whole)
        while self.heap and not self.spent():
            *_, failed = heapq.heappop(self.heap)
            if isinstance(failed, _Open):
                self.again(failed.start, failed.stop, failed.why)
            elif self.is_new(failed.why):
                if self.blame(failed):
                    return
                for start, stop in search.left(failed.start, failed.stop):
                    self.add(_Open(start, stop, failed.why, 0.0))
            elif failed.stop - failed.start > 1:
                self.halve(failed)
            elif isinstance(failed, _Blamed):
                self.again(failed.start, failed.stop, failed.why)

    def add(self, piece: Failed) -> None:
        """Pieces next to an answer come first, which is where culprits end; then long ones."""
        heapq.heappush(self.heap, (not self.beside(piece), piece.start - piece.stop, piece.start, piece))

    def beside(self, piece: Failed) -> bool:
        """Whether a piece lies next to an answer."""
        answered = self.search.answered
        return any(answered[k] for k in (piece.start - 1, piece.stop) if 0 <= k < len(answered))

    def again(self, start: int, stop: int, why: NoAnswerError) -> bool:
        """Ask for a piece of one that has no answer; whether it has one."""
        failed = self.search.try_(start, stop, self.search.short(stop - start, why.kind))
        if failed is None:
            self.in_a_row = 0
            return True
        self.failures[failed.why.kind in COSTLY] += 1
        self.in_a_row += failed.why.kind in COSTLY and not self.beside(failed)
        self.add(failed)
        return False

    def halve(self, failed: Failed) -> None:
        """Ask for one half, the one next to an answer if any; if it answers, the other is to blame."""
        middle, search = (failed.start + failed.stop) // 2, self.search
        halves = [(failed.start, middle), (middle, failed.stop)]
        if failed.stop < search.units and search.answered[failed.stop]:
            halves.reverse()
        kind = _Blamed if self.again(*halves[0], failed.why) else _Open
        self.add(kind(*halves[1], failed.why, 0.0))

    def is_new(self, why: NoAnswerError) -> bool:
        """Whether an incident is to be made of it."""
        known = why.kind in self.known.kinds or signature(why) in self.told
        return not known and len(self.search.incidents) < MOST_INCIDENTS

    def blame(self, failed: Failed) -> bool:
        """Make an incident of the smallest input to blame for a piece; whether every input is like it."""
        search = self.search
        found = search.culprit(failed)
        if found is None:
            return False
        why, small = found.why, piece(search.batch, found.start, found.stop)
        every = not search.answered.any() and search.others_alike(why)
        sentence = why.sentence + (", on every input tried" if every else "")
        self.told |= {signature(failed.why), signature(why)}
        search.incidents.append(incident(search.target, search.question, why.kind, sentence, small))
        return every

    def spent(self) -> bool:
        """Whether the rest took what it may."""
        over = self.failures[True] >= RESTARTS or self.failures[False] >= MOST_FAILURES
        return over or self.in_a_row >= ALIKE or time.monotonic() > self.search.deadline
