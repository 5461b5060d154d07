"""Maps of the largest errors: activation by quantity and format, one for each target that is not exact."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from refacts.reports.judge import severity
from refacts.reports.judge.rows import Row

QUANTITIES = ("value", "derivative", "vjp", "vjp_a", "vjp_b", "jvp", "jacobian")
FORMATS = {"float16": "f16", "bfloat16": "bf16", "float32": "f32", "float64": "f64"}


@dataclass(frozen=True)
class Cell:
    """The worst row of a place in the map, its level of error, and whether results have no distance."""

    row: Row
    level: int | None
    text: str
    lost: bool


@dataclass(frozen=True)
class Map:
    """A table: quantities and how many columns each has, formats, lines of an activation and its cells."""

    target: str
    heads: tuple[tuple[str, int], ...]
    formats: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Cell | None, ...]], ...]


def maps(rows: Sequence[Row]) -> list[Map]:
    """The maps of targets that are wrong somewhere."""
    right = set(exact(rows))
    return [_map(name, found) for name, found in _by_target(rows).items() if name not in right]


def exact(rows: Sequence[Row]) -> list[str]:
    """The names of targets that are exact everywhere."""
    return [name for name, found in _by_target(rows).items() if all(map(severity.is_exact, found))]


def _by_target(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.target, []).append(row)
    return found


def brief(ulp: float | None) -> str:
    """An error in at most five characters, never below the truth."""
    if ulp is None:
        return "\N{EN DASH}"
    if math.isinf(ulp):
        return "\N{INFINITY}"
    if ulp < 1000:
        decimals = 2 if ulp <= 0.99 else 1 if ulp <= 9.9 else 0
        return f"{math.ceil(ulp * 10**decimals) / 10**decimals:g}"
    exponent = math.floor(math.log10(ulp))
    digit = math.ceil(ulp / 10.0**exponent)
    return f"{digit}e{exponent}" if digit < 10 else f"1e{exponent + 1}"


def _map(target: str, rows: Sequence[Row]) -> Map:
    cells = severity.cells(rows)
    columns = sorted({(quantity, formats) for _, quantity, formats in cells}, key=_place)
    heads = tuple((name, len(list(found))) for name, found in groupby(columns, key=lambda column: column[0]))
    subjects = dict.fromkeys(subject for subject, _, _ in cells)
    lines = tuple(
        (subject, tuple(_cell(cells.get((subject, *column))) for column in columns)) for subject in subjects
    )
    return Map(target, heads, tuple(_abbreviated(formats) for _, formats in columns), lines)


def _place(column: tuple[str, str]) -> tuple[int, str, list[int]]:
    quantity, formats = column
    known = QUANTITIES.index(quantity) if quantity in QUANTITIES else len(QUANTITIES)
    return known, quantity, [list(FORMATS).index(name) for name in formats.split(":")]


def _abbreviated(formats: str) -> str:
    return ":".join(FORMATS[name] for name in formats.split(":"))


def _cell(rows: list[Row] | None) -> Cell | None:
    row = severity.worst_of(rows or ())
    if row is None:
        return None
    lost = severity.without_distance(row) > 0
    return Cell(row, severity.level(row.error.max), brief(row.error.max), lost)


def legend() -> Iterator[tuple[int, str]]:
    """Levels and what they mean."""
    yield 0, f"\N{LESS-THAN OR EQUAL TO} {severity.BOUNDS[0]:g} ulp: correctly rounded"
    for place, bound in enumerate(severity.BOUNDS[1:], 1):
        yield place, f"\N{LESS-THAN OR EQUAL TO} {bound:,.15g}"
    yield len(severity.BOUNDS), "more"
