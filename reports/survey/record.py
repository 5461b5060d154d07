"""What a survey writes down of itself, and how its document is read: whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from refacts.oracles import FORMATS
from refacts.reports import typed, verdicts
from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import MISMATCHES, Row
from refacts.reports.quantities import CATALOGUE
from refacts.reports.verdicts import Document

MACHINE = ("cpu", "python")  # what pages tell of the environment


@dataclass(frozen=True)
class LeftOut:
    """What is not judged, and why, in a sentence."""

    function: str
    activation: str
    asked: str
    why: str


@dataclass(frozen=True)
class Run:
    """The section `run` of a survey's document.

    targets: the frameworks; only: the activations, none for all. versions: of the frameworks' packages.
    done: how many functions are there, judged or left out.
    """

    targets: tuple[str, ...]
    only: tuple[str, ...]
    samples: int
    seed: int
    versions: dict[str, str]
    date: str
    left_out: tuple[LeftOut, ...] = ()
    done: int = 0


def run_of(document: Document) -> Run:
    """What a document says of its run; ValueError that names what is broken there."""
    found: Run = typed.made(Run, document.run, "run")
    if found.done < 0:
        raise ValueError(f"run.done must be at least 0 (got {found.done})")
    return found


def read(path: Path) -> Document:
    """The survey's document at ``path``; UsageError in one sentence for anything else."""
    document = verdicts.read(path)
    if "left_out" not in document.run and "versions" not in document.run:
        raise UsageError(f"{path} is not a document of `refacts survey`")
    try:
        run_of(document)
        for name in MACHINE:
            if not isinstance(document.environment.get(name), str):
                raise ValueError(
                    f"environment.{name} must be a text (got {document.environment.get(name)!r:.60})"
                )
        for row in document.rows:
            _require_shown(row)
    except ValueError as error:
        raise UsageError(f"{path} is broken: {error}") from error
    return document


def _require_shown(row: Row) -> None:
    """ValueError for a row that no survey has, of which there is no page."""
    kinds = ("finite", *MISMATCHES)
    if row.activation not in CATALOGUE:
        raise ValueError(f"{row.key}: there is no activation {row.activation!r:.60}")
    if row.formats not in FORMATS:
        raise ValueError(f"{row.key}: formats must be one of {', '.join(FORMATS)} (got {row.formats!r:.60})")
    if lacking := [kind for kind in MISMATCHES if kind not in row.mismatches]:
        raise ValueError(f"{row.key}: mismatches lacks {', '.join(lacking)}")
    for region in row.regions:
        for place in ("low", "high", "worst"):
            written = getattr(region, place)
            try:
                float.fromhex(written)
            except (ValueError, OverflowError) as error:
                raise ValueError(f"{row.key}: a region's {place} is {written!r:.60}: {error}") from error
    for worst in row.worst:
        if worst.kind not in kinds:
            raise ValueError(f"{row.key}: worst is of no kind of {', '.join(kinds)} (got {worst.kind!r:.60})")
        if "x" not in worst.operands and CATALOGUE[row.activation].spec.kind == "elementwise":
            raise ValueError(f"{row.key}: worst has no x")
