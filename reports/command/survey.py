"""`refacts survey`: torch, JAX, TensorFlow, SciPy and ONNX Runtime beside refacts, over the catalogue."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from refacts.reports import outputs, typed, verdicts
from refacts.reports.command.arguments import flat, named, within
from refacts.reports.environment import environment
from refacts.reports.exits import INCOMPLETE, PASS, UsageError, say, show, unknown
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.progress import progress
from refacts.reports.run.resuming import sound
from refacts.reports.survey import pages, record
from refacts.reports.survey import picture as pictures
from refacts.reports.survey.bugs import FOLDER
from refacts.reports.survey.frameworks import FRAMEWORKS, installed, versions
from refacts.reports.survey.functions import Entry, entries
from refacts.reports.survey.record import Run, run_of
from refacts.reports.survey.surveying import Judging, Survey, Surveyed, surveyed
from refacts.reports.verdicts import Document

SAMPLES = 100_000
NAME, PICTURE = "survey.json", "picture.svg"


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--out", type=named, default="survey", metavar="DIR", help="default: survey")
    only = "activations to survey (default: all); repeatable"
    parser.add_argument("--only", nargs="+", action="append", metavar="NAME", help=only)
    what = f"frameworks, with commas (those installed of {','.join(FRAMEWORKS)})"
    parser.add_argument("--targets", metavar="NAMES", help=what)
    what = f"beside the hard inputs ({SAMPLES}); 16-bit formats of one operand are exhausted"
    parser.add_argument("--samples", type=within(0, 10**9), default=SAMPLES, metavar="N", help=what)
    parser.add_argument("--seed", type=within(0), default=0, metavar="N", help="of the samples (0)")
    cpus = os.cpu_count() or 1
    parser.add_argument("--jobs", type=within(1), default=cpus, metavar="N", help=f"processes ({cpus})")
    what = "write the pages of a survey.json that is there, and measure nothing"
    parser.add_argument("--read", type=Path, metavar="FILE", help=what)


def run(arguments: argparse.Namespace) -> int:
    """Survey, write, say where; the exit code."""
    folder = Path(arguments.out)
    if arguments.read is not None:
        document = record.read(arguments.read)
        _folder(folder)
        return _ended(folder, document)
    names = _frameworks(arguments.targets)
    wanted = [activation_named(name).spec.name for name in flat(arguments.only)]
    chosen = [each for each in entries() if each.framework in names]
    chosen = [each for each in chosen if not wanted or each.activation in wanted]
    if not chosen:
        raise UsageError(f"no function of {', '.join(names)} is {' or '.join(wanted)}")
    _folder(folder)
    today = f"{date.today()}"
    ran = Run(tuple(names), tuple(wanted), arguments.samples, arguments.seed, versions(names), today)
    begun = Document(False, environment(), typed.plain(ran), ())
    judge = Judging(arguments.samples, arguments.seed)
    return survey(folder, resumed(folder, begun), chosen, judge, arguments.jobs)


def survey(folder: Path, document: Document, chosen: Sequence[Entry], judge: Survey, jobs: int) -> int:
    """Survey the entries that a document does not have yet, and write it after each; the exit code."""
    done = run_of(document).done
    try:
        with termination_interrupts(), progress(len(chosen) - done, "functions") as shown:
            for found in surveyed(chosen[done:], judge, jobs):
                document = _with(document, found)
                verdicts.write("--out", folder / NAME, document)
                shown.update(1)
    except (KeyboardInterrupt, BrokenExecutor) as error:
        why = "interrupted" if isinstance(error, KeyboardInterrupt) else "a worker process died"
        say(f"INCOMPLETE: {why}; the same command goes on from what is in {folder}")
        return INCOMPLETE
    document = replace(document, complete=True)
    verdicts.write("--out", folder / NAME, document)
    return _ended(folder, document)


def _with(document: Document, found: Surveyed) -> Document:
    """The document with what was found of one more entry."""
    for each in found.left_out:
        say(f"left out: {each.function} as {each.activation}, {each.asked}: {each.why}")
    ran = run_of(document)
    ran = replace(ran, left_out=(*ran.left_out, *found.left_out), done=ran.done + 1)
    return replace(document, run=typed.plain(ran), rows=(*document.rows, *found.rows))


def resumed(folder: Path, begun: Document) -> Document:
    """What an unfinished run of the same code and arguments has left in the folder, or the beginning.

    UsageError where the file is no sound document of this version.
    """
    path = outputs.claimed("--out", str(folder / NAME), verdicts.MARK)
    if not path.exists() or path.stat().st_size == 0:
        return begun
    found = sound(path, record.read)
    ran, asked = run_of(found), run_of(begun)
    same = replace(ran, left_out=(), done=0, date=asked.date) == asked
    if found.complete or not same or found.environment != begun.environment:
        return begun
    say(f"going on from the {ran.done} functions in {path}")
    return found


def _frameworks(given: str | None) -> list[str]:
    """Those that are wanted and installed; UsageError where none is there beside refacts."""
    wanted = list(FRAMEWORKS) if given is None else [name.strip() for name in given.split(",")]
    for name in wanted:
        if name not in FRAMEWORKS:
            raise unknown("framework", name, FRAMEWORKS)
    missing = [name for name in wanted if not installed(name)]
    for name in missing:
        say(f"{FRAMEWORKS[name][0]} is not installed and left out: pip install {_package(name)}")
    found = [name for name in FRAMEWORKS if name in wanted and name not in missing]
    if not [name for name in found if name != "refacts"] and wanted != ["refacts"]:
        raise UsageError("no framework is installed: pip install torch, for one")
    return found


def _package(name: str) -> str:
    return "onnx onnxruntime" if name == "onnx" else name


def _folder(folder: Path) -> None:
    """Make the folder of the pages; UsageError where it has foreign files of their names."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out: cannot write to {folder}: {error.strerror}") from error
    for name in pages.NAMES:
        outputs.claimed("--out", str(folder / name), pages.MARK)
    outputs.claimed("--out", str(folder / PICTURE), pictures.MARK)


def _write_pages(folder: Path, document: Document) -> list[str]:
    """Write the pages and, with matplotlib, the picture; the names of the files."""
    found = [(name, text, pages.MARK) for name, text in pages.pages(document)]
    if find_spec("matplotlib") is None:
        say(f"{PICTURE} is left out: matplotlib is missing: pip install matplotlib")
    elif pictures.shown(document.rows):
        found.append((PICTURE, pictures.picture(document.rows), pictures.MARK))
    try:
        (folder / FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out: cannot write to {folder / FOLDER}: {error.strerror}") from error
    for name, text, mark in found:
        outputs.write("--out", folder / name, text, mark)
    return [name for name, *_ in found]


def _ended(folder: Path, document: Document) -> int:
    """Write the pages and say what was found; the exit code."""
    names = _write_pages(folder, document)
    show(pages.ending(document, [str(folder / name) for name in names]))
    void = [row.key for row in document.rows if row.verdict == "void"]
    for key in void:
        say(f"VOID: the judge failed its control in {key}")
    return INCOMPLETE if void or not document.complete else PASS
