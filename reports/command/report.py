"""`refacts report` from its arguments to its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refacts.reports import document as documents
from refacts.reports.environment import environment
from refacts.reports.exits import FAILED, INCOMPLETE, PASS, UsageError, say, show
from refacts.reports.inputs.modes import Settings
from refacts.reports.inputs.plan import shards
from refacts.reports.render.terminal import terminal
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.measure import KernelError, failures, measure
from refacts.reports.targets.kernel import Kernel
from refacts.reports.targets.kernels import by_section

SHOWN_FAILURES = 10


def report(settings: Settings, directory: Path, jobs: int, kernels: Sequence[Kernel]) -> int:
    """Measure, write accuracy.json and accuracy.md into ``directory``, print the table.

    UsageError where an extra is missing or the directory cannot be written to.
    """
    _require_extras()
    _require_writable(directory)
    run = {**settings.as_json(), "kernels": by_section(kernels)}
    path = directory / "accuracy.json"
    document, note = documents.resumed(documents.new(environment(), run), path)
    if note:
        say(note)
    try:
        with termination_interrupts(), _progress(len(shards(settings))) as progress:
            document = measure(document, settings, directory, kernels, jobs, progress)
    except KernelError as error:
        say(str(error))
        return FAILED
    except (KeyboardInterrupt, BrokenExecutor) as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "a worker process died"
        begun = "the same command goes on from what is in" if path.exists() else "nothing is finished in"
        say(f"INCOMPLETE: {reason}; {begun} {directory}")
        return INCOMPLETE
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error}") from error
    show(terminal(document))
    sentences = failures(document, kernels)
    for sentence in sentences[:SHOWN_FAILURES]:
        say(sentence)
    if len(sentences) > SHOWN_FAILURES:
        say(f"... and {len(sentences) - SHOWN_FAILURES} more rows that fail")
    return FAILED if sentences else PASS


def _require_extras() -> None:
    for module in ("tqdm", "ml_dtypes"):
        if find_spec(module) is None:
            raise UsageError(f"{module} is missing: pip install 'refacts[report]'")


def _require_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error}") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write to {directory}: permission denied")


def _progress(total: int) -> Any:
    """A bar on stderr where that is a terminal, nothing elsewhere."""
    from tqdm import tqdm

    return tqdm(total=total, unit="row", file=sys.stderr, disable=not sys.stderr.isatty())
