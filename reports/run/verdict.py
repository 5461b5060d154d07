"""From the shards of a question to the row of a document, and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from refacts.reports.judge import gate as gates
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.kinks import at_kinks, described
from refacts.reports.judge.regions import MOST, without_causes
from refacts.reports.judge.rows import LEFT_OUT, Control, Diagnosis, Incident, Peer, Row, Worst
from refacts.reports.judge.tally import KEPT, Candidate, Tally
from refacts.reports.judge.truth import oracle
from refacts.reports.notation import bits, hexadecimal, ulps
from refacts.reports.question import Batch, Question
from refacts.reports.run.shard import Part, Settings

SHOWN = 5  # disagreements that are said
WHOLE = 16  # entries of a row up to which all are written
Reproduce = Callable[[Candidate], str]


class Subject(NamedTuple):
    """What a row is about, beside its question: the target, the inputs, what is demanded of it.

    reproduce: a line that repeats one of the worst results. kept: how many of each kind the row has; regions:
    how many of those.
    """

    target: str
    coverage: str
    gate: Gate
    reproduce: Reproduce
    peer: str = ""
    drawn: str = ""
    kept: int = KEPT
    regions: int = MOST


def by_operands(reproducer: Callable[[Question, dict[str, list[str]]], str], question: Question) -> Reproduce:
    """The line of a target that repeats its call on operands given as hex floats, of a row all of them."""
    return lambda candidate: reproducer(
        question,
        {name: [hexadecimal(x) for x in values] for name, values in candidate.operands.items()},
    )


def row(
    subject: Subject, settings: Settings, found: Part, diagnosis: Diagnosis | None, incidents: list[Incident]
) -> Row:
    """The row of a question, with its verdict."""
    question, tally = settings.question, found.tally
    worst, disagreements = _worst(subject, settings, tally)
    confirmed = max(min(found.confirmed, tally.inputs), len(worst))  # some are in both
    made = Row(
        target=subject.target,
        activation=question.activation.spec.name,
        parameters={name: str(number) for name, number in question.activation.parameters.items()},
        quantity=question.quantity,
        formats=question.formats,
        profile="+".join(sorted(settings.rules.profile)),
        coverage=subject.coverage,
        drawn=subject.drawn,
        inputs=tally.inputs,
        seed=settings.seed,
        correct=tally.correct,
        within_one=tally.within_one,
        over_budget=tally.over_budget,
        quota_of=tally.quota_of,
        quota_over=tally.quota_over,
        error=tally.error(),
        normwise=tally.normwise_error(),
        mismatches=tally.mismatches(),
        artefacts=tally.artefact_counts(),
        excused=dict(sorted(tally.excused.items())),
        loud=tally.loud(),
        unanswered=found.unanswered,
        confirmed=confirmed,
        worst=worst,
        regions=found.regions.found(subject.regions),
        bins=tally.bins(),
        incidents=(*found.incidents, *incidents),
        diagnosis=diagnosis,
        kinks=described(found.sides),
        control=Control(found.moved.inputs, found.moved_count, True, True),
        peer=_peer(subject.peer, found) if subject.peer else None,
        gate=subject.gate,
        verdict="",
        reasons=(),
    )
    if diagnosis is not None and diagnosis.other:
        made = replace(made, regions=without_causes(made.regions))
    made = replace(made, control=_control(made, settings, found))
    verdict, reasons = gates.judged(made, subject.gate)
    disagreements += found.disagreements
    if disagreements:  # what the target was judged by is itself in doubt
        verdict, reasons = "void", tuple(disagreements[:SHOWN])
    return replace(made, verdict=verdict, reasons=reasons)


def _control(made: Row, settings: Settings, found: Part) -> Control:
    """Whether the exact results pass the gate and fail it with some of them moved."""
    gate = replace(made.gate, max_ulp=settings.rules.budget, max_ratio=None)
    passed = [
        gates.judged(
            replace(
                made,
                inputs=tally.inputs,
                over_budget=tally.over_budget,
                quota_of=tally.quota_of,
                quota_over=tally.quota_over,
                error=tally.error(),
                mismatches=tally.mismatches(),
                artefacts=tally.artefact_counts(),
                worst=(),
                incidents=(),
                unanswered=0,
            ),
            gate,
        )[0]
        == "pass"
        for tally in (found.exact, found.moved)
    ]
    return Control(found.moved.inputs, found.moved_count, passed[0], not passed[1])


def _worst(subject: Subject, settings: Settings, tally: Tally) -> tuple[tuple[Worst, ...], list[str]]:
    """The worst of each kind, confirmed by the oracle, those without a distance first; where it disagrees.

    Where nothing is wrong, the one that is furthest from the exact value.
    """
    question = settings.question
    order = ("nan", "inf", "sign", "false_zero", "finite", "flushed", "saturated", "kink")
    found, disagreements = [], []
    wrong = [(kind, subject.kept) for kind in order if kind in tally.worst]
    for kind, kept in wrong or [("right", 1)]:
        for candidate in tally.worst.get(kind, [])[:kept]:
            if settings.rules.oracle:
                found.append(_shown(subject, question, candidate, candidate.want))
                continue
            batch, place = _batch(candidate)
            exact = oracle(question, batch, np.array([place]))
            want = float(exact.rounded[0])
            if settings.rules.kink == "left" and at_kinks(question, batch)[0]:
                want = candidate.want
            elif hexadecimal(want) != hexadecimal(candidate.want):
                disagreements.append(
                    f"{question.key}: refacts says {hexadecimal(candidate.want)}, "
                    f"the oracle {hexadecimal(want)} at {candidate.operands}"
                )
            found.append(_shown(subject, question, candidate, want))
    return tuple(found), disagreements


def _batch(candidate: Candidate) -> tuple[Batch, int]:
    """A batch of the candidate's operands, and which of its results the candidate is."""
    if candidate.place is None:
        return {name: np.array(values) for name, values in candidate.operands.items()}, 0
    batch = {name: np.array([values]) for name, values in candidate.operands.items()}
    return batch, candidate.place[1]


