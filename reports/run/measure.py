"""The run of `refacts report`: every entry measured once, and recorded soon after it is finished."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from refacts.oracles import Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports import verdicts
from refacts.reports.inputs import points
from refacts.reports.inputs.entries import Entry, entries
from refacts.reports.inputs.modes import Settings
from refacts.reports.judge import tiers
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.judging import Rules
from refacts.reports.judge.rows import Reached, Row
from refacts.reports.judge.truth import joined, oracle
from refacts.reports.question import Batch, Question
from refacts.reports.run import shard
from refacts.reports.run.progress import Progress
from refacts.reports.run.repeated import repeated
from refacts.reports.run.resuming import save
from refacts.reports.run.shard import CONTROLLED, Answered, Part, part
from refacts.reports.run.verdict import Subject, row
from refacts.reports.run.workers import Submit, workers_if_any
from refacts.reports.targets.kernel import Kernel
from refacts.reports.verdicts import Document

CHUNK = 2000  # results that the oracle finds at once: about a fifth of a second
SAVE_EVERY = 5.0  # seconds, or more where writing takes more than a twentieth of the time
REGIONS = 3  # of a row
AHEAD = 2  # entries begun before the oldest is finished, so that no worker waits for another


class KernelError(Exception):
    """A kernel raised; the sentence says on what."""


@dataclass(frozen=True)
class _Begun:
    """An entry whose exact results are on their way, batch by batch; all kernels are judged by them."""

    entry: Entry
    batches: list[Batch]
    exact: list[list[Future[Reference]]]


def measure(
    document: Document,
    settings: Settings,
    directory: Path,
    kernels: Sequence[Kernel],
    jobs: int,
    progress: Progress,
) -> Document:
    """Measure what ``document`` lacks; the complete document, which is then in ``directory``.

    However it ends, the document so far is there, incomplete; if the process is killed, what was
    finished some seconds before. KernelError if a kernel raises.
    """
    planned = entries(settings)
    finished = {each.key: each for each in document.rows}
    missing = [entry for entry in planned if not all(key in finished for key in _keys(entry, kernels))]
    progress.update(len(planned) - len(missing))
    record = _Record(document, [key for entry in planned for key in _keys(entry, kernels)], directory)
    complete = False
    try:
        with workers_if_any(jobs) as submit:
            for begun in _ahead(missing, submit):
                record.add(_rows(begun, settings, kernels))
                progress.update(1)
        complete = True
    finally:
        document = record.save(complete)
    return document


class _Record:
    """The rows so far, and when they were last written."""

    def __init__(self, document: Document, order: Sequence[str], directory: Path) -> None:
        self._document, self._order, self._directory = document, order, directory
        self._rows = {row.key: (row, verdicts.line(row)) for row in document.rows}
        self._saved, self._every = time.monotonic(), SAVE_EVERY

    def add(self, rows: Iterable[Row]) -> None:
        """Keep rows, and write all now and then."""
        self._rows |= {row.key: (row, verdicts.line(row)) for row in rows}
        if time.monotonic() - self._saved > self._every:
            self.save(False)

    def save(self, complete: bool) -> Document:
        """Write the rows in the order planned; the document that is then there."""
        begun = time.monotonic()
        kept = [self._rows[key] for key in self._order if key in self._rows]
        document = replace(self._document, complete=complete, rows=tuple(row for row, _ in kept))
        save(document, [line for _, line in kept], self._directory)
        self._saved = time.monotonic()
        self._every = max(SAVE_EVERY, 20 * (self._saved - begun)) if SAVE_EVERY else 0.0
        return document


def _keys(entry: Entry, kernels: Sequence[Kernel]) -> list[str]:
    """The keys of its rows, as `Row.key` has them."""
    on = f" on {entry.drawn}" if entry.drawn else ""
    return [f"{kernel.name} as {entry.question.key}{on}" for kernel in kernels if entry.concerns(kernel)]


def _ahead(missing: Sequence[Entry], submit: Submit) -> Iterator[_Begun]:
    """Entries in order, the next ones already begun."""
    begun: deque[_Begun] = deque()
    for entry in missing:
        batches = list(points.batches(entry.question, entry.inputs))
        exact = [[submit(task) for task in _tasks(entry.question, batch)] for batch in batches]
        begun.append(_Begun(entry, batches, exact))
        if len(begun) > AHEAD:
            yield begun.popleft()
    yield from begun


def _tasks(question: Question, batch: Batch) -> Iterator[partial[Reference]]:
    """The oracle's work on a batch, cut independently of who does it."""
    first = next(iter(batch.values()))
    each = 1 if first.ndim == 1 else max(first.shape[1], question.results(first.shape[1]))
    step = max(1, CHUNK // each)
    for k in range(0, len(first), step):
        yield partial(oracle, question, {name: values[k : k + step] for name, values in batch.items()})


def _rows(begun: _Begun, settings: Settings, kernels: Sequence[Kernel]) -> list[Row]:
    """The row of each kernel; they work while the oracle does."""
    measured = [kernel for kernel in kernels if begun.entry.concerns(kernel)]
    computed = [_computed(kernel, begun, settings) for kernel in measured]
    exact = [joined([future.result() for future in of_batch]) for of_batch in begun.exact]
    return [
        _row(kernel, begun, results, exact, reached)
        for kernel, (results, reached) in zip(measured, computed, strict=True)
    ]


def _computed(kernel: Kernel, begun: _Begun, settings: Settings) -> tuple[list[Floats], dict[str, Reached]]:
    """What the kernel returns for each batch, and the tiers it needs."""
    question = begun.entry.question
    try:
        results = [
            kernel(
                question.activation,
                question.quantity,
                *(question.format_of(name).encode(values) for name, values in batch.items()),
            )
            for batch in begun.batches
        ]
        counted = begun.entry.section == "rows"
        return results, tiers.tiers(kernel, question, settings) if counted else {}
    except Exception as error:
        what = f"{begun.entry.key}: {kernel.name} raised {type(error).__name__}: {error}"
        raise KernelError(what) from error


def _row(
    kernel: Kernel,
    begun: _Begun,
    computed: Sequence[Floats],
    exact: Sequence[Reference],
    reached: dict[str, Reached],
) -> Row:
    entry, question = begun.entry, begun.entry.question
    gate = Gate(0.5) if kernel.strict else Gate()
    rules = Rules(kink="right", budget=0.5 if kernel.strict else 1.0, oracle=True)
    total = points.count(question, entry.inputs)
    judged = shard.Settings(question, rules, 0.0, entry.inputs.seed, total, CONTROLLED)
    found = Part.empty(judged)
    for k, (batch, results, truth) in enumerate(zip(begun.batches, computed, exact, strict=True)):
        answered = Answered(batch, results, np.ones(results.size, bool), [])
        found.merge(part(judged, k, answered, None, truth))
    coverage = points.coverage(question, entry.inputs)
    repeat = partial(repeated, kernel, entry)
    subject = Subject(kernel.name, coverage, gate, repeat, "", entry.drawn, kept=1, regions=REGIONS)
    made = replace(row(subject, judged, found, None, []), tiers=reached)
    if not kernel.strict:  # one line a row that repeats a result: the document is to be short
        others = (replace(each, reproducer="") for each in made.worst[1:])
        made = replace(made, worst=(*made.worst[:1], *others))
    slow = tiers.failures(question.formats, reached) if kernel.strict else []
    if slow and made.verdict != "void":
        made = replace(made, verdict="fail", reasons=(*made.reasons, *slow))
    return made
