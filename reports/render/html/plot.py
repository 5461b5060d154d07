"""A row's errors over the whole line of inputs, as a Matplotlib figure, an SVG or a PNG.

What is drawn has a group name, by which the style of a page may colour it anew: "grid", "half", "gate", "max",
"edge", "usual", "region", "artefact", "special", "axis", "tick", "label", "number", "title".
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from refacts.reports.judge.rows import Region, Row
from refacts.reports.notation import ulps
from refacts.reports.question import pair
from refacts.reports.render.html.axis import FLOOR, Column, Line, Scale, columns
from refacts.reports.render.texts import cut, printable

WIDTH, HEIGHT = 660, 200  # points, without the regions above
LANES, LANE = 3, 11.0  # rows of regions at most, and their height
_LEFT, _RIGHT, _BOTTOM = 46.0, 10.0, 34.0
SETTINGS = {"svg.hashsalt": "refacts", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
             "path.simplify": False}  # fmt: skip
_MAX, _P99, _INK, _PALE = "#D55E00", "#0072B2", "#222222", "#777777"  # the first two of Okabe and Ito


@dataclass
class _Drawing:
    """A figure whose data coordinates are points, and the axes of a row in it."""

    row: Row
    title: float  # points of a title and a legend
    lanes: int = field(init=False)
    bars: list[tuple[int, Region, float, float, int]] = field(init=False)
    width: int = WIDTH
    height: float = field(init=False)
    figure: Figure = field(init=False)
    axes: Any = field(init=False)
    line: Line = field(init=False)
    scale: Scale = field(init=False)

    def __post_init__(self) -> None:
        self.line = Line(pair(self.row.formats)[0], _LEFT, self.width - _RIGHT)
        self.bars = list(_bars(self.row, self.line))
        self.lanes = max((bar[-1] for bar in self.bars), default=-1) + 1
        self.height = HEIGHT + self.lanes * LANE + self.title
        self.figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(0, self.height))
        self.axes.axis("off")
        largest = max((each.max for each in self.row.bins if each.max is not None), default=0.0)
        gate = self.row.gate.max_ulp or 0.0
        self.scale = Scale.up_to(max(largest, 2 * gate), _BOTTOM, HEIGHT - 20)

    @property
    def top(self) -> float:
        return self.scale.top

    def text(self, group: str, x: float, y: float, text: str, **how: Any) -> None:
        how = {"ha": "center", "va": "baseline", "color": _INK, "parse_math": False} | how
        self.axes.text(x, y, text, gid=group, **how)

    def strokes(self, group: str, lines: Sequence[tuple[float, float, float, float]], **how: Any) -> None:
        """Draw lines, each given by its two abscissas and two ordinates."""
        xs = [x for left, right, _, _ in lines for x in (left, right, math.nan)]
        ys = [y for _, _, start, end in lines for y in (start, end, math.nan)]
        self.axes.plot(xs, ys, gid=group, clip_on=False, **how)

    def rule(self, group: str, y: float, **how: Any) -> None:
        """Draw a line across the plot."""
        self.strokes(group, [(_LEFT, self.width - _RIGHT, y, y)], **how)


def figure(row: Row, least: float = 2.0, titled: bool = False) -> Figure:
    """The row's plot. ``least``: points that a column is wide at least; ``titled``: it stands alone."""
    with rc_context(SETTINGS):
        drawing = _Drawing(row, 46 if titled else 0)
        _scales(drawing)
        for run in columns(row.bins, row.bin_width, drawing.line, least):
            _errors(drawing, run)
        _bounds(drawing)
        _regions(drawing)
        _specials(drawing)
        if titled:
            _title(drawing)
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
    regions = f"; regions: {where}" if where else ""
    return (
        f"Error in ulp over all inputs of {row.quantity} of {row.subject} in {row.formats}: "
        f"at most {ulps(row.error.max)} ulp{regions}"
    )


def _short(written: str) -> str:
    return f"{float.fromhex(written):.3g}"


def _scales(drawing: _Drawing) -> None:
    line, scale = drawing.line, drawing.scale
    ends = (_LEFT, drawing.width - _RIGHT)
    drawing.strokes("grid", [(*ends, y, y) for y, _ in scale.marks()], color="#dddddd", linewidth=0.6, zorder=0.5)
    ticks = [(x, x, _BOTTOM, _BOTTOM - 3) for x, _ in line.marks()]
    drawing.strokes("axis", [(*ends, _BOTTOM, _BOTTOM), *ticks], color=_PALE, linewidth=0.8)
    for y, label in scale.marks():
        drawing.text("tick", _LEFT - 5, y - 3, label, ha="right", color=_PALE)
    for x, label in line.marks():
        drawing.text("tick", x, _BOTTOM - 13, label, color=_PALE)
    drawing.text("label", _LEFT - 5, drawing.top + 8, "ulp", ha="right")
    place = (line.place(-1.0) + line.place(1.0)) / 2
    drawing.text("label", place, _BOTTOM - 28, _operand(drawing.row))


