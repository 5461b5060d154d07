"""The report that people look at: one HTML file that needs nothing else, and plots of single rows.

Jinja2 and Matplotlib are imported by what is called here, not before.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import Row
from refacts.reports.verdicts import Document

MARK = "<!DOCTYPE html>\n<!-- refacts -->"
PICTURES = {".svg": b"<!-- refacts plot -->", ".png": b"\x89PNG\r\n\x1a\n"}  # endings, how files begin
_SOFTWARE = b"tEXtSoftware\0refacts"  # behind the size of a PNG of ours
_NEEDED = {"jinja2": "Jinja2", "matplotlib": "Matplotlib"}


def require(option: str) -> None:
    """UsageError, which says what to install, where something is missing."""
    missing = [module for module in _NEEDED if find_spec(module) is None]
    if missing:
        names = " and ".join(_NEEDED[module] for module in missing)
        raise UsageError(f"{option} needs {names}: pip install {' '.join(missing)}")


def foreign(path: Path) -> str:
    """Why a picture that is there is not ours; empty if it is, or is empty."""
    mark = PICTURES[path.suffix.lower()]
    head = path.read_bytes()[:64] if path.is_file() else b"?"
    ours = head.startswith(mark) and (path.suffix.lower() == ".svg" or _SOFTWARE in head)
    return "" if ours or not head else "is not one of refacts' files"


def page(document: Document) -> str:
    """The document as one HTML file."""
    from refacts.reports.render.html.pages import html

    return html(document)


def picture(row: Row, ending: str) -> bytes:
    """The plot of a row as a file with one of the endings of PICTURES."""
    from refacts.reports.render.html import plot, svg

    if ending == ".png":
        return plot.png(plot.whole(row))
    return PICTURES[ending] + svg.standing(row).encode()