def _shown(subject: Subject, question: Question, candidate: Candidate, want: float) -> Worst:
    fmt = question.result
    given = candidate.operands
    operands = {name: values[_entry(question, candidate, values)] for name, values in given.items()}
    return Worst(
        kind="finite" if candidate.kind == "right" else candidate.kind,
        operands={name: hexadecimal(x) for name, x in operands.items()},
        bits={name: bits(x, question.format_of(name)) for name, x in operands.items()},
        got=hexadecimal(candidate.computed),
        got_bits=bits(candidate.computed, fmt),
        want=hexadecimal(want),
        want_bits=bits(want, fmt),
        ulp=None if np.isnan(candidate.ulp) else candidate.ulp,
        excused=candidate.excused,
        artefact=candidate.artefact,
        place=candidate.place,
        row={} if candidate.place is None else _rows(question, candidate),
        reproducer=subject.reproduce(candidate),
        confirmed=True,
    )


def _rows(question: Question, candidate: Candidate) -> dict[str, list[str]]:
    """The operands of a row; of long ones the first, the last, the largest x, and those around the result."""
    found: dict[str, list[str]] = {}
    largest = int(np.nanargmax(x)) if not np.isnan(x := np.array(candidate.operands["x"])).all() else 0
    for name, values in candidate.operands.items():
        last, entry = len(values) - 1, _entry(question, candidate, values)
        wanted = {0, 1, 2, *range(entry - 2, entry + 3), min(largest, last), last}
        places = sorted(wanted & {*range(last + 1)}) if last >= WHOLE else [*range(last + 1)]
        found[name] = []
        for before, place in zip([-1, *places], places, strict=False):
            found[name] += [LEFT_OUT] if place > before + 1 else []
            found[name].append(hexadecimal(values[place]))
    return found


def _entry(question: Question, candidate: Candidate, values: list[float]) -> int:
    """Where in a row of an operand the one is that belongs to a result; in a Jacobian that of its row."""
    if candidate.place is None or len(values) == 1 or question.reduces:
        return 0
    return candidate.place[1] * len(values) // question.results(len(values))


def _peer(name: str, found: Part) -> Peer:
    other = found.peer
    error, mine = other.error(), found.beside.error()
    ratio = None
    if mine.max is not None and error.max is not None:
        ratio = mine.max / max(error.max, 0.5)  # nothing can be asked to be nearer than the nearest number
    sentence, missing = _nearer(name, found.beside, other), found.peer_unanswered
    if missing:
        sentence = f"{sentence}; {name} gave no answer at {missing:,} of {missing + other.inputs:,} inputs"
    if not other.inputs:
        sentence = f"the target and {name} gave no answer at the same input: there is nothing to compare"
    if found.peer_incidents:
        sentence += f": it {found.peer_incidents[0].sentence}"
    return Peer(
        name,
        error,
        other.mismatches(),
        ratio,
        sentence,
        other.artefact_counts(),
        found.shared,
        missing,
        tuple(found.peer_incidents),
    )


def _nearer(name: str, tally: Tally, other: Tally) -> str:
    """Which of the two is nearer to the exact values."""
    keys = [(sum(each.mismatches().values()), each.max) for each in (tally, other)]
    shown = [
        f"{ulps(each.error().max)} ulp and {n} mismatches"
        for each, (n, _) in zip((tally, other), keys, strict=True)
    ]
    if keys[0] == keys[1]:
        return f"both are as near to the exact values: {shown[0]}"
    nearer = "the target" if keys[0] < keys[1] else name
    return f"{nearer} is nearer to the exact values: the target has {shown[0]}, {name} {shown[1]}"
