"""`refacts report`: refacts and the textbook formulas before the judge."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refacts.reports import atomic
from refacts.reports.command.arguments import flat, named, within
from refacts.reports.environment import environment
from refacts.reports.exits import FAILED, INCOMPLETE, UsageError, say, show
from refacts.reports.inputs import modes
from refacts.reports.inputs.entries import entries
from refacts.reports.judge import gate as gates
from refacts.reports.judge.naming import activation_named
from refacts.reports.quantities import CATALOGUE
from refacts.reports.render import html
from refacts.reports.render.terminal import terminal
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.measure import KernelError, measure
from refacts.reports.run.resuming import JSON, MARKDOWN, resumed
from refacts.reports.targets.kernel import Kernel
from refacts.reports.targets.kernels import KERNELS, by_section
from refacts.reports.verdicts import Document

SHOWN_FAILURES = 10
HTML = "accuracy.html"


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--out", type=named, default="accuracy", metavar="DIR", help="default: accuracy")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the hard inputs alone: under a minute")
    thorough = "what README's tables are of: large samples, 16-bit formats exhausted"
    size.add_argument("--thorough", action="store_true", help=thorough)
    cpus = os.cpu_count() or 1
    parser.add_argument("--jobs", type=within(1), default=cpus, metavar="N", help=f"processes ({cpus})")
    parser.add_argument("--seed", type=within(0), default=0, metavar="N", help="of the samples (0)")
    only = "activations to measure (default: all); repeatable"
    parser.add_argument("--only", nargs="+", action="append", metavar="NAME", help=only)


def run(arguments: argparse.Namespace) -> int:
    """Measure what the arguments say; the exit code."""
    wanted = [activation_named(name).spec.name for name in flat(arguments.only)] or [*CATALOGUE]
    names = tuple(name for name in CATALOGUE if name in wanted)
    mode = modes.QUICK if arguments.quick else modes.THOROUGH if arguments.thorough else modes.DEFAULT
    settings = modes.Settings(mode, arguments.seed, names)
    kernels = KERNELS if arguments.kernels is None else arguments.kernels
    return report(settings, Path(arguments.out), arguments.jobs, kernels)


def report(settings: modes.Settings, directory: Path, jobs: int, kernels: Sequence[Kernel]) -> int:
    """Measure, write accuracy.json, accuracy.md and accuracy.html into ``directory``, print the table.

    UsageError where an extra is missing or the directory cannot be written to.
    """
    _require_extras()
    _require_writable(directory)
    path, where = directory / JSON, environment()
    run = {**settings.as_json(), "kernels": by_section(kernels)}
    rows, note = resumed(where, run, path)
    document = Document(False, where, run, rows)
    if note:
        say(note)
    (directory / HTML).unlink(missing_ok=True)  # that of another run, beside rows of this one, would mislead
    try:
        with termination_interrupts(), _progress(len(entries(settings))) as progress:
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
    files = [str(directory / name) for name in (JSON, MARKDOWN, *_page(document, directory))]
    show(terminal(document, files))
    failed = [row for row in document.rows if row.verdict in ("fail", "void")]
    for row in failed[:SHOWN_FAILURES]:
        say(f"{row.key}: {'; '.join(row.reasons)}")
    if len(failed) > SHOWN_FAILURES:
        say(f"... and {len(failed) - SHOWN_FAILURES} more rows that fail")
    return gates.exit_code(row.verdict for row in document.rows)


def _page(document: Document, directory: Path) -> list[str]:
    """Write the page for people: its name, or none where what makes it is missing, which is said."""
    try:
        html.require(HTML)
    except UsageError as error:
        say(f"{error}; the other files are there")
        return []
    atomic.write(directory / HTML, html.page(document))
    return [HTML]


def _require_extras() -> None:
    for module in ("tqdm", "ml_dtypes"):
        if find_spec(module) is None:
            raise UsageError(f"{module} is missing: pip install {module}")


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
