"""One picture an activation: its graph, and the error of the textbook formula along the input line.

SVG by matplotlib, transparent and in colours that show on light and dark pages. A file says by digests of
what it was drawn, since other versions of matplotlib draw other bytes, and what its bytes were then.
"""

from __future__ import annotations

import hashlib
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

import refacts
from refacts.activation import Activation
from scripts.documents import curves

BLUE, ORANGE, GREEN, GREY = "#2f7fd1", "#d1690b", "#1f9467", "#808080"
TICKS = (-1e35, -1e3, -10, -1, -0.1, -0.01, 0, 0.01, 0.1, 1, 10, 1e3, 1e35)
MARK = re.compile(r"<!-- drawn of (\w+) as (\w+) -->\n")
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "refacts",
    "font.family": ["sans-serif"],
    "font.size": 11,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
OPERAND = {"elementwise": "x", "rowwise": "x in the row (x, 0)", "gated": "b, with a = 1"}
SECOND = {"derivative": "derivative", "vjp": "VJP", "vjp_b": "derivative by b"}


def digest(name: str, held: dict[str, Any]) -> str:
    """Of what the picture of an activation shows and how it is drawn."""
    shown = {key: curve for key, curve in held["curves"].items() if key.startswith(f"{name}/")}
    text = json.dumps([shown, held["formulas_sha256"], Path(__file__).read_text(encoding="utf-8")])
    return short(text)


def short(text: str) -> str:
    """A digest."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def marked(svg: str, source: str) -> str:
    """A picture with a comment of two digests: that of its source, and that of the picture without it."""
    head, tag, rest = svg.partition("<svg ")
    return f"{head}<!-- drawn of {source} as {short(svg)} -->\n{tag}{rest}"


def wrong(path: Path, source: str) -> str:
    """Why a picture is not what was drawn of a source, in a sentence after its name; empty if it is."""
    svg = path.read_text(encoding="utf-8") if path.exists() else ""
    found = MARK.search(svg)
    if found is None or found[1] != source:
        return "is not drawn of"
    return "" if short(MARK.sub("", svg, count=1)) == found[2] else "was edited since it was drawn of"


def picture(activation: Activation, held: dict[str, Any]) -> str:
    """The picture of an activation, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(5.2, 5.6), layout="constrained")
        graph, error = figure.subplots(2, 1, height_ratios=(2, 3))
        _graph(graph, activation)
        _error(error, activation, held)
        return marked(saved(figure), digest(activation.spec.name, held))


def saved(figure: Any) -> str:
    """A figure as SVG, the same at any time."""
    import matplotlib.pyplot as plt

    text = StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return text.getvalue()


def _graph(axes: Any, activation: Any) -> None:
    x = np.linspace(-5, 5, 401)
    for (label, y), color, line in zip(_shown(activation, x), (BLUE, ORANGE), ("-", "--"), strict=True):
        jumps = np.flatnonzero(np.abs(np.diff(y)) > 0.2) + 1
        axes.plot(np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan), color=color, ls=line, label=label)
    axes.axhline(0, color=GREY, lw=0.5)
    axes.axvline(0, color=GREY, lw=0.5)
    axes.set_ylim(max(axes.get_ylim()[0], -5), min(axes.get_ylim()[1], 5))
    axes.set_xlabel(OPERAND[_kind(activation)])
    axes.legend(loc="best")


def _kind(activation: Any) -> str:
    return str(activation.spec.kind)


def _shown(activation: Any, x: Any) -> list[tuple[str, Any]]:
    """The two curves of the graph."""
    found = []
    for quantity in curves.QUANTITIES[_kind(activation)]:
        operands = curves.operands(activation, quantity, x)
        y = np.asarray(curves.refacts_result(activation, quantity, *operands.values()))
        label = "value" if quantity == "value" else SECOND[quantity]
        first = y if y.ndim == 1 else y[:, 0]
        found.append((label + (" (first entry)" if y.ndim > 1 else ""), first))
    return found


def _error(axes: Any, activation: Any, held: dict[str, Any]) -> None:
    places = np.arange(2 * len(curves.EDGES) - 2)
    markers = zip(curves.QUANTITIES[_kind(activation)], (BLUE, ORANGE), ("-", "--"), ("v", "x"), strict=True)
    for quantity, color, line, mark in markers:
        errors = np.array(held["curves"][f"{activation.spec.name}/{quantity}"]["textbook"].split(), float)
        short = "value" if quantity == "value" else SECOND[quantity]
        shown = np.where(errors > 0, errors, 0.011)
        axes.step(
            places,
            np.clip(shown, 0.011, 1e11),
            where="mid",
            color=color,
            ls=line,
            lw=1.4,
            label=f"textbook {short}",
        )
        bad = np.isnan(errors)
        if bad.any():
            top = np.full(bad.sum(), 2e11)
            axes.plot(places[bad], top, mark, color=color, ms=5, label=f"NaN or inf, wrongly ({short})")
    axes.axhline(0.5, color=GREEN, lw=2, label="refacts: at most 0.5")
    axes.set_yscale("log")
    axes.set_ylim(0.01, 6e11)
    axes.set_yticks([0.01, 1, 100, 1e4, 1e6, 1e8, 1e10], ["0", "1", "100", "1e4", "1e6", "1e8", "1e10"])
    axes.yaxis.set_minor_locator(_no_locator())
    line = np.concatenate([-np.array(curves.EDGES[::-1]), curves.EDGES[1:]])
    where = np.interp(TICKS, line, np.arange(len(line)) - 0.5)
    axes.set_xticks(where, [f"{tick:g}".replace("e+", "e") for tick in TICKS])
    axes.tick_params(axis="x", labelrotation=45)
    axes.set_ylabel("largest error in ulp, float32")
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, 1.32), ncols=2, fontsize=9)


def _no_locator() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def write(folder: Path) -> None:
    """Write all pictures that are not there or not current."""
    folder.mkdir(exist_ok=True)
    held = curves.read()
    for activation in refacts.CATALOGUE:
        path = folder / f"{activation.spec.name}.svg"
        if wrong(path, digest(activation.spec.name, held)):
            path.write_text(picture(activation, held), encoding="utf-8")


def stale(folder: Path) -> list[str]:
    """The pictures that are not of the curves, in sentences."""
    held, found = curves.read(), []
    for name in (activation.spec.name for activation in refacts.CATALOGUE):
        if why := wrong(folder / f"{name}.svg", digest(name, held)):
            found.append(f"docs/activations/{name}.svg {why} scripts/documents/curves.json")
    return found
