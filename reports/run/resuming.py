"""The files of a report: what is kept of those that a run was stopped at, and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from refacts.reports import atomic, verdicts
from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import Row
from refacts.reports.render.markdown import markdown
from refacts.reports.verdicts import Document

JSON, MARKDOWN = "accuracy.json", "accuracy.md"


def resumed(environment: dict[str, Any], run: dict[str, Any], path: Path) -> tuple[tuple[Row, ...], str]:
    """The finished rows at ``path``, and a note on what is done with that file.

    Rows are taken over only from an incomplete document of the same settings.
    """
    if not path.exists():
        return (), ""
    try:
        found = verdicts.parsed(path)
    except UsageError:
        return (), f"{path} is not an accuracy document: it will be replaced"
    same = {"schema": verdicts.SCHEMA, "environment": environment, "run": run}
    if not isinstance(found, dict) or any(found.get(key) != value for key, value in same.items()):
        return (), f"{path} is of other settings: it will be replaced"
    if found.get("complete") is not False:
        return (), f"{path} is complete: measuring it anew"
    if not verdicts.untouched(found):
        return (), f"{path} was edited: it will be replaced"
    rows = tuple(map(verdicts.row_of, found["rows"]))
    return rows, f"{path}: resuming after {len(rows)} finished rows" if rows else ""


def save(document: Document, lines: list[str], directory: Path) -> None:
    """Write accuracy.json, of the rows' ``lines``, and accuracy.md, each atomically.

    The Markdown never says more than the JSON: it goes first while incomplete, last when complete.
    """
    files = [(JSON, verdicts.assembled(document, lines)), (MARKDOWN, markdown(document))]
    for name, content in files if document.complete else files[::-1]:
        atomic.write(directory / name, content)
