"""Verdicts in this process, on arrays that are there: what `refacts.testing` asserts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.exits import UsageError
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.recorded import every_number
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.judging import PROFILES, Rules, judged
from refacts.reports.judge.rows import Incident, Row
from refacts.reports.judge.tally import Candidate
from refacts.reports.judge.truth import truth
from refacts.reports.question import Question, pair
from refacts.reports.run.asking import Asked, ask_session
from refacts.reports.run.given import Given, activation_of, along_last, quantity_of, results_of
from refacts.reports.run.shard import CONTROLLED, Answered, Part, Settings, part
from refacts.reports.run.verdict import Subject, by_operands, row
from refacts.reports.run.verification import followed, verified
from refacts.reports.targets.careful import Known
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import NoAnswerError

_OPTION = re.compile(r"--([a-z][a-z-]*)")


@contextmanager
def value_errors() -> Iterator[None]:
    """What would be a usage error of the command is a ValueError to a caller."""
    try:
        yield
    except (UsageError, ValueError) as error:
        raise ValueError(_OPTION.sub(_as_argument, str(error))) from None


def _as_argument(option: re.Match[str]) -> str:
    """--max-ulp in the words of a call: max_ulp."""
    return option[1].replace("-", "_")


def judged_here(kernel: Any, inputs: Given, rules: Rules, gate: Gate, backward: Any = None) -> Row:
    """The row of a kernel, or of an array of its results, at the inputs given.

    A kernel is called once, with the operands as they were given. Only one that fails is called again: with
    about 2,000 probes, which tell the definition that it follows, and, where it did not answer, with pieces
    of the operands, to find the smallest input that does it.
    """
    question = inputs.question
    session = _session(kernel, inputs, backward) if callable(kernel) else None
    if session is None:
        results: Floats | None = results_of(kernel, inputs)
        wrong: dict[str, str] = {}
    else:
        results, wrong = _whole(session, inputs)
    total = int(np.prod(inputs.shape))
    covered = coverage(inputs)
    uniform = total if gate.quota and covered == "exhaustive" else 0
    settings = Settings(question, rules, gate.quota, 0, total, CONTROLLED, uniform)
    found, known, done = Part.empty(settings), Known(), 0
    for k, batch in enumerate(inputs.pieces()):
        first = next(iter(batch.values()))
        size = first.size if not question.reduces else len(first)
        incidents: list[Incident] = []
        if session is not None and (wrong or results is None):
            answered = ask_session(session, question, batch, known)
            incidents = answered.incidents
        if results is not None:
            answered = Answered(batch, results[done : done + size], np.ones(size, bool), incidents)
        done += size
        wrong = {kind: said for kind, said in wrong.items() if kind not in {each.kind for each in incidents}}
        found.merge(part(settings, k, answered, None))
    whole = f", when given arrays of shape {next(iter(inputs.whole.values())).shape}"
    found.incidents += [Incident(kind, sentence + whole, {}, "") for kind, sentence in wrong.items()]
    text = session.name if session else "the results"
    reproduce = by_operands(session.reproducer, question) if session else _none
    subject = Subject(text, covered, gate, reproduce)
    made = row(subject, settings, found, None, [])
    if made.verdict == "fail" and session is not None:
        made = row(subject, settings, found, followed(session, question, text), [])
    return made


def _whole(session: Direct, inputs: Given) -> tuple[Floats | None, dict[str, str]]:
    """The results of one call, flat, or None, and what was wrong with it, a sentence by kind of incident."""
    try:
        answer = session.whole(inputs.question, inputs.whole)
    except NoAnswerError as error:
        return None, {error.kind: error.sentence}
    return answer.values.ravel(), answer.faults


def _session(kernel: Any, inputs: Given, backward: Any) -> Direct:
    session = Direct.of(kernel, arrays=inputs.library, backward=backward)
    why = session.covers(inputs.question)
    if why:
        raise ValueError(f"{session.name}: {why}")
    return session


def coverage(inputs: Given) -> str:
    """Whether the inputs are all that a 16-bit format has, each once."""
    question = inputs.question
    every = points.exhaustible(question) and every_number(question.source, inputs.batch["x"])
    return "exhaustive" if every else "sampled"


def ulps_here(got: Any, inputs: Given) -> Floats:
    """The error in ulp of each result, of their shape."""
    results = results_of(got, inputs)
    found, done = [], 0
    for batch in inputs.pieces():
        exact = truth(inputs.question, batch)
        here = results[done : done + exact.rounded.size]
        found.append(judged(inputs.question, batch, here, exact, Rules(kink="right")).comparison.ulps)
        done += exact.rounded.size
    return np.concatenate(found).reshape(inputs.shape)


def rules_of(gate: Gate, profile: Iterable[str], kink: str) -> Rules:
    """The rules for a gate; ValueError for an unknown profile or kink."""
    chosen = frozenset([profile] if isinstance(profile, str) else profile)
    for name in chosen - PROFILES.keys():
        raise ValueError(f"profile must be some of {', '.join(PROFILES)} (got {name!r})")
    if kink not in ("any", "left", "right"):
        raise ValueError(f"kink must be 'any', 'left' or 'right' (got {kink!r})")
    return Rules(chosen, kink, gate.allow, 1.0 if gate.max_ulp is None else gate.max_ulp)


def verify_here(
    kernel: Any,
    activation: Any,
    quantities: Sequence[str],
    formats: Sequence[str],
    plan: Plan,
    rules: Rules,
    gate: Gate,
    backward: Any,
    call: dict[str, Any],
) -> list[Row]:
    """The rows of a kernel on inputs made here."""
    f = along_last(activation_of(activation))
    session = Direct.of(kernel, backward=backward, call=call)
    spec = TargetSpec(session.name)
    asked = []
    for quantity in _expanded(f, quantities):
        for text in formats:
            question = Question(f, quantity, *pair(text))
            why = session.covers(question)
            if why:
                raise ValueError(f"{session.name}: {why}")
            asked.append(Asked(question, spec, plan, rules, gate, None))
    return list(verified(asked, 1, 0.0, lambda results: None, {spec: session}))


def _expanded(f: Any, quantities: Sequence[str]) -> list[str]:
    """The quantities by their names; of a gated unit's VJP both products."""
    found: list[str] = []
    for quantity in quantities:
        both = f.spec.kind == "gated" and quantity == "vjp"
        found += ["vjp_a", "vjp_b"] if both else [quantity_of(f, quantity)]
    return list(dict.fromkeys(found))


def _none(candidate: Candidate) -> str:
    """Results have no call that repeats them."""
    return ""
