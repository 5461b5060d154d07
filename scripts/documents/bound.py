"""The picture of "How it works": an interval y ± bound that rounds to one float, and one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.documents.plots import BLUE, GREEN, GREY, ORANGE, STYLE, marked, saved, short, wrong

NAME = "bound.svg"
CASES = (  # y in units of the spacing of floats, its bound, the colour and what it means
    (1.2, 0.15, GREEN, "certain: one float"),
    (1.45, 0.15, ORANGE, "open: the next tier"),
)


def source() -> str:
    """The digest of how it is drawn."""
    return short(Path(__file__).read_text(encoding="utf-8"))


def picture() -> str:
    """The picture, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(6.4, 1.5), layout="constrained")
        for axes, case in zip(figure.subplots(1, len(CASES)), CASES, strict=True):
            _line(axes, *case)
        return marked(saved(figure), source())


def _line(axes: Any, y: float, bound: float, color: str, meaning: str) -> None:
    axes.axhline(0, color=GREY, lw=1)
    for at in (0, 1, 2):
        axes.plot((at, at), (-0.4, 0.4), color=GREY, lw=2)
    for at in (0.5, 1.5):
        axes.plot((at, at), (-0.3, 0.3), color=GREY, lw=1, ls=":")
    axes.plot((y - bound, y + bound), (0, 0), color=color, lw=6, solid_capstyle="butt")
    axes.plot(y, 0, "o", color=BLUE, ms=4, zorder=3)
    axes.text(y, 0.6, "y ± bound", ha="center")
    axes.text(1, -1, "float", ha="center")
    axes.text(1.5, -1, "tie", ha="center")
    axes.text(1, -1.7, meaning, ha="center", color=color)
    axes.set_xlim(-0.3, 2.3)
    axes.set_ylim(-1.9, 1.1)
    axes.set_axis_off()


def write(folder: Path) -> None:
    """Write it where it is not there or not current."""
    folder.mkdir(exist_ok=True)
    if wrong(folder / NAME, source()):
        (folder / NAME).write_text(picture(), encoding="utf-8")


def stale(folder: Path) -> list[str]:
    """Whether it is not so, in a sentence."""
    why = wrong(folder / NAME, source())
    return [f"docs/pictures/{NAME} {why} scripts/documents/bound.py"] if why else []
