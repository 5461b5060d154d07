"""The run: every shard measured once, and recorded soon after it is finished."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from refacts.oracles import Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports.document import SECTIONS, Document, save
from refacts.reports.inputs.cases import Cases
from refacts.reports.inputs.modes import Settings
from refacts.reports.inputs.plan import LogitShard, Shard, shards
from refacts.reports.inputs.sampling import cases
from refacts.reports.judge import tiers
from refacts.reports.judge.normwise import normwise
from refacts.reports.judge.summary import summary
from refacts.reports.notation import json_number
from refacts.reports.render.markdown import markdown
from refacts.reports.run.tasks import joined
from refacts.reports.run.workers import Submit, oracle_workers
from refacts.reports.targets.kernel import Kernel

SAVE_EVERY = 5.0  # seconds: the whole document is written each time
AHEAD = 2  # shards begun before the oldest is finished, so that no worker waits for another


class Progress(Protocol):
    """Where a run stands."""

    def update(self, n: int) -> Any:
        """``n`` more shards are finished."""
        ...


class KernelError(Exception):
    """A kernel raised; the sentence says on what."""


@dataclass(frozen=True)
class _Begun:
    """A shard whose exact results are on their way."""

    shard: Shard
    cases: Cases
    exact: Sequence[Future[Reference]]


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
    planned = shards(settings)
    missing = [shard for shard in planned if shard.key not in document[shard.section]]
    progress.update(len(planned) - len(missing))
    saved = time.monotonic()
    try:
        with oracle_workers(jobs) as submit:
            for begun in _ahead(missing, settings, submit):
                document[begun.shard.section][begun.shard.key] = _row(begun, settings, kernels)
                progress.update(1)
                if time.monotonic() - saved > SAVE_EVERY:
                    _save(document, planned, directory)
                    saved = time.monotonic()
        document = {**document, "complete": True}
    finally:
        document = _save(document, planned, directory)
    return document


def _save(document: Document, planned: Sequence[Shard], directory: Path) -> Document:
    """Write the document, its rows in the order planned; the document that is then there."""
    ordered: Document = {section: {} for section in SECTIONS}
    for shard in planned:
        if shard.key in document[shard.section]:
            ordered[shard.section][shard.key] = document[shard.section][shard.key]
    document = {**document, **ordered}
    save(document, markdown(document), directory)
    return document


def _ahead(missing: Sequence[Shard], settings: Settings, submit: Submit) -> Iterable[_Begun]:
    """Shards in order, the next ones already begun."""
    begun: deque[_Begun] = deque()
    for shard in missing:
        inputs = cases(shard, settings)
        begun.append(_Begun(shard, inputs, [submit(task) for task in inputs.tasks()]))
        if len(begun) > AHEAD:
            yield begun.popleft()
    yield from begun


def _row(begun: _Begun, settings: Settings, kernels: Sequence[Kernel]) -> dict[str, Any]:
    shard = begun.shard
    measured = [kernel for kernel in kernels if shard.concerns(kernel)]
    computed = [_computed(kernel, begun, settings) for kernel in measured]
    exact = joined([future.result() for future in begun.exact])
    found = {}
    for kernel, (results, reached) in zip(measured, computed, strict=True):
        row = summary(kernel, begun.cases, results, exact)
        if isinstance(shard, LogitShard):
            error = normwise(results, exact, shard.fmt, shard.rows(settings))
            found[kernel.name] = {**row, "normwise": json_number(error)}
        else:
            found[kernel.name] = {**row, "tiers": reached}
    return {**shard.described(settings), "inputs": exact.rounded.size, "kernels": found}


def _computed(kernel: Kernel, begun: _Begun, settings: Settings) -> tuple[Floats, dict[str, Any]]:
    """What the kernel returns, and the tiers it needs."""
    try:
        return begun.cases.computed(kernel), tiers.tiers(kernel, begun.shard, settings)
    except Exception as error:
        what = f"{begun.shard.key}: {kernel.name} raised {type(error).__name__}: {error}"
        raise KernelError(what) from error


def failures(document: Document, kernels: Sequence[Kernel]) -> list[str]:
    """One sentence per row in which a strict kernel is wrong, on its worst input; then on its tiers."""
    wrong = [
        _sentence(row, row["kernels"][kernel.name])
        for section in SECTIONS
        for row in document[section].values()
        for kernel in kernels
        if kernel.strict and row["kernels"].get(kernel.name, {"wrong": 0})["wrong"]
    ]
    return wrong + tiers.failures(document, kernels)


def _sentence(row: dict[str, Any], result: dict[str, Any]) -> str:
    worst = result["worst"][0]
    distance = [] if worst["ulp"] is None else [f"{float(worst['ulp']):.6g} ulp"]
    kinds = [f"{kind.replace('_', ' ')} mismatch" for kind in worst["mismatches"]]
    return (
        f"{row['format']} {worst['call']} = {worst['computed']}, want {worst['want']}: "
        f"{', '.join(distance + kinds)} ({result['wrong']} of {result['inputs']} wrong)"
    )
