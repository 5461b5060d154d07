"""`refacts readme`: a complete report becomes docs/accuracy.json and the two tables of docs/accuracy.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refacts.reports import atomic
from refacts.reports import document as documents
from refacts.reports.document import Document
from refacts.reports.exits import FAILED, PASS, UsageError, say, show
from refacts.reports.render import logit_readme, table
from refacts.reports.render.staleness import problems

SCHEMA = "refacts-accuracy-table/2"
SOURCE, PAGE = Path("docs", "accuracy.json"), Path("docs", "accuracy.md")
TABLES = {"accuracy table": table.table, "logits table": logit_readme.table}


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
    target = directory / PAGE
    text = _text(target)
    for name, rendered in TABLES.items():
        before, _, after = _split(text, name, target)
        text = before + rendered(document) + after
    atomic.write(directory / SOURCE, documents.text(document))
    atomic.write(target, text)
    show(f"{directory / SOURCE} and the tables in {target} are those of {path}")
    return PASS


def stale(directory: Path) -> list[str]:
    """What is wrong with a checkout's docs/accuracy.json and docs/accuracy.md, a sentence each."""
    target = directory / PAGE
    try:
        document = _read(directory / SOURCE, SCHEMA)
        text = _text(target)
        shown = {name: _split(text, name, target)[1] for name in TABLES}
    except UsageError as error:
        return [str(error)]
    if found := problems(document):
        return [f"{SOURCE.as_posix()} {sentence}" for sentence in found]
    return [
        f"the {name} of {PAGE.as_posix()} does not show {SOURCE.as_posix()}"
        for name, rendered in TABLES.items()
        if shown[name] != rendered(document)
    ]


def reduced(document: Document) -> Document:
    """What the tables need of a report."""
    sections = {
        section: {
            key: {**row, "kernels": {name: _counted(result) for name, result in row["kernels"].items()}}
            for key, row in document[section].items()
        }
        for section in documents.SECTIONS
    }
    return {**document, "schema": SCHEMA, **sections}


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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def marks(name: str) -> tuple[str, str]:
    """The lines around a table."""
    return f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"


def _split(text: str, name: str, path: Path) -> tuple[str, str, str]:
    """The text up to a table, the table, and the rest."""
    first, last = marks(name)
    before, begin, rest = text.partition(first)
    shown, end, after = rest.partition(last)
    if not begin or not end:
        raise UsageError(f"{path} has no place for the {name}: the lines {first.strip()} and {last.strip()}")
    return before + begin, shown, end + after
