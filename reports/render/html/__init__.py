"""The report that people look at: one HTML file that needs nothing else, and plots of single rows.

Jinja2 and Matplotlib are imported by what is called here, not before.
"""

from __future__ import annotations

from importlib.util import find_spec

from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import Row
from refacts.reports.verdicts import Document

PICTURES = {".svg": "<!-- refacts plot -->", ".png": "Software\0refacts"}  # endings, and what marks ours
MARK = '<meta name="generator" content="refacts">'
_NEEDED = {"jinja2": "Jinja2", "matplotlib": "Matplotlib"}


def require(option: str) -> None:
    """UsageError, which says what to install, where something is missing."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise UsageError(f"{option} needs {' and '.join(missing)}: pip install 'refacts[html]'")


def page(document: Document) -> str:
    """The document as one HTML file."""
    from refacts.reports.render.html.pages import html

    return html(document)


def picture(row: Row, ending: str) -> str | bytes:
    """The plot of a row as a file with one of the endings of PICTURES."""
    from refacts.reports.render.html import plot, svg

    return svg.standing(row, PICTURES[ending]) if ending == ".svg" else plot.png(plot.whole(row))
