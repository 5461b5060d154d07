"""The files of a report: what is kept of those that a run was stopped at, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from refacts.reports import outputs, verdicts
from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import Row
from refacts.reports.render import markdown as page
from refacts.reports.verdicts import Document

JSON, MARKDOWN = "accuracy.json", "accuracy.md"


def resumed(environment: dict[str, Any], run: dict[str, Any], path: Path) -> tuple[tuple[Row, ...], str]:
    """The finished rows at ``path``, and a note on what is done with that file.

    Rows are taken over only from an incomplete document of the same settings; another sound one will be
    replaced. UsageError where the file is no sound document of this version.
    """
    if not path.exists() or path.stat().st_size == 0:
        return (), ""
    found = sound(path, verdicts.read)
    if (found.environment, found.run) != (environment, run):
        return (), f"{path} is of other settings: it will be replaced"
    if found.complete:
        return (), f"{path} is complete: measuring it anew"
    count = len(found.rows)
    return found.rows, f"{path}: resuming after {count} finished rows" if count else ""


def save(document: Document, lines: list[str], directory: Path) -> None:
    """Write accuracy.json, of the rows' ``lines``, and accuracy.md, each atomically.

    The Markdown never says more than the JSON: it goes first while incomplete, last when complete.
    """
    files = [
        (JSON, verdicts.assembled(document, lines), verdicts.MARK),
        (MARKDOWN, page.markdown(document), page.MARK),
    ]
    for name, content, mark in files if document.complete else files[::-1]:
        outputs.write("--out", directory / name, content, mark)


def sound(path: Path, read: Callable[[Path], Document]) -> Document:
    """The document at ``path``; UsageError, which says what to do, where it is not as it was written."""
    try:
        found = read(path)
        if not verdicts.untouched(verdicts.parsed(path)):
            raise UsageError(f"{path} was edited: its digest is of other rows")
    except UsageError as error:
        raise UsageError(f"{error}; it is not replaced: delete it, or name another --out") from error
    return found
