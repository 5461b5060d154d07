"""A row's errors over the whole line of inputs, drawn by Matplotlib.

What is drawn has a group name, by which the style of a page colours it anew: "grid", "axis", "tick", "label",
"half", "gate", "max", "usual", "region", "artefact", "number", "special", "title".
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, StepPatch
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from refacts.reports.judge.rows import Region, Row
from refacts.reports.notation import ulps
from refacts.reports.question import pair
from refacts.reports.render.html.axis import FLOOR, Column, Line, Scale, columns
from refacts.reports.render.texts import cut, printable

SETTINGS = {"svg.hashsalt": "refacts", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
            "path.simplify": False}  # fmt: skip
WIDTH, HEIGHT = 660.0, 200.0  # points, without regions and title
LANES, LANE = 3, 11.0  # rows of regions at most, and their height
TITLE = 42.0  # points of a title and a legend
_LEFT, _RIGHT, _BOTTOM, _TOP = 46.0, 10.0, 34.0, 180.0
_MAX, _USUAL, _INK, _PALE = "#D55E00", "#0072B2", "#222222", "#777777"  # the first two of Okabe and Ito
_DASHED, _DOTTED, _LONG = (0, (3, 1.5)), (0, (1, 2)), (0, (6, 2))


@dataclass(frozen=True)
class Bar:
    """A region by its number, between two abscissas, in a lane in which it overlaps no other."""

    number: int
    region: Region
    left: float
    right: float
    lane: int


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
        lanes = max((bar.lane for bar in _bars(row)), default=-1) + 1
        return cls(row.formats, _operand(row), Scale.up_to(max(largest, 2 * (gate or 0.0))), gate, lanes)

    @property
    def line(self) -> Line:
        """The abscissas."""
        return _line(self.formats)

    @property
    def scale(self) -> Scale:
        """The ordinates."""
        return Scale(self.most, _BOTTOM, _TOP)


class Drawing:
    """A figure in whose coordinates a unit is a point, from below."""

    def __init__(self, height: float) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
        self._points = Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans

    def add(self, group: str, artist: Any) -> None:
        """Draw an artist."""
        artist.set(gid=group, transform=self._points)
        self.figure.add_artist(artist)

    def text(self, group: str, x: float, y: float, text: str, **how: Any) -> None:
        """Write a text as it is."""
        how = {"ha": "center", "va": "baseline", "color": _INK} | how
        self.add(group, Text(x, y, text, parse_math=False, **how))

    def strokes(self, group: str, lines: Sequence[tuple[float, float, float, float]], **how: Any) -> None:
        """Draw lines, each given by its two abscissas and two ordinates."""
        xs = [x for left, right, _, _ in lines for x in (left, right, math.nan)]
        ys = [y for _, _, start, end in lines for y in (start, end, math.nan)]
        self.add(group, Line2D(xs, ys, **how))

    def rule(self, group: str, y: float, **how: Any) -> None:
        """Draw a line across the plot."""
        self.strokes(group, [(_LEFT, WIDTH - _RIGHT, y, y)], **how)


def height(sheet: Sheet) -> float:
    """Of a plot without a title."""
    return HEIGHT + sheet.lanes * LANE


def frame(sheet: Sheet) -> Figure:
    """The axes and bounds alone."""
    with rc_context(SETTINGS):
        drawing = Drawing(height(sheet))
        _scales(drawing, sheet)
        return drawing.figure


def errors(row: Row, sheet: Sheet, least: float) -> Figure:
    """What is measured alone; ``least``: points that a column of it is wide at least."""
    with rc_context(SETTINGS):
        drawing = Drawing(height(sheet))
        _measured(drawing, row, sheet, least)
        return drawing.figure


def whole(row: Row, least: float = 2.0) -> Figure:
    """A plot that stands alone, with a title."""
    sheet = Sheet.of(row)
    with rc_context(SETTINGS):
        drawing = Drawing(height(sheet) + TITLE)
        _scales(drawing, sheet)
        _measured(drawing, row, sheet, least)
        _title(drawing, row, height(sheet) + TITLE)
        return drawing.figure


def png(figure: Figure) -> bytes:
    """The figure as PNG, at two pixels a point."""
    written = io.BytesIO()
    with rc_context(SETTINGS):
        figure.set_dpi(144)
        FigureCanvasAgg(figure).print_png(written, metadata={"Software": "refacts"})
    return written.getvalue()


def described(row: Row) -> str:
    """The plot in a sentence, for those who cannot see it."""
    where = ", ".join(f"{r.kind} from {_short(r.low)} to {_short(r.high)}" for r in row.regions[:3])
    return printable(
        f"Error in ulp over all inputs: {row.quantity} of {row.subject} in {row.formats} by {row.target}, "
        f"at most {ulps(row.error.max)} ulp{f'; regions: {where}' if where else ''}"
    )


def _short(written: str) -> str:
    return f"{float.fromhex(written):.3g}"


def _line(formats: str) -> Line:
    return Line(pair(formats)[0], _LEFT, WIDTH - _RIGHT)


def _operand(row: Row) -> str:
    """The axis in words: the operand that bins and regions are of."""
    shown = row.worst[0] if row.worst else None
    if shown is not None and shown.place is not None:
        return "x, an entry of a row"
    return "b" if shown is not None and "b" in shown.operands else "x"


def _scales(drawing: Drawing, sheet: Sheet) -> None:
    line, scale, ends = sheet.line, sheet.scale, (_LEFT, WIDTH - _RIGHT)
    grid = [(*ends, y, y) for y, label in scale.marks() if label != "0.5"]
    drawing.strokes("grid", grid, color="#dddddd", linewidth=0.6, zorder=0.5)
    ticks = [(x, x, _BOTTOM, _BOTTOM - 3) for x, _ in line.marks()]
    drawing.strokes("axis", [(*ends, _BOTTOM, _BOTTOM), *ticks], color=_PALE, linewidth=0.8)
    for y, label in scale.marks():
        drawing.text("tick", _LEFT - 5, y - 3, label, ha="right", color=_PALE)
    for x, label in line.marks():
        drawing.text("tick", x, _BOTTOM - 13, label, color=_PALE)
    drawing.text("label", _LEFT - 5, _TOP + 9, "ulp", ha="right")
    middle = (line.place(-1.0) + line.place(1.0)) / 2
    drawing.text("label", middle, _BOTTOM - 28, f"{sheet.operand} (logarithmic, stretched around ±1)")
    drawing.rule("half", scale.place(0.5), color=_INK, linewidth=0.9, linestyle=_DOTTED)
    if sheet.gate is not None:
        y = scale.place(sheet.gate)
        drawing.rule("gate", y, color=_INK, linewidth=0.9, linestyle=_LONG)
        drawing.text("label", WIDTH - _RIGHT, y + 3, f"gate {sheet.gate:g}", ha="right")


def _measured(drawing: Drawing, row: Row, sheet: Sheet, least: float) -> None:
    for run in columns(row.bins, sheet.line, least):
        _stairs(drawing, sheet.scale, run)
    for bar in _bars(row):
        y = _TOP + 16 + (sheet.lanes - 1 - bar.lane) * LANE
        corners = [(bar.left, y), (bar.right, y), (bar.right, y + 3), (bar.left, y + 3)]
        artefact = bar.region.artefact
        how = {"facecolor": "none" if artefact else _INK, "edgecolor": _INK, "linewidth": 0.7}
        drawing.add("artefact" if artefact else "region", Polygon(corners, **how))
        drawing.text("number", bar.right + 2, y - 2, str(bar.number), ha="left", fontsize=8)
    y, half = _BOTTOM + 8, 3.0
    crosses = [
        (x - half, x + half, y - half * way, y + half * way)
        for x in sorted({sheet.line.place(x) for x in _wrong_specials(row)})
        for way in (1, -1)
    ]
    if crosses:
        drawing.strokes("special", crosses, color=_MAX, linewidth=1.8)


def _stairs(drawing: Drawing, scale: Scale, run: list[Column]) -> None:
    edges = [run[0].left, *(column.right for column in run)]
    most = [scale.place(column.max) for column in run]
    usual = [scale.place(column.p99) for column in run]
    floor = scale.place(FLOOR)
    looks: dict[str, Any] = {"linewidth": 1.2, "zorder": 3}
    area = {"baseline": floor, "fill": True, "facecolor": (_MAX, 0.25), "edgecolor": _MAX}
    drawing.add("max", StepPatch(most, edges, **area, **looks))
    drawing.add("usual", StepPatch(usual, edges, baseline=None, edgecolor=_USUAL, linestyle=_DASHED, **looks))


def _bars(row: Row) -> Iterator[Bar]:
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


def _wrong_specials(row: Row) -> Iterator[float]:
    """Those of -inf, 0, inf and NaN at which something is wrong."""
    places = [region.low for region in row.regions if region.low == region.high and not region.artefact]
    for worst in row.worst:
        if worst.kind != "finite" and not worst.excused and not worst.artefact:
            places += [worst.operands[name] for name in ("b", "x") if name in worst.operands][:1]
    for x in map(float.fromhex, places):
        if x == 0 or not math.isfinite(x):
            yield x


def _title(drawing: Drawing, row: Row, top: float) -> None:
    """What it is of, and what the lines are."""
    name = f"{row.quantity} of {row.subject} in {row.formats}: {row.target}"
    drawing.text("title", 8, top - 16, cut(printable(name), 100), ha="left", fontsize=11)
    drawing.text("label", 8, top - 32, f"largest error {ulps(row.error.max)} ulp", ha="left")
    lines: tuple[tuple[float, str, str, str, Any], ...] = (
        (250.0, "max", "max in a bin", _MAX, "-"),
        (350.0, "usual", "99th percentile", _USUAL, _DASHED),
        (460.0, "half", "0.5 ulp: correctly rounded", _INK, _DOTTED),
    )
    for x, group, label, colour, dashes in lines:
        how = {"color": colour, "linewidth": 1.2, "linestyle": dashes}
        drawing.strokes(group, [(x, x + 18, top - 29, top - 29)], **how)
        drawing.text("label", x + 22, top - 32, label, ha="left")
