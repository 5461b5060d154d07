"""Verdicts in this process, on arrays that are there: what `refacts.testing` asserts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.exits import UsageError
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.judge.fingerprint import fingerprint
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.judging import PROFILES, Rules, judged
from refacts.reports.judge.naming import activation_named
from refacts.reports.judge.rows import Row
from refacts.reports.judge.tally import Candidate
from refacts.reports.judge.truth import truth
from refacts.reports.quantities import quantity_named
from refacts.reports.question import Batch, Question, pair
from refacts.reports.run.shard import CONTROLLED, Answered, Part, Settings, part
from refacts.reports.run.verdict import Subject, by_operands, row
from refacts.reports.run.verification import Asked, ask_session, verified
from refacts.reports.targets.careful import Known, careful
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.frameworks import arrays_of
from refacts.reports.targets.frameworks.arrays import Arrays
from refacts.reports.targets.spec import TargetSpec

_OPTION = re.compile(r"--([a-z][a-z-]*)")
_LIBRARIES = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "tensorflow": "tensorflow"}


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


@dataclass(frozen=True)
class Given:
    """Operands by name, as float64 of their formats, and the shape that results have."""

    question: Question
    batch: Batch
    shape: tuple[int, ...]
    library: str

    def pieces(self) -> Iterator[Batch]:
        """The operands in shards."""
        first = next(iter(self.batch.values()))
        step = points.SHARD if first.ndim == 1 else max(1, points.SHARD // max(first.shape[1], 1))
        for k in range(0, max(len(first), 1), step):
            yield {name: values[k : k + step] for name, values in self.batch.items()}


def given(activation: Any, quantity: str, formats: str | None, arrays: dict[str, Any]) -> Given:
    """The question that arrays of operands are of; ValueError or TypeError where they are of none.

    arrays: x, and g or v; a and b and so on of a gated unit. formats: by default that of x, or a.
    """
    f = activation if hasattr(activation, "spec") else activation_named(activation)
    quantity = quantity_named(quantity)
    read = {name: _read(array, name) for name, array in arrays.items()}
    _, own, library = next(iter(read.values()))
    source, output = pair(own.name if formats is None else formats)
    question = Question(f, quantity, source, output)
    if set(question.operands) != set(read):
        raise ValueError(
            f"{quantity} of {f.spec.name} takes {', '.join(question.operands)} (got {', '.join(read)})"
        )
    batch, shape = {}, next(iter(read.values()))[0].shape
    for name in question.operands:
        values, fmt, _ = read[name]
        if fmt != question.format_of(name):
            raise TypeError(f"{name} must be {question.format_of(name).name} (got {fmt.name})")
        rows = question.kind == "rowwise" and values.shape == shape
        batch[name] = values.reshape(-1, shape[-1]) if rows else values.ravel()
    results = shape[:-1] if question.reduces else shape
    if 0 in shape:
        raise ValueError(f"x must not be empty: nothing would be judged (got shape {shape})")
    return Given(question, batch, results, library)


def judged_here(kernel: Any, inputs: Given, rules: Rules, gate: Gate, backward: Any = None) -> Row:
    """The row of a kernel, or of an array of its results, at the inputs given."""
    question = inputs.question
    session = _session(kernel, inputs, backward) if callable(kernel) else None
    results = None if session else _results(kernel, inputs)
    total = int(np.prod(inputs.shape))
    settings = Settings(question, rules, gate.quota, 0, total, CONTROLLED)
    found, known, done = Part.empty(settings), Known(), 0
    for k, batch in enumerate(inputs.pieces()):
        if session is not None:
            answered = ask_session(session, question, batch, known)
        else:
            first = next(iter(batch.values()))
            size = first.size if not question.reduces else len(first)
            assert results is not None
            answered = Answered(batch, results[done : done + size], np.ones(size, bool), [])
            done += size
        found.merge(part(settings, k, answered, None))
    text = session.name if session else "the results"
    reproduce = by_operands(session.reproducer, question) if session else _none
    subject = Subject(text, coverage(inputs), gate, reproduce)
    made = row(subject, settings, found, None, [])
    if made.verdict == "fail" and session is not None:
        diagnosis = fingerprint(question, lambda asked, batch: careful(session, asked, batch).values, text)
        made = row(subject, settings, found, diagnosis, [])
    return made


def _session(kernel: Any, inputs: Given, backward: Any) -> Direct:
    session = Direct.of(kernel, arrays=inputs.library, backward=backward)
    why = session.covers(inputs.question)
    if why:
        raise ValueError(f"{session.name}: {why}")
    return session


def coverage(inputs: Given) -> str:
    """Whether the inputs are all that a 16-bit format has."""
    question = inputs.question
    if question.operands != ("x",) or question.source.bits != 16 or question.kind != "elementwise":
        return "sampled"
    x = inputs.batch["x"]
    every = 2**16 - np.count_nonzero(np.isnan(question.source.decode(np.arange(2**16))))
    patterns = np.unique(question.source.bit_patterns(x[~np.isnan(x)]))
    return "exhaustive" if len(patterns) == every and np.isnan(x).any() else "sampled"


def ulps_here(got: Any, inputs: Given) -> Floats:
    """The error in ulp of each result, of their shape."""
    results = _results(got, inputs)
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
    f = activation if hasattr(activation, "spec") else activation_named(activation)
    session = Direct.of(kernel, backward=backward, call=call)
    spec = TargetSpec(session.name)
    asked = []
    for quantity in quantities:
        for text in formats:
            question = Question(f, quantity_named(quantity), *pair(text))
            why = session.covers(question)
            if why:
                raise ValueError(f"{session.name}: {why}")
            asked.append(Asked(question, spec, plan, rules, gate, None))
    return list(verified(asked, 1, 0.0, lambda results: None, {spec: session}))


def _library(array: Any) -> str:
    return _LIBRARIES.get(type(array).__module__.partition(".")[0], "numpy")


def _read(array: Any, name: str) -> tuple[Floats, Format, str]:
    """The values of an array, their format, and whose array it is."""
    library = _library(array)
    arrays: Arrays = arrays_of(library)
    held = np.asarray(array) if library == "numpy" else array
    dtype = arrays.dtype(held)
    if dtype not in FORMATS:
        raise TypeError(f"{name} must hold numbers of {', '.join(FORMATS)} (got {dtype})")
    return FORMATS[dtype].decode(arrays.patterns(held)), FORMATS[dtype], library


def _results(got: Any, inputs: Given) -> Floats:
    values, fmt, _ = _read(got, "the results")
    if values.shape != inputs.shape:
        raise ValueError(f"the results must have shape {inputs.shape} (got {values.shape})")
    if fmt != inputs.question.result:
        raise TypeError(f"the results must be {inputs.question.result.name} (got {fmt.name})")
    return values.ravel()


def _none(candidate: Candidate) -> str:
    """Results have no call that repeats them."""
    return ""
