"""Which row, region and result of a document is the worst, and how bad an error is at a glance."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from refacts.reports.judge.rows import LEFT_OUT, MISMATCHES, Region, Row, Worst
from refacts.reports.quantities import CATALOGUE, reduces

BOUNDS = (0.5, 1.0, 4.0, 256.0, 65536.0)  # ulp: the levels of an error end here
_ORDER = ("void", "fail", "incomplete", "measured", "pass")
_KINDS = (*MISMATCHES, "finite")  # the gravest first
_CANCELLATIONS = (
    "cancellation near the root",
    "cancellation near zero",
    "tail cancellation",
    "cancellation",
)
_REGIONS = {  # in which regions a result of a kind lies
    "nan": ("NaN at infinity", "NaN", "NaN swallowed"),
    "inf": ("overflow", "infinity lost"),
    "sign": ("wrong sign", "sign of zero", *_CANCELLATIONS),
    "false_zero": ("false zeros",),
    "finite": ("large error", *_CANCELLATIONS),
    "flushed": ("flushed subnormals",),
    "saturated": ("saturation",),
    "kink": ("kink",),
}


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
    """Rows by verdict; those with results without a distance first; then by their largest error."""
    return sorted(
        rows,
        key=lambda row: (
            _ORDER.index(row.verdict),
            is_exact(row),
            not without_distance(row),
            -(row.error.max or 0.0),
            -without_distance(row),
        ),
    )


def worst_of(rows: Sequence[Row]) -> Row | None:
    """The row a reader should see first; None of none."""
    return next(iter(worst_first(rows)), None)


def examples(row: Row, each: int = 1) -> list[list[Worst]]:
    """The worst results by kind, ``each`` of a kind at most; neither what is excused nor what is right.

    What counts for the gate comes first, defects before artefacts; kinds are in the order of the document.
    """
    kinds: dict[tuple[str, str], list[Worst]] = {}
    for worst in row.worst:
        if not worst.excused and worst.got != worst.want:
            kinds.setdefault((worst.artefact, worst.kind), []).append(worst)
    found = [sorted(own, key=lambda worst: -_size(worst)) for own in kinds.values()]
    found.sort(key=lambda own: (not _counts(row, own[0]), bool(own[0].artefact), _KINDS.index(own[0].kind)))
    return [own[:each] for own in found]


def _counts(row: Row, worst: Worst) -> bool:
    """Whether the gate fails a row for such a result; without a gate, any counts."""
    gate = row.gate
    if worst.kind != "finite" or worst.artefact or gate.max_ulp is None:
        return True
    if gate.quota and not gate.refuses(row.coverage, row.quota_of):
        return row.quota_over > gate.share * row.quota_of
    return gate.max_ulp <= 0.5 or worst.ulp is None or worst.ulp > gate.max_ulp


def example(row: Row) -> Worst | None:
    """The result to show of a row: the gravest that counts for the gate; None where nothing is wrong."""
    return next((found[0] for found in examples(row)), None)


def shown(row: Row) -> list[Worst]:
    """The example, and the largest distance beside it, where the example has none and that counts as well."""
    found = [own[0] for own in examples(row)]
    distances = [each for each in found[1:] if each.kind == "finite" and not each.artefact]
    beside = distances if found and found[0].kind != "finite" else []
    return [*found[:1], *(each for each in beside if _counts(row, each))]


def region_of(row: Row, worst: Worst) -> Region | None:
    """The region of the result's kind around it; None where it lies in none, as small errors do."""
    kinds = _REGIONS[worst.artefact or worst.kind]
    x = _point(row, worst)
    return next((r for r in row.regions if r.kind in kinds and _holds(r, x)), None)


def _point(row: Row, worst: Worst) -> float:
    """The x that regions know a result by: its own; in a gated unit b; of a reduced row its largest."""
    asked = CATALOGUE.get(row.activation)
    if worst.row and asked is not None and reduces(asked, row.quantity):
        return max(float.fromhex(x) for x in worst.row["x"] if x != LEFT_OUT)
    name = "b" if "b" in worst.operands else "x"
    return float.fromhex(worst.operands[name])


def _holds(region: Region, x: float) -> bool:
    low, high = float.fromhex(region.low), float.fromhex(region.high)
    return low <= x <= high or (math.isnan(x) and math.isnan(low))


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
