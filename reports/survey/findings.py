"""What a document of a survey says, put in order: cells of the table, and functions by how wrong they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from refacts.oracles import FORMATS
from refacts.reports.judge.rows import Row
from refacts.reports.notation import ulps
from refacts.reports.survey.examples import defects
from refacts.reports.survey.frameworks import FRAMEWORKS, framework_of

MARKS = {  # of a cell, by the kind of results that have no distance worth a number, or are excused
    "nan": ("N", "NaN where a number is exact"),
    "swallowed": ("n", "a number where x is NaN"),
    "inf": ("I", "infinity where a finite number is exact, or the other way round"),
    "sign": ("S", "the wrong sign"),
    "false_zero": ("Z", "0 where the exact value is larger than the least positive number"),
    "flushed": ("f", "subnormal numbers taken for 0 (excused)"),
    "sign-of-zero": ("z", "zeros of the wrong sign (excused)"),
}
EXCUSED = {"ftz": "flushed", "daz": "flushed", "sign-of-zero": "sign-of-zero"}
SWALLOWED = "NaN swallowed"  # the label of such a region
NOTHING = "·"  # not judged


@dataclass(frozen=True)
class Cell:
    """What was found of a quantity of a function in a format; of the two VJPs of a gated unit together.

    max: the largest error in ulp, None where no result has one. marks: keys of MARKS.
    """

    max: float | None
    marks: tuple[str, ...]

    @property
    def text(self) -> str:
        """The largest error, and letters."""
        letters = "".join(MARKS[mark][0] for mark in self.marks)
        return f"{short(self.max)} {letters}".strip()


def short(number: float | None) -> str:
    """An error in ulp for a table, rounded up to three digits: 0.5, 1.68e7."""
    return ulps(number).replace("e+0", "e").replace("e+", "e")


def is_value(row: Row) -> bool:
    """Whether it is of the function itself, not of its derivative."""
    return row.quantity == "value"


def chosen(rows: Iterable[Row], activation: str, framework: str, fmt: str, value: bool) -> list[Row]:
    """The rows of a cell."""
    return [
        row
        for row in rows
        if (row.activation, framework_of(row.target), row.formats) == (activation, framework, fmt)
        and is_value(row) == value
    ]


def cell(rows: Sequence[Row]) -> Cell | None:
    """The rows of a cell as one; None where there is none."""
    if not rows:
        return None
    largest = [row.error.max for row in rows if row.error.max is not None]
    return Cell(max(largest, default=None), marks(rows))


def marks(rows: Sequence[Row]) -> tuple[str, ...]:
    """The kinds of results that are found in rows, keys of MARKS."""
    kinds = {kind for row in rows for kind in mismatched(row)}
    kinds |= {EXCUSED[rule] for row in rows for rule in row.excused if rule in EXCUSED}
    return tuple(mark for mark in MARKS if mark in kinds)


def mismatched(row: Row) -> set[str]:
    """The kinds of results without a distance, keys of MARKS."""
    found = {kind for kind, count in row.mismatches.items() if count}
    swallowed = sum(region.wrong for region in row.regions if region.kind == SWALLOWED)
    if swallowed:
        found.add("swallowed")
    if swallowed == row.mismatches["nan"]:
        found.discard("nan")
    return found


def lost(row: Row) -> float:
    """The share of the significand's bits that the worst result lacks: 1 for one without a distance.

    A number where x is NaN does not count: for a derivative it is a convention of all frameworks.
    """
    if mismatched(row) - {"swallowed"}:
        return 1.0
    worst = row.error.max or 0.0
    return min(1.0, max(0.0, math.log2(worst)) / FORMATS[row.formats].precision) if worst else 0.0


def is_wrong(row: Row) -> bool:
    """Whether it is wrong in a region, or without a distance, in more than a number where x is NaN."""
    return bool(mismatched(row) - {"swallowed"}) or any(each.kind != SWALLOWED for each in defects(row))


def wrong_share(row: Row) -> float:
    """The share of results more than 1 ulp from the exact value, or without a distance."""
    return (row.over_budget + sum(row.mismatches.values())) / max(row.inputs, 1)


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Those with a mismatch or a wrong region: the most bits lost in the most results first."""
    found = [row for row in rows if mismatched(row) or defects(row)]
    return sorted(found, key=lambda row: (-lost(row), -wrong_share(row), row.key))


def activations(rows: Iterable[Row]) -> list[str]:
    """In the order of the document."""
    return list(dict.fromkeys(row.activation for row in rows))


def frameworks(rows: Iterable[Row]) -> list[str]:
    """Those that rows are of, in the order of FRAMEWORKS."""
    there = {framework_of(row.target) for row in rows}
    return [name for name in FRAMEWORKS if name in there]
