"""One shard of a verdict: a batch answered, judged and counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from refacts.oracles import Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.controls import moved
from refacts.reports.judge.judging import Rules, judged
from refacts.reports.judge.kinks import sides
from refacts.reports.judge.regions import Regions
from refacts.reports.judge.rows import Incident
from refacts.reports.judge.tally import Tally
from refacts.reports.judge.terms import terms
from refacts.reports.judge.truth import oracle, truth
from refacts.reports.notation import hexadecimal
from refacts.reports.question import Batch, Question

CONFIRMED = 1000  # results of a question whose truth the oracle confirms, at least
CONTROLLED = 3  # shards of a question on which the judge is controlled, where no quota asks for more
Flags = npt.NDArray[np.bool_]


class Answered(NamedTuple):
    """A batch, the flat results, which of them there are, and what went wrong on the way."""

    batch: Batch
    computed: Floats
    there: Flags
    incidents: list[Incident]


Ask = Callable[[Question, Batch], Answered]


class Settings(NamedTuple):
    """How a question is judged.

    quota: the share that the gate lets lie above. total: its results. controlled: how many shards, the
    first ones, the judge is controlled on.
    """

    question: Question
    rules: Rules
    quota: float
    seed: int
    total: int
    controlled: int


@dataclass
class Part:
    """What is kept of shards of one question; parts add up.

    exact, moved: the control's; of `moved_count` results. sides: how often a target takes a side of a kink.
    """

    tally: Tally
    regions: Regions
    exact: Tally
    moved: Tally
    peer: Tally
    moved_count: int = 0
    unanswered: int = 0
    confirmed: int = 0
    incidents: list[Incident] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    sides: dict[tuple[float, str], int] = field(default_factory=dict)

    @classmethod
    def empty(cls, settings: Settings) -> Part:
        """Of no shard."""
        question = settings.question
        tally, exact, moved, peer = (
            Tally(settings.rules.budget, question.source, question.result) for _ in range(4)
        )
        return cls(tally, Regions(question), exact, moved, peer)

    def merge(self, other: Part) -> None:
        """Add later shards of the same question: kinds of incidents that are here are not sought there."""
        for name in ("tally", "regions", "exact", "moved", "peer"):
            getattr(self, name).merge(getattr(other, name))
        for name in ("moved_count", "unanswered", "confirmed", "disagreements"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        known = {each.kind for each in self.incidents}
        self.incidents += [each for each in other.incidents if each.kind not in known]
        for key, count in other.sides.items():
            self.sides[key] = self.sides.get(key, 0) + count


def part(
    settings: Settings, k: int, answered: Answered, peer: Ask | None, exact: Reference | None = None
) -> Part:
    """Shard k, judged beside the exact results, and with it the judge and a peer.

    exact: the oracle's answers to the whole batch, where the rules take it for the truth.
    """
    question, rules, batch = settings.question, settings.rules, answered.batch
    found = Part.empty(settings)
    found.incidents, found.unanswered = answered.incidents, int(np.count_nonzero(~answered.there))
    if rules.oracle:
        exact = oracle(question, batch) if exact is None else exact
        found.confirmed = exact.rounded.size
    else:
        exact = truth(question, batch)
        found.confirmed, found.disagreements = _confirmed(settings, k, batch, exact)
    _count(settings, k, found.tally, answered, exact, found)
    if k < settings.controlled:
        all_there = np.ones(exact.rounded.size, bool)
        wrong, found.moved_count = moved(question, batch, exact, rules.budget, settings.quota, settings.seed)
        for tally, results in ((found.exact, exact.rounded), (found.moved, wrong)):
            _count(settings, k, tally, Answered(batch, results, all_there, []), exact)
    if peer is not None:
        _count(settings, k, found.peer, peer(question, batch), exact)
    return found


def _count(
    settings: Settings, k: int, tally: Tally, answered: Answered, exact: Reference, found: Part | None = None
) -> None:
    question, batch, computed = settings.question, answered.batch, answered.computed
    points = points_of(question, batch)
    if not answered.there.all():
        batch, chosen = answered_part(question, batch, answered.there)
        points, computed = points[chosen], computed[chosen]
        exact = Reference(exact.rounded[chosen], exact.residual[chosen], exact.ulp[chosen])
    if not computed.size:
        return
    result = judged(question, batch, computed, exact, settings.rules)
    tally.add(batch, points, result, k << 40)
    if found is not None:
        found.regions.add(points, result, terms(question, batch))
        found.sides = sides(question, batch, computed)


def answered_part(question: Question, batch: Batch, there: Flags) -> tuple[Batch, Flags]:
    """The part of a batch that was answered, in whole rows, and its results."""
    if question.kind != "rowwise":
        return {name: values[there] for name, values in batch.items()}, there
    rows = np.all(there.reshape(len(batch["x"]), -1), axis=1)
    each = there.size // len(batch["x"])
    return {name: values[rows] for name, values in batch.items()}, np.repeat(rows, each)


def points_of(question: Question, batch: Batch) -> Floats:
    """The x, or b, that each result belongs to; for a row's one result its largest x.

    In a Jacobian that of its row: results i j have x_i.
    """
    x = batch["b" if question.kind == "gated" else "x"]
    if question.kind != "rowwise":
        return x
    if question.reduces:
        return x.max(axis=-1) if x.shape[-1] else np.zeros(len(x))
    return np.repeat(x.ravel(), question.results(x.shape[1]) // x.shape[1])


def _confirmed(settings: Settings, k: int, batch: Batch, exact: Reference) -> tuple[int, list[str]]:
    """How many results of a random sample the oracle confirms, and where it does not."""
    question, size = settings.question, exact.rounded.size
    wanted = min(size, math.ceil(CONFIRMED * size / max(settings.total, 1)) + 1, CONFIRMED)
    rng = np.random.default_rng([settings.seed, k])
    if question.kind == "rowwise":  # entries of few rows: a row is summed once
        each = size // max(len(batch["x"]), 1)
        rows = rng.permutation(len(batch["x"]))[: math.ceil(wanted / max(each, 1))]
        places = (rows[:, np.newaxis] * each + np.arange(each)).ravel()[:wanted]
    else:
        places = rng.choice(size, wanted, replace=False)
    places = np.sort(places)
    return len(places), disagreements(question, batch, places, exact)


def disagreements(question: Question, batch: Batch, places: Any, exact: Reference) -> list[str]:
    """A sentence for each place where the oracle and refacts' kernels differ."""
    found = oracle(question, batch, places)
    ours, theirs = exact.rounded[places], found.rounded
    same = (ours == theirs) & (np.signbit(ours) == np.signbit(theirs)) | (np.isnan(ours) & np.isnan(theirs))
    return [
        f"{question.key}: refacts says {hexadecimal(ours[i])}, the oracle {hexadecimal(theirs[i])} "
        f"for result {places[i]} at {hexadecimal(points_of(question, batch)[places[i]])}"
        for i in np.flatnonzero(~same)
    ]
