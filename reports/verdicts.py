"""The document of verdicts: its schema, and how it is read and written.

Schema "refacts-verdict/1", strict JSON, the same bytes for the same run:

schema        the string above
complete      whether every row of the run is there
environment   `reports.environment.environment`: CPU, versions, commit, digests of the source
run           what was asked for: the arguments of the command
rows          `reports.judge.rows.Row`, one a line, in the order asked for; no key is there twice
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refacts.reports import outputs
from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import Row, as_json, from_json

_FAMILY = "refacts-verdict/"
SCHEMA = f"{_FAMILY}1"
MARK = f'{{\n"schema": "{_FAMILY}'
_FIELDS = {"schema": str, "complete": bool, "environment": dict, "run": dict, "rows": list}
_WORDS = {str: "a text", bool: "true or false", dict: "an object", list: "a list"}


@dataclass(frozen=True)
class Document:
    """What a run has found."""

    complete: bool
    environment: dict[str, Any]
    run: dict[str, Any]
    rows: tuple[Row, ...]


def text(document: Document) -> str:
    """The document as JSON, one row a line."""
    head = {
        "schema": SCHEMA,
        "complete": document.complete,
        "environment": document.environment,
        "run": document.run,
    }
    lines = [f"{json.dumps(key)}: {_strict(value)}" for key, value in head.items()]
    rows = ",\n".join(f" {_strict(as_json(row))}" for row in document.rows)
    return "{\n" + ",\n".join([*lines, f'"rows": [\n{rows}\n]' if rows else '"rows": []']) + "\n}\n"


def write(option: str, path: Path, document: Document) -> None:
    """Write it, whole or not at all; UsageError where the path is not ours or cannot be written."""
    outputs.write(option, path, text(document), MARK)


def read(path: Path) -> Document:
    """The document at ``path``; UsageError in one sentence for anything else."""
    found = _parsed(path)
    if not isinstance(found, dict) or not str(found.get("schema", "")).startswith(_FAMILY):
        raise UsageError(f"{path} is not a document of `refacts verify --json`")
    if found["schema"] != SCHEMA:
        raise UsageError(f"{path} has schema {found['schema']!r:.60}: this refacts reads {SCHEMA}")
    for name, kind in _FIELDS.items():
        if type(found.get(name)) is not kind:
            raise UsageError(f"{path}: {name} must be {_WORDS[kind]} (got {found.get(name)!r:.60})")
    if unknown := [name for name in found if name not in _FIELDS]:
        raise UsageError(f"{path} has an unknown field {unknown[0]!r:.60}")
    rows = tuple(_row(path, number, each) for number, each in enumerate(found["rows"], 1))
    twice = [key for key, count in Counter(row.key for row in rows).items() if count > 1]
    if twice:
        raise UsageError(f"{path} has two rows of {twice[0]}")
    return Document(found["complete"], found["environment"], found["run"], rows)


def _strict(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}") from error


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _row(path: Path, number: int, found: Any) -> Row:
    try:
        return from_json(found)
    except ValueError as error:
        raise UsageError(f"{path}: row {number}{_named(found)} is broken: {error}") from error


def _named(found: Any) -> str:
    """The row as far as it says what it is of."""
    names = ("target", "activation", "quantity", "formats")
    known = [str(found[name]) for name in names if name in found] if isinstance(found, dict) else []
    return f" ({' '.join(known)[:100]})" if known else ""
