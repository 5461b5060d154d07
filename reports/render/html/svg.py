"""Plots as small SVG, the same bytes for the same row: groups are classes, which a style sheet colours."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from importlib.resources import files
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from refacts.reports.judge.rows import Row
from refacts.reports.render.html import plot
from refacts.reports.render.html.sheet import WIDTH, Sheet

_SVG = "{http://www.w3.org/2000/svg}"
_ANCHOR = re.compile(r"text-anchor: (\w+)")
_COARSE = 4.0  # points of a column from which on points are enough for its ends
_STEP = re.compile(r"([ML])\s*(\S+)\s+(\S+)|z")


def inline(row: Row, least: float) -> str:
    """The plot of a row as SVG for a page that brings the style; ``least``: `plot.errors`."""
    sheet = Sheet.of(row)
    measured = _parts(plot.errors(row, sheet, least), 1 if least < _COARSE else 0)
    box = f"0 0 {WIDTH:g} {sheet.height:g}"
    return f'<svg class="plot" viewBox="{box}" role="img">{_title(row)}{measured}{_frame(sheet)}</svg>'


def standing(row: Row) -> str:
    """The plot of a row as an SVG file, light and dark as its reader has it."""
    figure = plot.whole(row)
    width, height = (f"{72 * inches:g}" for inches in figure.get_size_inches())
    size = f'width="{width}" height="{height}"'
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}'
    ground = f'<rect class="ground" {size} />'
    looks = f"<style>{text_of('plot.css')}</style>"
    return f'<svg class="plot" {head} role="img">{_title(row)}{looks}{ground}{_parts(figure)}</svg>\n'


def _title(row: Row) -> str:
    return f"<title>{escape(plot.described(row))}</title>"


def text_of(name: str) -> str:
    """A file beside the templates that is taken as it is."""
    return (files("refacts.reports.render.html") / "templates" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _frame(sheet: Sheet) -> str:
    return _parts(plot.frame(sheet))


def _parts(figure: Figure, decimals: int = 1) -> str:
    """The paths, with so many decimals, and texts of a figure that are in groups of ours."""
    written = io.StringIO()
    with rc_context(plot.SETTINGS):
        FigureCanvasSVG(figure).print_svg(written, metadata={"Date": None})
    parts = []
    for group in ElementTree.fromstring(written.getvalue()).iter(f"{_SVG}g"):
        name = group.get("id", "")
        if not name.isalpha():  # Matplotlib's own have numbers
            continue
        for part in group:
            if part.tag == f"{_SVG}path":
                steps = _steps(part.attrib["d"], decimals)
                parts.append(ElementTree.Element("path", {"class": name, "d": steps}))
            elif part.tag == f"{_SVG}text":
                parts.append(_text(name, part))
    return "".join(ElementTree.tostring(part, encoding="unicode") for part in parts)


def _text(name: str, part: ElementTree.Element) -> ElementTree.Element:
    anchor = _ANCHOR.search(part.get("style", ""))
    found = ElementTree.Element("text", {"class": name, **{key: _short(part.attrib[key]) for key in "xy"}})
    if anchor and anchor[1] != "start":
        found.set("text-anchor", anchor[1])
    found.text = part.text
    return found


def _steps(path: str, decimals: int) -> str:
    """A path of straight lines, rounded, without points in the midst of a level or upright line."""
    if strange := re.search(r"[^MLz\d\s.e+-]", path):
        raise ValueError(f"the path must have straight lines alone (got {strange[0]!r})")
    shown: list[str] = []
    last = ("", "")
    for step in _STEP.finditer(path):
        if step[1] is None:
            shown.append("z")
            continue
        point = (_short(step[2], decimals), _short(step[3], decimals))
        if step[1] == "M":
            shown.append(f"M{point[0]} {point[1]}")
        elif point != last:
            way = "H" if point[1] == last[1] else "V" if point[0] == last[0] else "L"
            written = {"H": point[0], "V": point[1], "L": " ".join(point)}[way]
            if way == "H" and shown[-1].startswith("H"):
                shown.pop()
            shown.append(f"{way}{written}")
        last = point
    return "".join(shown)


def _short(number: str, decimals: int = 1) -> str:
    return f"{float(number):.{decimals}f}".removesuffix(".0")
