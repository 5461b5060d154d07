"""The run of `refacts verify`: questions put to targets in processes, their rows in order."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.exits import say
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.probes import PROBES, probes
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.judge.fingerprint import fingerprint
from refacts.reports.judge.fingerprint.beside_kinks import beside_kinks
from refacts.reports.judge.fingerprint.decision import agreed, decided
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.judging import Rules
from refacts.reports.judge.rows import Diagnosis, Incident, Row
from refacts.reports.question import Batch, Question
from refacts.reports.run.shard import CONTROLLED, Answered, Part, Settings, answered_part, part
from refacts.reports.run.verdict import Subject, by_operands, row
from refacts.reports.run.workers import at_once, workers
from refacts.reports.targets import incidents, prints
from refacts.reports.targets.careful import COSTLY, Known, careful
from refacts.reports.targets.dump import SUFFIXES, RecordedTarget
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.steadiness import Steadiness, steadiness
from refacts.reports.targets.target import NoAnswerError

FEWEST = 300  # answers that tell a definition where others are missing
AHEAD = 3  # tasks begun for each process


@dataclass(frozen=True)
class Asked:
    """A question put to a target, with the inputs and what is demanded.

    steady: whether the bits of an input are compared alone, in arrays of other lengths, and again.
    """

    question: Question
    target: TargetSpec
    plan: Plan | Recorded
    rules: Rules
    gate: Gate
    peer: TargetSpec | None
    steady: bool = True

    @property
    def key(self) -> str:
        """That of its row."""
        profile = "+".join(sorted(self.rules.profile))
        return f"{self.target.title} as {self.question.key}{profile and f' {profile}'}"

    @property
    def settings(self) -> Settings:
        """How it is judged."""
        total = points.count(self.question, self.plan)
        least = 10 / self.gate.quota if self.gate.quota else 0.0
        controlled = CONTROLLED + math.ceil(least / points.SHARD)
        fair = points.uniform(self.question, self.plan) if self.gate.quota else 0
        return Settings(self.question, self.rules, self.gate.quota, self.plan.seed, total, controlled, fair)


class Sessions:
    """The targets of one process, each started when it is first asked."""

    def __init__(self, timeout: float, made: dict[TargetSpec, Any] | None = None) -> None:
        self.timeout = timeout
        self._open: dict[TargetSpec, Any] = dict(made or {})
        self._known: dict[tuple[TargetSpec, Question], Known] = {}

    def of(self, spec: TargetSpec) -> Any:
        """The session of a target."""
        if spec not in self._open and spec.text.endswith(SUFFIXES):
            self._open[spec] = RecordedTarget(Recorded(spec.text, spec.formats))
        elif spec not in self._open:
            self._open[spec] = Session(spec, self.timeout)
        return self._open[spec]

    def known(self, spec: TargetSpec, question: Question) -> Known:
        """What shards of a question have shown of a target, in this process."""
        return self._known.setdefault((spec, question), Known())

    def close(self) -> None:
        """End all targets."""
        for session in self._open.values():
            session.close()
        self._open = {}


def ask(sessions: Sessions, spec: TargetSpec, question: Question, batch: Batch) -> Answered:
    """What a target makes of a batch, whatever happens."""
    return ask_session(sessions.of(spec), question, batch, sessions.known(spec, question))


def ask_session(session: Any, question: Question, batch: Batch, known: Known) -> Answered:
    """What a session's target makes of a batch, whatever happens; what is ``known`` is not sought again."""
    found = careful(session, question, batch, known)
    each = found.values.size // max(len(found.answered), 1)
    incidents = [told(incident) for incident in found.incidents]
    return Answered(batch, found.values.ravel(), np.repeat(found.answered, each), incidents)


def told(incident: incidents.Incident) -> Incident:
    """An incident as the document has it."""
    operands = incidents.hexes(incident.operands)
    return Incident(incident.kind, incident.sentence, operands, incident.reproducer)


def judged_shard(sessions: Sessions, asked: Asked, k: int) -> Part:
    """Shard k of a question."""
    batch = points.batch(asked.question, asked.plan, k)
    answered = ask(sessions, asked.target, asked.question, batch)
    peer = partial(ask, sessions, asked.peer) if asked.peer else None
    return part(asked.settings, k, answered, peer)


class Examined(NamedTuple):
    """Which definition a target follows, what went wrong, and a remark for the user."""

    diagnosis: Diagnosis | None
    incidents: list[Incident]
    remark: str = ""