def _operand(row: Row) -> str:
    """The axis in words: the operand that bins and regions are of."""
    shown = row.worst[0] if row.worst else None
    if shown is not None and shown.place is not None:
        return "x, an entry of a row"
    gated = shown is not None and "b" in shown.operands
    return f"{'b' if gated else 'x'} (logarithmic, stretched around ±1)"


def _errors(drawing: _Drawing, run: list[Column]) -> None:
    edges = [run[0].left, *(column.right for column in run)]
    most, usual = ([drawing.scale.place(value) for value in values] for values in (
        [column.max for column in run], [column.p99 for column in run]))  # fmt: skip
    floor = drawing.scale.place(FLOOR)
    stairs = drawing.axes.stairs
    stairs(most, edges, baseline=floor, fill=True, gid="max", color=_MAX, alpha=0.25, linewidth=0, clip_on=False)
    stairs(most, edges, baseline=None, gid="edge", color=_MAX, linewidth=1.2, clip_on=False, zorder=3)
    stairs(usual, edges, baseline=None, gid="usual", color=_P99, linewidth=1.2, linestyle=(0, (3, 1.5)),
           clip_on=False, zorder=3)  # fmt: skip


def _bounds(drawing: _Drawing) -> None:
    drawing.rule("half", drawing.scale.place(0.5), color=_INK, linewidth=0.9, linestyle=(0, (1, 2)))
    drawing.text("label", drawing.width - _RIGHT, drawing.scale.place(0.5) - 9, "0.5", ha="right")
    gate = drawing.row.gate.max_ulp
    if gate is not None and gate > 0.5:
        y = drawing.scale.place(gate)
        drawing.rule("gate", y, color=_INK, linewidth=0.9, linestyle=(0, (6, 2)))
        drawing.text("label", drawing.width - _RIGHT, y + 3, f"gate {gate:g}", ha="right")


def _regions(drawing: _Drawing) -> None:
    for number, region, left, right, lane in drawing.bars:
        y = drawing.top + 16 + (drawing.lanes - 1 - lane) * LANE
        group = "artefact" if region.artefact else "region"
        fill = "none" if region.artefact else _INK
        drawing.axes.fill([left, right, right, left], [y, y, y + 3, y + 3], gid=group, facecolor=fill,
                          edgecolor=_INK, linewidth=0.7, clip_on=False)  # fmt: skip
        drawing.text("number", right + 2, y - 2, str(number), ha="left", fontsize=8)


def _bars(row: Row, line: Line) -> Iterator[tuple[int, Region, float, float, int]]:
    """Regions by number, their abscissas and a lane in which they overlap no other; those without room lack."""
    ends = [-math.inf] * LANES
    for number, region in enumerate(row.regions, 1):
        left, right = _interval(line, region)
        lane = next((lane for lane, end in enumerate(ends) if end <= left), None)
        if lane is not None:
            ends[lane] = right + 4 + 5 * len(str(number))
            yield number, region, left, right, lane


def _interval(line: Line, region: Region) -> tuple[float, float]:
    """The abscissas of a region, far enough apart to be seen."""
    left, right = (line.place(float.fromhex(end)) for end in (region.low, region.high))
    missing = max(4.0 - (right - left), 0.0)
    return left - missing / 2, right + missing / 2


def _specials(drawing: _Drawing) -> None:
    """A cross at each of -inf, 0, inf and NaN where something is wrong."""
    y, half = _BOTTOM + 8, 3.0
    crosses = [
        (x - half, x + half, y - half * way, y + half * way)
        for x in sorted({drawing.line.place(x) for x in _wrong_specials(drawing.row)})
        for way in (1, -1)
    ]
    if crosses:
        drawing.strokes("special", crosses, color=_MAX, linewidth=1.8)


def _wrong_specials(row: Row) -> Iterator[float]:
    for region in row.regions:
        if region.low == region.high and not region.artefact:
            yield from _special(region.low)
    for worst in row.worst:
        if worst.kind != "finite" and not worst.excused and not worst.artefact:
            yield from _special(worst.operands.get("b", worst.operands.get("x", "1.0")))


def _special(written: str) -> Iterator[float]:
    x = float.fromhex(written)
    if x == 0 or not math.isfinite(x):
        yield x


def _title(drawing: _Drawing) -> None:
    """What it is of, and what the lines are."""
    row, y = drawing.row, drawing.height - 16
    name = f"{row.quantity} of {row.subject} in {row.formats}: {row.target}"
    drawing.text("title", 8, y, cut(printable(name), 100), ha="left", fontsize=11)
    said = f"largest error {ulps(row.error.max)} ulp"
    drawing.text("label", 8, y - 16, said, ha="left")
    places = (250.0, 350.0, 450.0)
    lines = (("edge", "max in a bin", _MAX, "-"), ("usual", "99th percentile", _P99, (0, (3, 1.5))),
             ("half", "0.5 ulp: correctly rounded", _INK, (0, (1, 2))))  # fmt: skip
    for x, (group, label, colour, dashes) in zip(places, lines, strict=True):
        how = {"color": colour, "linewidth": 1.2, "linestyle": dashes}
        drawing.strokes(group, [(x, x + 18, y - 13, y - 13)], **how)
        drawing.text("label", x + 22, y - 16, label, ha="left")
