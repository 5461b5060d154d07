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

from refacts.reports import outputs
from refacts.reports.command.arguments import flat, named, within
from refacts.reports.environment import environment
from refacts.reports.exits import FAILED, INCOMPLETE, UsageError, say, show
from refacts.reports.inputs import modes
from refacts.reports.inputs.entries import entries
from refacts.reports.judge import gate as gates
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.quantities import CATALOGUE
from refacts.reports.render import html, markdown
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

    UsageError, before anything is measured, where an extra is missing or a file is not ours to write.
    """
    _require_extras()
    path = _claimed(directory)
    where = environment()
    run = {**settings.as_json(), "kernels": by_section(kernels)}
    rows, note = resumed(where, run, path)
    document = Document(False, where, run, rows)
    if note:
        say(note)
    pages = _pages(directory)
    try:
        with termination_interrupts(), _progress(len(entries(settings))) as progress:
            document = measure(document, settings, directory, kernels, jobs, progress)
    except KernelError as error:
        say(str(error))
        return FAILED
    except (KeyboardInterrupt, BrokenExecutor) as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else "a worker process died"
        begun = "the same command goes on from what is in" if path.exists() else "nothing is finished in"
        old = f", where {HTML} is of another run" if (directory / HTML).exists() else ""
        say(f"INCOMPLETE: {reason}; {begun} {directory}{old}")
        return INCOMPLETE
    for name in pages:
        outputs.write("--out", directory / name, html.page(document), html.MARK)
    show(terminal(document, [str(directory / name) for name in (JSON, MARKDOWN, *pages)]))
    failed = [row for row in document.rows if row.verdict in ("fail", "void")]
    for row in failed[:SHOWN_FAILURES]:
        say(f"{row.key}: {'; '.join(row.reasons)}")
    if len(failed) > SHOWN_FAILURES:
        say(f"... and {len(failed) - SHOWN_FAILURES} more rows that fail")
    return gates.exit_code(row.verdict for row in document.rows)


def _pages(directory: Path) -> list[str]:
    """The page for people, which is made last; none where what makes it is missing, which is said."""
    try:
        html.require(HTML)
    except UsageError as error:
        left = ", beside one that is there of another run" if (directory / HTML).exists() else ""
        say(f"{error}; the other files are written without it{left}")
        return []
    return [HTML]


def _require_extras() -> None:
    for module in ("tqdm", "ml_dtypes"):
        if find_spec(module) is None:
            raise UsageError(f"{module} is missing: pip install {module}")


def _claimed(directory: Path) -> Path:
    """Where the document goes, in a directory whose three files are ours to write; UsageError otherwise."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"--out: cannot write to {directory}: {why}") from error
    for name, mark in ((MARKDOWN, markdown.MARK), (HTML, html.MARK)):
        outputs.claimed("--out", str(directory / name), mark)
    return outputs.writable("--out", str(directory / JSON), _irregular)  # `resumed` knows whose it is


def _irregular(path: Path) -> str:
    return "" if path.is_file() else "is not a file"


def _progress(total: int) -> Any:
    """A bar on stderr where that is a terminal, nothing elsewhere."""
    from tqdm import tqdm

    return tqdm(total=total, unit="row", file=sys.stderr, disable=not sys.stderr.isatty())
