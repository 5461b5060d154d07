"""A survey as a picture: the largest errors in float32, of value and derivative, on a log axis.

It is upright and narrow, so that its labels are as large as the text around it on a phone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import Row
from refacts.reports.quantities import CATALOGUE
from refacts.reports.survey.findings import activations, cell, chosen
from refacts.reports.survey.frameworks import FRAMEWORKS

FORMAT = "float32"
NAME = "refacts survey"
MARK = f'<?xml version="1.0" encoding="utf-8"?>\n<!-- {NAME} -->'
STYLES = {  # told apart by shape, by the colour-blind and on light and dark ground
    "torch": ("o", "#d55e00"),
    "jax": ("s", "#0072b2"),
    "tensorflow": ("^", "#009e73"),
}
GREY = "#828282"  # as readable on white as on black
COLOURED = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
SIZED = ("xtick.labelsize", "ytick.labelsize", "axes.titlesize", "legend.fontsize", "figure.labelsize")
EXACT, FARTHEST = 0.5, 1e10  # ulp: all bits are lost at 2^24
WIDTH, ROW, FRAME = 4.3, 0.28, 1.5  # inches: of all, of an activation, of what is above and below them
FONT = 10.5  # points: 11 pixels of a page of 375


def picture(rows: Sequence[Row]) -> str:
    """The picture as SVG, the same bytes for the same rows; UsageError without matplotlib."""
    if find_spec("matplotlib") is None:
        raise UsageError("matplotlib is missing: pip install matplotlib")
    import matplotlib
    from matplotlib.figure import Figure

    names = shown(rows)
    settings: Any = {
        "svg.hashsalt": NAME,
        "svg.fonttype": "none",
        "font.size": FONT,
        **dict.fromkeys(SIZED, FONT),
        **dict.fromkeys(COLOURED, GREY),
    }
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(WIDTH, FRAME + ROW * len(names)), layout="constrained")
        panels: Any = figure.subplots(1, 2, sharey=True)
        for axes, value in zip(panels, (True, False), strict=True):
            _panel(axes, rows, names, value)
        panels[0].set_yticks(range(len(names)), names)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2, frameon=False)
        farthest = f"{FARTHEST:.0e}".replace("e+", "e")
        figure.supxlabel(f"largest error in ulp, {FORMAT}\n(beyond {farthest} at the edge)")
        found = io.StringIO()
        figure.savefig(found, format="svg", transparent=True, metadata={"Date": None, "Title": NAME})
    drawn = found.getvalue()
    return MARK + "\n" + re.sub(r"[ \t]+\n", "\n", drawn[drawn.index("<svg") :])


def shown(rows: Sequence[Row]) -> list[str]:
    """The elementwise activations that one of the frameworks has, the worst at the top (the last)."""
    names = [name for name in activations(rows) if CATALOGUE[name].spec.kind == "elementwise"]
    there = [name for name in names if any(chosen(rows, name, key, FORMAT, True) for key in STYLES)]
    return sorted(there, key=lambda name: (_worst(rows, name), name))


def _worst(rows: Sequence[Row], name: str) -> float:
    return max(error(rows, name, key, value) or 0.0 for key in STYLES for value in (True, False))


def error(rows: Sequence[Row], activation: str, framework: str, value: bool) -> float | None:
    """The largest error in ulp; None where nothing was judged."""
    found = cell(chosen(rows, activation, framework, FORMAT, value))
    return None if found is None else found.max


def _panel(axes: Any, rows: Sequence[Row], names: Sequence[str], value: bool) -> None:
    axes.axvline(EXACT, color=GREY, linewidth=1.0, linestyle="--", label="0.5: refacts")
    for shift, (key, (marker, colour)) in zip((-0.27, 0.0, 0.27), STYLES.items(), strict=True):
        points = [(error(rows, name, key, value), place - shift) for place, name in enumerate(names)]
        there = [(min(max(x, EXACT), FARTHEST), y) for x, y in points if x is not None]
        axes.scatter(
            [x for x, _ in there],
            [y for _, y in there],
            s=28,
            clip_on=False,
            zorder=3,
            marker=marker,
            facecolors=colour if value else "none",
            edgecolors=colour,
            label=FRAMEWORKS[key][0],
        )
    axes.set_xscale("log")
    axes.set_xlim(0.2, 2 * FARTHEST)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_facecolor("none")
    for place in range(0, len(names), 2):  # every other row is shaded: the eye keeps to its activation
        axes.axhspan(place - 0.5, place + 0.5, color=GREY, alpha=0.12, linewidth=0)
    axes.tick_params(axis="y", length=0)
    axes.set_axisbelow(True)
    axes.set_xticks([1.0, 1e5, 1e10], ["1", "1e5", "1e10"])
    axes.set_xticks([], minor=True)
    axes.set_title("value" if value else "derivative", color=GREY)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
