"""A Matplotlib figure as a small SVG: its groups are classes, whose looks a style sheet gives."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from importlib.resources import files
from xml.etree import ElementTree

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from refacts.reports.render.html.plot import SETTINGS

_SVG = "{http://www.w3.org/2000/svg}"
_ANCHOR = re.compile(r"text-anchor: (\w+)")
_STEP = re.compile(r"([ML])\s*(\S+)\s+(\S+)|z")


def svg(figure: Figure, label: str, styled: bool = False) -> str:
    """The figure with text as text, the same bytes for the same figure.

    label: what it shows, for those who cannot see it. styled: it brings its style, and stands alone; otherwise
    the page does. ValueError where a path is curved.
    """
    written = io.StringIO()
    with rc_context(SETTINGS):
        FigureCanvasSVG(figure).print_svg(written, metadata={"Date": None})
    root = ElementTree.fromstring(written.getvalue())
    box = root.attrib["viewBox"]
    found = ElementTree.Element("svg", {"class": "plot", "viewBox": box, "role": "img", "aria-label": label})
    if styled:
        width, height = box.split()[2:]
        found.attrib |= {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height}
        ElementTree.SubElement(found, "style").text = text_of("plot.css")
        ElementTree.SubElement(found, "rect", {"class": "ground", "width": width, "height": height})
    found.extend(_parts(root))
    return ElementTree.tostring(found, encoding="unicode") + ("\n" if styled else "")


def text_of(name: str) -> str:
    """A file beside the templates that is taken as it is."""
    return (files("refacts.reports.render.html") / "templates" / name).read_text(encoding="utf-8")


def _parts(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The paths and texts of groups that have a name of ours."""
    for group in root.iter(f"{_SVG}g"):
        name = group.get("id", "")
        if not name.isalpha():  # Matplotlib's own have numbers
            continue
        for part in group:
            if part.tag == f"{_SVG}path":
                yield ElementTree.Element("path", {"class": name, "d": _steps(part.attrib["d"])})
            elif part.tag == f"{_SVG}text":
                yield _text(name, part)


def _text(name: str, part: ElementTree.Element) -> ElementTree.Element:
    anchor = _ANCHOR.search(part.get("style", ""))
    found = ElementTree.Element("text", {"class": name, **{key: _short(part.attrib[key]) for key in "xy"}})
    if anchor and anchor[1] != "start":
        found.set("text-anchor", anchor[1])
    found.text = part.text
    return found


def _steps(path: str) -> str:
    """A path of straight lines with one decimal, without points in the midst of a level or upright line."""
    if strange := re.search(r"[^MLz\d\s.e+-]", path):
        raise ValueError(f"the path must have straight lines alone (got {strange[0]!r})")
    shown: list[str] = []
    last = ("", "")
    for step in _STEP.finditer(path):
        if step[1] is None:
            shown.append("z")
            continue
        point = (_short(step[2]), _short(step[3]))
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


def _short(number: str) -> str:
    return f"{float(number):.1f}".removesuffix(".0")
