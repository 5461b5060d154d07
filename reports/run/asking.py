"""What is asked of targets, and the answers of their processes, whatever happens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.judging import Rules
from refacts.reports.judge.rows import Incident
from refacts.reports.question import Batch, Question
from refacts.reports.run.shard import CONTROLLED, Answered, Settings
from refacts.reports.targets import incidents
from refacts.reports.targets.careful import Known, careful
from refacts.reports.targets.dump import SUFFIXES, RecordedTarget
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec


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
