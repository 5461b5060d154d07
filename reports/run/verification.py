"""The run of `refacts verify`: questions put to targets in processes, their rows in order."""

from __future__ import annotations

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
from refacts.reports.inputs.probes import PROBES, probes
from refacts.reports.judge.fingerprint import fingerprint, kink_side
from refacts.reports.judge.fingerprint.beside_kinks import beside_kinks
from refacts.reports.judge.fingerprint.decision import agreed, decided
from refacts.reports.judge.rows import Diagnosis, Incident, Row
from refacts.reports.question import Batch, Question
from refacts.reports.run.asking import Asked, Sessions, ask, ask_session, told
from refacts.reports.run.shard import Part, answered_part, part
from refacts.reports.run.verdict import Subject, by_operands, row
from refacts.reports.run.workers import at_once, workers
from refacts.reports.targets import prints
from refacts.reports.targets.careful import COSTLY, Known, careful
from refacts.reports.targets.dump import RecordedTarget
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.steadiness import Steadiness, steadiness
from refacts.reports.targets.target import NoAnswerError

FEWEST = 300  # answers that tell a definition where others are missing
AHEAD = 3  # tasks begun for each process


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
        return Examined(None if costly else followed(session, question, name, asked.plan.seed), [])

    found = steadiness(session, question, batch, first.values) if asked.steady else Steadiness([])
    happened = list(found.incidents)

    def answer(question: Question, given: Batch) -> Floats:
        answered = careful(session, question, given)
        happened.extend([] if answered.answered.all() else answered.incidents)
        return answered.values

    follows = agreed if found.from_run_to_run else fingerprint
    diagnosis = follows(question, answer, name, asked.plan.seed)
    return Examined(diagnosis, [told(each) for each in happened], found.cut_short)


def followed(session: Any, question: Question, name: str, seed: int = 0) -> Diagnosis | None:
    """Which definition a target follows that may not answer all: None where too few answers are there."""
    batch = beside_kinks(question, PROBES, seed)
    found = ask_session(session, question, batch, Known())  # the incidents are those of the shards
    if found.there.all():
        kinks = kink_side(question, lambda asked, at: careful(session, asked, at).values)
        return decided(question, batch, found.computed, name, kinks)
    if np.count_nonzero(found.there) < FEWEST:
        return None
    batch, there = answered_part(question, batch, found.there)
    return decided(question, batch, found.computed[there], name)


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
