"""What a row's plot is drawn on: the axes, and places of regions and of infinite inputs along them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from refacts.reports.judge.rows import Region, Row
from refacts.reports.question import pair
from refacts.reports.render.html.axis import Line, Scale

WIDTH, HEIGHT = 660.0, 200.0  # points, without regions and title
LANES, LANE = 3, 11.0  # rows of regions at most, and their height
LEFT, RIGHT, BOTTOM, TOP = 46.0, 10.0, 34.0, 180.0


@dataclass(frozen=True)
class Sheet:
    """What a plot is drawn on: rows with the same sheet have the same axes.

    formats: of the row; most: the ordinate's end; gate: its bound, if it is drawn; lanes: of regions.
    """

    formats: str
    operand: str
    most: float
    gate: float | None
    lanes: int

    @classmethod
    def of(cls, row: Row) -> Sheet:
        """The sheet for a row."""
        gate = row.gate.max_ulp if row.gate.max_ulp is not None and row.gate.max_ulp > 0.5 else None
        errors = [each.max for each in row.bins]
        largest = max((ulp for ulp in errors if ulp < math.inf), default=0.0)
        largest *= 10 if math.inf in errors else 1
        lanes = max((bar.lane for bar in bars(row)), default=-1) + 1
        return cls(row.formats, _operand(row), Scale.up_to(max(largest, 2 * (gate or 0.0))), gate, lanes)

    @property
    def line(self) -> Line:
        """The abscissas."""
        return _line(self.formats)

    @property
    def scale(self) -> Scale:
        """The ordinates."""
        return Scale(self.most, BOTTOM, TOP)

    @property
    def height(self) -> float:
        """Points of a plot without a title."""
        return HEIGHT + self.lanes * LANE


@dataclass(frozen=True)
class Bar:
    """A region by its number, between two abscissas, in a lane in which it overlaps no other."""

    number: int
    region: Region
    left: float
    right: float
    lane: int


def bars(row: Row) -> Iterator[Bar]:
    """The regions that have room, numbered as in the list of all."""
    ends, line = [-math.inf] * LANES, _line(row.formats)
    for number, region in enumerate(row.regions, 1):
        left, right = (line.place(float.fromhex(end)) for end in (region.low, region.high))
        missing = max(4.0 - (right - left), 0.0)  # so much can be seen
        left, right = left - missing / 2, right + missing / 2
        lane = next((lane for lane, end in enumerate(ends) if end <= left), None)
        if lane is not None:
            ends[lane] = right + 4 + 5 * len(str(number))
            yield Bar(number, region, left, right, lane)


def wrong_specials(row: Row) -> Iterator[float]:
    """Those of -inf, 0, inf and NaN at which something is wrong."""
    places = [region.low for region in row.regions if region.low == region.high and not region.artefact]
    for worst in row.worst:
        if worst.kind != "finite" and not worst.excused and not worst.artefact:
            places += [worst.operands[name] for name in ("b", "x") if name in worst.operands][:1]
    for x in map(float.fromhex, places):
        if x == 0 or not math.isfinite(x):
            yield x


def _line(formats: str) -> Line:
    return Line(pair(formats)[0], LEFT, WIDTH - RIGHT)


def _operand(row: Row) -> str:
    """The axis in words: the operand that bins and regions are of."""
    shown = row.worst[0] if row.worst else None
    if shown is not None and shown.place is not None:
        return "x, an entry of a row"
    return "b" if shown is not None and "b" in shown.operands else "x"
