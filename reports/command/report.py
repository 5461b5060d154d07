"""`refacts report`: what is measured of refacts and of the textbook formulas."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refacts.reports import document as documents
from refacts.reports.command.arguments import flat, named, within
from refacts.reports.environment import environment
from refacts.reports.exits import FAILED, INCOMPLETE, PASS, UsageError, say, show
from refacts.reports.inputs import modes
from refacts.reports.inputs.plan import shards
from refacts.reports.judge.naming import activation_named
from refacts.reports.quantities import CATALOGUE
from refacts.reports.render.terminal import terminal
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.measure import KernelError, failures, measure
from refacts.reports.targets.kernel import Kernel
from refacts.reports.targets.kernels import KERNELS, by_section

SHOWN_FAILURES = 10


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--out", type=named, default="accuracy", metavar="DIR", help="default: accuracy")
    parser.add_argument("--quick", action="store_true", help="small samples, in seconds")
    cpus = os.cpu_count() or 1
    parser.add_argument("--jobs", type=within(1), default=cpus, metavar="N", help=f"processes ({cpus})")
    parser.add_argument("--seed", type=within(0), default=0, metavar="N", help="of the samples (0)")
    only = "activations to measure (default: all); repeatable"
    parser.add_argument("--only", nargs="+", action="append", metavar="NAME", help=only)


def run(arguments: argparse.Namespace) -> int:
    """Measure what the arguments say; the exit code."""
    wanted = [activation_named(name).spec.name for name in flat(arguments.only)] or [*CATALOGUE]
    names = tuple(name for name in CATALOGUE if name in wanted)
    settings = modes.Settings(modes.QUICK if arguments.quick else modes.THOROUGH, arguments.seed, names)
    kernels = KERNELS if arguments.kernels is None else arguments.kernels
    return report(settings, Path(arguments.out), arguments.jobs, kernels)


def report(settings: modes.Settings, directory: Path, jobs: int, kernels: Sequence[Kernel]) -> int:
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
    sentences = failures(document, kernels)
    strict = [kernel.name for kernel in kernels if kernel.strict]
    files = [str(directory / name) for name in ("accuracy.json", "accuracy.md")]
    show(terminal(document, strict, len(sentences), files))
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
