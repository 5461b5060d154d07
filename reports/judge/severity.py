"""Which row, region and result of a document is the worst, and how bad an error is at a glance."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from refacts.reports.judge.rows import Region, Row, Worst

BOUNDS = (0.5, 1.0, 4.0, 256.0, 65536.0)  # ulp: the levels of an error end here
_ORDER = ("void", "fail", "incomplete", "measured", "pass")


def level(ulp: float | None) -> int | None:
    """0 (correctly rounded) to len(BOUNDS): between which bounds an error lies; None of none."""
    return None if ulp is None else bisect_left(BOUNDS, ulp)


def is_exact(row: Row) -> bool:
    """Whether every result asked for is there and is the correctly rounded value, with nothing excused."""
    told = row.unanswered or row.incidents or row.verdict == "void"
    return row.inputs > 0 and row.correct == row.inputs and not told


def without_distance(row: Row) -> int:
    """How many results have no distance worth a number, and are not excused."""
    return sum(row.mismatches.values())


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Rows by verdict, then by their largest error, then by the number of results without a distance."""
    return sorted(
        rows,
        key=lambda row: (
            _ORDER.index(row.verdict),
            is_exact(row),
            -(row.error.max or 0.0),
            -without_distance(row),
        ),
    )


def worst_of(rows: Sequence[Row]) -> Row | None:
    """The row a reader should see first; None of none."""
    return next(iter(worst_first(rows)), None)


def examples(row: Row, each: int = 1) -> list[list[Worst]]:
    """The worst results by kind, ``each`` of a kind at most; neither what is excused nor what is right.

    Defects come before artefacts, the largest error first.
    """
    kinds: dict[tuple[str, str], list[Worst]] = {}
    for worst in row.worst:
        if not worst.excused and worst.got != worst.want:
            kinds.setdefault((worst.artefact, worst.kind), []).append(worst)
    ordered = sorted(kinds.values(), key=lambda found: (bool(found[0].artefact), -_size(found[0])))
    return [found[:each] for found in ordered]


def example(row: Row) -> Worst | None:
    """The result to show of a row: its largest error that is no artefact; None where nothing is wrong."""
    return next((found[0] for found in examples(row)), None)


def worst_region(row: Row) -> Region | None:
    """Where a row is most wrong: the region around its example, else the one with the largest error."""
    shown = example(row)
    places = [] if shown is None else [float.fromhex(text) for text in shown.operands.values()]
    around = [
        region
        for region in row.regions
        if any(float.fromhex(region.low) <= x <= float.fromhex(region.high) for x in places)
    ]
    found = around or list(row.regions)
    return max(found, key=lambda r: (not r.artefact, r.max_ulp or 0.0, r.wrong), default=None)


def overall(rows: Iterable[Row], complete: bool) -> str:
    """The verdict on all rows: the gravest; "measured" only if none has a gate.

    "incomplete" of an unfinished run, or where there are no rows.
    """
    found = {row.verdict for row in rows}
    gravest = next((word for word in (*_ORDER[:3], "pass", "measured") if word in found), "incomplete")
    return gravest if complete else "incomplete"


def cells(rows: Iterable[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Rows by activation, quantity and formats, in the order of the document."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.subject, row.quantity, row.formats), []).append(row)
    return found


def totals(rows: Iterable[Row]) -> tuple[int, int]:
    """Results of all rows, and those that are the correctly rounded value."""
    known = list(rows)
    return sum(row.inputs for row in known), sum(row.correct for row in known)


def _size(worst: Worst) -> float:
    return -1.0 if worst.ulp is None or math.isnan(worst.ulp) else worst.ulp