def examined(sessions: Sessions, asked: Asked) -> Examined:
    """Look at a target before it is judged; its very first answer is compared with later ones."""
    session, question, name = sessions.of(asked.target), asked.question, asked.target.text
    if isinstance(session, RecordedTarget):
        batch = session.recorded.probes(question)
        got = session.answer(question, batch).values
        return Examined(decided(question, batch, got, name) if got.size else None, [])
    batch = probes(question, PROBES, asked.plan.seed)
    try:
        first = session.answer(question, batch)
    except NoAnswerError as error:  # what it does instead is found, and narrowed, in the shards
        costly = error.kind in COSTLY
        return Examined(None if costly else _followed_where_answered(sessions, asked), [])

    found = steadiness(session, question, batch, first.values) if asked.steady else Steadiness([])
    happened = list(found.incidents)

    def answer(question: Question, given: Batch) -> Floats:
        answered = careful(session, question, given)
        happened.extend([] if answered.answered.all() else answered.incidents)
        return answered.values

    follows = agreed if found.from_run_to_run else fingerprint
    diagnosis = follows(question, answer, name, asked.plan.seed)
    return Examined(diagnosis, [told(each) for each in happened], found.cut_short)


def _followed_where_answered(sessions: Sessions, asked: Asked) -> Diagnosis | None:
    """Which definition a target follows that does not answer all: None where too few answers are there."""
    question = asked.question
    batch = beside_kinks(question, PROBES, asked.plan.seed)
    found = ask_session(sessions.of(asked.target), question, batch, Known())  # the shards tell of incidents
    if np.count_nonzero(found.there) < FEWEST:
        return None
    batch, there = answered_part(question, batch, found.there)
    return decided(question, batch, found.computed[there], asked.target.text)


Task = Callable[[Sessions], Any]
Submit = Callable[[Task], "Future[Any]"]


@dataclass
class _Begun:
    """A question whose first shards are on their way."""

    asked: Asked
    examined: Future[Examined]
    parts: deque[Future[Part]]
    shards: int
    submitted: int = 0

    def go_on(self, submit: Submit, most: int) -> None:
        """Begin shards until ``most`` are under way."""
        while self.submitted < self.shards and len(self.parts) < most:
            self.parts.append(submit(partial(judged_shard, asked=self.asked, k=self.submitted)))
            self.submitted += 1


def verified(
    asked: Iterable[Asked],
    jobs: int,
    timeout: float,
    tell: Callable[[int], object],
    made: dict[TargetSpec, Any] | None = None,
) -> Iterator[Row]:
    """The row of each question, in order; ``tell`` hears of how many results each shard has.

    ``made``: sessions of this process (with jobs = 1), for targets that cannot travel.
    """
    ahead = AHEAD * jobs
    with _processes(jobs, timeout, made) as (submit, sessions):
        waiting: deque[_Begun] = deque()
        for each in asked:
            begun = _Begun(each, submit(partial(examined, asked=each)), deque(),
                           points.shards(each.question, each.plan))  # fmt: skip
            begun.go_on(submit, ahead)
            waiting.append(begun)
            if sum(len(other.parts) for other in waiting) >= ahead:
                yield _finished(waiting.popleft(), sessions, submit, tell, ahead)
        while waiting:
            yield _finished(waiting.popleft(), sessions, submit, tell, ahead)


def _finished(
    begun: _Begun, sessions: Sessions, submit: Submit, tell: Callable[[int], object], ahead: int
) -> Row:
    asked, found = begun.asked, Part.empty(begun.asked.settings)
    while begun.parts:
        one = begun.parts.popleft().result()
        begun.go_on(submit, ahead)
        found.merge(one)
        tell(one.tally.inputs)
    diagnosis, happened, remark = begun.examined.result()
    known = {(each.kind, each.sentence) for each in found.incidents}
    incidents = [each for each in happened if (each.kind, each.sentence) not in known]
    if remark:
        say(f"{asked.target.title}, {asked.question.key}: {remark}")
    subject = Subject(
        asked.target.title,
        points.coverage(asked.question, asked.plan),
        asked.gate,
        by_operands(sessions.of(asked.target).reproducer, asked.question, asked.plan),
        asked.peer.title if asked.peer else "",
    )
    return row(subject, asked.settings, found, diagnosis, incidents)


@contextmanager
def _processes(
    jobs: int, timeout: float, made: dict[TargetSpec, Any] | None
) -> Iterator[tuple[Submit, Sessions]]:
    """A function that starts a task on one of ``jobs`` processes (on this one, at once, for 1)."""
    sessions = Sessions(timeout, made)
    try:
        if jobs == 1:
            yield lambda task: at_once(partial(task, sessions)), sessions
            return
        with workers(jobs, _begin, timeout, prints.left()) as submit:
            yield lambda task: submit(partial(_run, task)), sessions
    finally:
        sessions.close()


_SESSIONS: list[Sessions] = []  # those of a worker process: one


def _begin(timeout: float, lines: Any) -> None:
    prints.share(lines)
    _SESSIONS.append(Sessions(timeout))


def _run(task: Task) -> Any:
    return task(_SESSIONS[0])
