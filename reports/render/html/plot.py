"""A row's errors over the whole line of inputs, drawn by Matplotlib.

What is drawn has a group name, by which the style of a page colours it anew: "grid", "axis", "tick", "label",
"half", "gate", "max", "usual", "region", "artefact", "number", "special", "title".
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, StepPatch
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from refacts.reports.judge.regions import ELSEWHERE
from refacts.reports.judge.rows import Row
from refacts.reports.notation import ulps
from refacts.reports.render.html.axis import FLOOR, Column, Scale, columns
from refacts.reports.render.html.sheet import (
    BOTTOM,
    LANE,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Sheet,
    bars,
    wrong_specials,
)
from refacts.reports.render.texts import cut, printable
from refacts.reports.render.verdict_words import largest_and_lost

SETTINGS = {"svg.hashsalt": "refacts", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
            "path.simplify": False}  # fmt: skip
TITLE = 42.0  # points of a title and a legend
_MAX, _USUAL, _INK, _PALE = "#D55E00", "#0072B2", "#222222", "#777777"  # the first two of Okabe and Ito
_DASHED, _DOTTED, _LONG = (0, (3, 1.5)), (0, (1, 2)), (0, (6, 2))


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
        self.strokes(group, [(LEFT, WIDTH - RIGHT, y, y)], **how)


def frame(sheet: Sheet) -> Figure:
    """The axes and bounds alone."""
    with rc_context(SETTINGS):
        drawing = Drawing(sheet.height)
        _scales(drawing, sheet)
        return drawing.figure


def errors(row: Row, sheet: Sheet, least: float) -> Figure:
    """What is measured alone; ``least``: points that a column of it is wide at least."""
    with rc_context(SETTINGS):
        drawing = Drawing(sheet.height)
        _measured(drawing, row, sheet, least)
        return drawing.figure


def whole(row: Row, least: float = 2.0) -> Figure:
    """A plot that stands alone, with a title."""
    sheet = Sheet.of(row)
    with rc_context(SETTINGS):
        drawing = Drawing(sheet.height + TITLE)
        _scales(drawing, sheet)
        _measured(drawing, row, sheet, least)
        _title(drawing, row, sheet.height + TITLE)
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
    regions = [region for region in row.regions if region.kind != ELSEWHERE][:3]
    where = ", ".join(f"{r.kind} from {_short(r.low)} to {_short(r.high)}" for r in regions)
    name = cut(printable(f"{row.quantity} of {row.subject} in {row.formats} by {row.target}"), 400)
    return printable(
        f"Error in ulp over all inputs: {name}, "
        f"{largest_and_lost(row)}{f'; regions: {where}' if where else ''}"
    )


def _short(written: str) -> str:
    return f"{float.fromhex(written):.3g}"


def _scales(drawing: Drawing, sheet: Sheet) -> None:
    line, scale, ends = sheet.line, sheet.scale, (LEFT, WIDTH - RIGHT)
    grid = [(*ends, y, y) for y, label in scale.marks() if label != "0.5"]
    drawing.strokes("grid", grid, color="#dddddd", linewidth=0.6, zorder=0.5)
    ticks = [(x, x, BOTTOM, BOTTOM - 3) for x, _ in line.marks()]
    drawing.strokes("axis", [(*ends, BOTTOM, BOTTOM), *ticks], color=_PALE, linewidth=0.8)
    for y, label in scale.marks():
        drawing.text("tick", LEFT - 5, y - 3, label, ha="right", color=_PALE)
    for x, label in line.marks():
        drawing.text("tick", x, BOTTOM - 13, label, color=_PALE)
    drawing.text("label", LEFT - 5, TOP + 9, "ulp", ha="right")
    middle = (line.place(-1.0) + line.place(1.0)) / 2
    drawing.text("label", middle, BOTTOM - 28, f"{sheet.operand} (logarithmic, stretched around ±1)")
    drawing.rule("half", scale.place(0.5), color=_INK, linewidth=0.9, linestyle=_DOTTED)
    if sheet.gate is not None:
        y = scale.place(sheet.gate)
        drawing.rule("gate", y, color=_INK, linewidth=0.9, linestyle=_LONG)
        drawing.text("label", WIDTH - RIGHT, y + 3, f"gate {sheet.gate:g}", ha="right")


def _measured(drawing: Drawing, row: Row, sheet: Sheet, least: float) -> None:
    for run in columns(row.bins, sheet.line, least):
        _stairs(drawing, sheet.scale, run)
    for bar in bars(row):
        y = TOP + 16 + (sheet.lanes - 1 - bar.lane) * LANE
        corners = [(bar.left, y), (bar.right, y), (bar.right, y + 3), (bar.left, y + 3)]
        artefact = bar.region.artefact
        how: dict[str, Any] = {"facecolor": "none" if artefact else _INK, "edgecolor": _INK, "linewidth": 0.7}
        drawing.add("artefact" if artefact else "region", Polygon(corners, **how))
        drawing.text("number", bar.right + 2, y - 2, str(bar.number), ha="left", fontsize=8)
    y, half = BOTTOM + 8, 3.0
    crosses = [
        (x - half, x + half, y - half * way, y + half * way)
        for x in sorted({sheet.line.place(x) for x in wrong_specials(row)})
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
    area: dict[str, Any] = {"baseline": floor, "fill": True, "facecolor": (_MAX, 0.25), "edgecolor": _MAX}
    drawing.add("max", StepPatch(most, edges, **area, **looks))
    line: dict[str, Any] = {"baseline": None, "fill": False, "edgecolor": _USUAL, "linestyle": _DASHED}
    drawing.add("usual", StepPatch(usual, edges, **line, **looks))


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
