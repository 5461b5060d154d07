"""`refacts readme`: a complete report becomes docs/accuracy.json and the two tables of docs/accuracy.md.

docs/accuracy.json has schema "refacts-accuracy-table/2", strict JSON:

schema, complete, environment, run    as in the report's document
sha256        digest of the sections' text
rows          by "activation/quantity/format": these three, parameters, coverage, inputs (results compared),
              and kernels: by name wrong results, the largest error in ulp, and mismatches (nan and inf)
logits        by "activation/quantity/format/family/length": as above, and family, length and number of the
              rows. A kernel that has not got the activation or quantity is not there.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from refacts.reports import atomic, outputs, verdicts
from refacts.reports.exits import FAILED, PASS, UsageError, say, show
from refacts.reports.inputs.entries import Entry, entries
from refacts.reports.inputs.logits import Logits
from refacts.reports.inputs.modes import THOROUGH, Settings
from refacts.reports.judge.rows import Row
from refacts.reports.notation import json_number
from refacts.reports.quantities import CATALOGUE
from refacts.reports.render import logit_readme, table
from refacts.reports.render.staleness import problems
from refacts.reports.targets.kernel import SECTIONS

_FAMILY = "refacts-accuracy-table/"
SCHEMA = f"{_FAMILY}2"
MARK = f'{{\n"schema": "{_FAMILY}'
SOURCE, PAGE = Path("docs", "accuracy.json"), Path("docs", "accuracy.md")
TABLES = {"accuracy table": table.table, "logits table": logit_readme.table}
Reduced = dict[str, Any]


def readme(path: Path, directory: Path) -> int:
    """Put the report at ``path`` into ``directory``, a checkout.

    FAILED, with sentences and nothing written, where the report is not one to show; UsageError where
    a file cannot be read or has no place for the table.
    """
    document = reduced(_report(path))
    found = problems(document)
    for sentence in found:
        say(f"{path} {sentence}")
    if found:
        return FAILED
    target = directory / PAGE
    text = _text(target)
    source = outputs.claimed("--directory", str(directory / SOURCE), MARK)
    outputs.writable("--directory", str(target), lambda _: "")  # it is ours if the tables have places in it
    for name, rendered in TABLES.items():
        before, _, after = _split(text, name, target)
        text = before + rendered(document) + after
    outputs.write("--directory", source, text_of(document), MARK)
    atomic.write(target, text)
    show(f"{source} and the tables in {target} are those of {path}")
    return PASS


def stale(directory: Path) -> list[str]:
    """What is wrong with a checkout's docs/accuracy.json and docs/accuracy.md, a sentence each."""
    target = directory / PAGE
    try:
        document = _read(directory / SOURCE)
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


def reduced(document: verdicts.Document) -> Reduced:
    """What the tables need of a report. Rows that no report has go by what they are of."""
    planned = entries(Settings(THOROUGH, 0, tuple(CATALOGUE)))
    known = {(_asked(entry), entry.drawn): entry for entry in planned}
    sections: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for row in document.rows:
        key = f"{row.activation}/{row.quantity}/{row.formats}"
        entry = known.get((key, row.drawn))
        rows = sections["logits" if row.drawn else "rows"]
        name = entry.key if entry else f"{key}/{row.drawn}".rstrip("/")
        rows.setdefault(name, _described(row, entry))["kernels"][row.target] = _counted(row)
    head = {"complete": document.complete, "environment": document.environment, "run": document.run}
    return {"schema": SCHEMA, **head, **sections}


def text_of(document: Reduced) -> str:
    """As JSON, one row a line."""
    sections = _sections(document)
    head = {key: document[key] for key in ("schema", "complete", "environment", "run")}
    head["sha256"] = _digest(sections)
    fields = [f"{json.dumps(key)}: {_compact(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*fields, sections]) + "\n}\n"


def _asked(entry: Entry) -> str:
    question = entry.question
    return f"{question.activation.spec.name}/{question.quantity}/{question.formats}"


def _described(row: Row, entry: Entry | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "activation": row.activation,
        "quantity": row.quantity,
        "format": row.formats,
        "parameters": row.parameters,
        "coverage": row.coverage,
        "inputs": row.inputs,
    }
    if entry is not None and isinstance(entry.inputs, Logits):
        results = entry.question.results(entry.inputs.length)
        found |= {"family": entry.inputs.family, "length": entry.inputs.length, "rows": row.inputs // results}
    return {**found, "kernels": {}}


def _counted(row: Row) -> dict[str, Any]:
    mismatches = {kind: row.mismatches.get(kind, 0) for kind in ("nan", "inf")}
    largest = None if row.error.max is None else json_number(row.error.max)
    return {"wrong": row.wrong, "max_ulp": largest, "mismatches": mismatches}


def _sections(document: Reduced) -> str:
    return ",\n".join(f"{json.dumps(section)}: {_rows(document[section])}" for section in SECTIONS)


def _rows(rows: dict[str, Any]) -> str:
    lines = [f" {json.dumps(key)}: {_compact(row)}" for key, row in rows.items()]
    return "{\n" + ",\n".join(lines) + "\n}" if lines else "{}"


def _digest(sections: str) -> str:
    return hashlib.sha256(sections.encode()).hexdigest()


def _compact(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _report(path: Path) -> verdicts.Document:
    """The report at ``path``; UsageError for another document, or one that was edited."""
    document = verdicts.read(path)
    if "kernels" not in document.run or "mode" not in document.run:
        raise UsageError(f"{path} is not a document of `refacts report`")
    if not verdicts.untouched(verdicts.parsed(path)):
        raise UsageError(f"{path} was edited: its digest is not that of its rows")
    return document


def _read(path: Path) -> Reduced:
    """docs/accuracy.json."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise UsageError(f"{path} is not a document of schema {SCHEMA}")
    complete = all(isinstance(found.get(section), dict) for section in SECTIONS)
    if not complete or found.get("sha256") != _digest(_sections(found)):
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
