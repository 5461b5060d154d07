"""`refacts readme`: a complete report becomes docs/accuracy.json and the README's accuracy table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reports import atomic
from reports import document as documents
from reports.document import Document
from reports.exits import FAILED, PASS, UsageError, say, show
from reports.staleness import problems
from reports.table import table

SCHEMA = "refacts-accuracy-table/1"
SOURCE = Path("docs", "accuracy.json")
BEGIN, END = "<!-- accuracy table -->\n", "<!-- end of accuracy table -->\n"


def readme(path: Path, directory: Path) -> int:
    """Put the report at ``path`` into ``directory``, a checkout.

    FAILED, with sentences and nothing written, where the report is not one to show; UsageError where
    a file cannot be read or has no place for the table.
    """
    document = reduced(_read(path, documents.SCHEMA))
    found = problems(document)
    for sentence in found:
        say(f"{path} {sentence}")
    if found:
        return FAILED
    target = directory / "README.md"
    before, _, after = _split(target)
    (directory / SOURCE).parent.mkdir(exist_ok=True)
    atomic.write(directory / SOURCE, documents.text(document))
    atomic.write(target, before + table(document) + after)
    show(f"{directory / SOURCE} and the table in {target} are those of {path}")
    return PASS


def stale(directory: Path) -> list[str]:
    """What is wrong with a checkout's docs/accuracy.json and README table, a sentence each."""
    try:
        document = _read(directory / SOURCE, SCHEMA)
        shown = _split(directory / "README.md")[1]
    except UsageError as error:
        return [str(error)]
    found = [f"{SOURCE.as_posix()} {sentence}" for sentence in problems(document)]
    if not found and shown != table(document):
        found = [f"the README's accuracy table does not show {SOURCE.as_posix()}"]
    return found


def reduced(document: Document) -> Document:
    """What the table needs of a report."""
    rows = {
        key: {
            **{name: row[name] for name in ("activation", "quantity", "format")},
            **{name: row[name] for name in ("parameters", "coverage", "inputs")},
            "kernels": {name: _counted(result) for name, result in row["kernels"].items()},
        }
        for key, row in document["rows"].items()
    }
    return {**document, "schema": SCHEMA, "rows": rows}


def _counted(result: dict[str, Any]) -> dict[str, Any]:
    mismatches = {kind: result["mismatches"][kind] for kind in ("nan", "inf")}
    return {"wrong": result["wrong"], "max_ulp": result["ulp"]["max"], "mismatches": mismatches}


def _read(path: Path, schema: str) -> Document:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != schema:
        raise UsageError(f"{path} is not a document of schema {schema}")
    if not documents.untouched(found):
        raise UsageError(f"{path} was edited: its digest is not that of its rows")
    return found


def _split(path: Path) -> tuple[str, str, str]:
    """The text up to the table, the table, and the rest."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    before, begin, rest = text.partition(BEGIN)
    shown, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"{path} has no place for the table: the lines {BEGIN.strip()} and {END.strip()}")
    return before + begin, shown, end + after
