"""The run of a survey: each function of the table judged in a process of its own, its rows in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from refacts.reports.exits import UsageError
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.probes import probes
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.judging import Rules
from refacts.reports.judge.rows import Row
from refacts.reports.question import Question, pair
from refacts.reports.run.verification import Asked, verified
from refacts.reports.run.workers import workers
from refacts.reports.survey.examples import exemplified
from refacts.reports.survey.functions import Entry
from refacts.reports.survey.record import LeftOut
from refacts.reports.targets.session import Session
from refacts.reports.targets.target import NoAnswerError

QUANTITIES = {
    "elementwise": ("value", "derivative"),
    "rowwise": ("value", "vjp"),
    "gated": ("value", "vjp_a", "vjp_b"),
}
VALUE_ONLY = ("scipy", "onnx")  # nothing differentiates there
FORMATS = ("float32", "float64", "bfloat16")
GATE = Gate(allow=("sign-of-zero",))
RULES = Rules(frozenset({"ftz", "daz"}), "any", GATE.allow)  # what they excuse is counted
TIMEOUT = 120.0  # seconds a call may take: others may use the machine, too


@dataclass(frozen=True)
class Surveyed:
    """What was found of an entry."""

    rows: tuple[Row, ...]
    left_out: tuple[LeftOut, ...]


class Survey(Protocol):
    """Judges an entry; it travels to other processes."""

    def __call__(self, entry: Entry) -> Surveyed:
        """What is found of it."""
        ...


@dataclass(frozen=True)
class Judging:
    """The survey of an entry on the inputs of a plan."""

    samples: int
    seed: int

    def __call__(self, entry: Entry) -> Surveyed:
        """All rows of the function; one that is not there, or does not answer, is left out with a reason."""
        try:
            session = Session(entry.target, TIMEOUT)
        except UsageError as error:
            return Surveyed((), (LeftOut(entry.function, entry.activation, "all", str(error)),))
        with session:
            questions, left_out = self._questions(entry, session)
            asked = [Asked(q, entry.target, self._plan, RULES, GATE, None, steady=False) for q in questions]
            found = verified(asked, 1, TIMEOUT, _nothing, {entry.target: session})
            rows = [exemplified(row, q, session, RULES) for row, q in zip(found, questions, strict=True)]
        return Surveyed(tuple(rows), tuple(left_out))

    @property
    def _plan(self) -> Plan:
        return Plan(self.samples, self.seed)

    def _questions(self, entry: Entry, session: Session) -> tuple[list[Question], list[LeftOut]]:
        """Those that the function answers, and why it does not answer the others."""
        activation = entry.made
        quantities = QUANTITIES[activation.spec.kind]
        found, left_out = [], []
        for quantity in quantities[:1] if entry.framework in VALUE_ONLY else quantities:
            for fmt in FORMATS:
                question = Question(activation, quantity, *pair(fmt))
                why = session.covers(question) or self._refusal(question, session)
                if why:
                    asked = f"{quantity} in {fmt}"
                    left_out.append(LeftOut(entry.function, entry.activation, asked, why))
                else:
                    found.append(question)
        return found, left_out

    def _refusal(self, question: Question, session: Session) -> str:
        """Why ordinary inputs have no result of the format; empty where they do, or the process died."""
        try:
            answer = session.answer(question, probes(question, 100, self.seed))
        except NoAnswerError as error:
            return error.sentence if error.kind == "raised" else ""
        return answer.faults.get("dtype", "")


def surveyed(entries: Sequence[Entry], judge: Survey, jobs: int) -> Iterator[Surveyed]:
    """What is found of each entry, in order, by ``jobs`` processes (this one for 1)."""
    if jobs == 1:
        yield from map(judge, entries)
        return
    with workers(min(jobs, max(len(entries), 1))) as submit:
        for future in [submit(partial(judge, entry)) for entry in entries]:
            yield future.result()


def _nothing(_: int) -> None:
    """Progress is told by entries."""
