"""The document of verdicts, of `refacts verify` and `refacts report`: how it is read and written.

Schema "refacts-verdict/2", strict JSON, the same bytes for the same run; reports/verdict.schema.json is its
JSON Schema:

schema        the string above
complete      whether every row of the run is there
environment   `reports.environment.environment`: CPU, versions, commit, digests of the source
run           what was asked for: the arguments of the command
sha256        digest of the text of the rows: an unfinished report that was edited is not resumed
rows          `reports.judge.rows.Row`, one a line, in the order asked for; no key is there twice
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from refacts.oracles import FORMATS, Format
from refacts.reports import outputs, typed
from refacts.reports.exits import UsageError
from refacts.reports.judge.rows import LEFT_OUT, Row, Worst
from refacts.reports.notation import bits

_FAMILY = "refacts-verdict/"
SCHEMA = f"{_FAMILY}2"
MARK = f'{{\n"schema": "{_FAMILY}'
_OLDER = (_FAMILY, "refacts-accuracy/")  # what documents of ours were, or are
VERDICTS = ("pass", "fail", "measured", "incomplete", "void")
COVERAGES = ("exhaustive", "uniform", "sampled")
FIELDS = {
    "schema": str,
    "complete": bool,
    "environment": dict,
    "run": dict,
    "sha256": str,
    "rows": list,
}
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
    return assembled(document, map(line, document.rows))


def line(row: Row) -> str:
    """A row's line."""
    return _strict(typed.plain(row))


def assembled(document: Document, lines: Iterable[str]) -> str:
    """The same of lines that were made already."""
    rows = ",\n".join(lines)
    head = {
        "schema": SCHEMA,
        "complete": document.complete,
        "environment": document.environment,
        "run": document.run,
        "sha256": _digest(rows),
    }
    parts = [f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*parts, f'"rows": [\n{rows}\n]' if rows else '"rows": []']) + "\n}\n"


def untouched(found: dict[str, Any]) -> bool:
    """Whether the rows of a document that was `parsed` are those that were written."""
    rows = found.get("rows")
    return isinstance(rows, list) and found.get("sha256") == _digest(",\n".join(map(_strict, rows)))


def write(option: str, path: Path, document: Document) -> None:
    """Write it, whole or not at all; UsageError where the path is not ours or cannot be written."""
    outputs.write(option, path, text(document), MARK)


def read(path: Path) -> Document:
    """The document at ``path``; UsageError in one sentence for anything else."""
    found = parsed(path)
    if not isinstance(found, dict) or not str(found.get("schema", "")).startswith(_OLDER):
        raise UsageError(f"{path} is not a document of `refacts verify --json` or `refacts report`")
    if found["schema"] != SCHEMA:
        raise UsageError(f"{path} has schema {found['schema']!r:.60}: this refacts reads {SCHEMA}")
    for name, kind in FIELDS.items():
        if type(found.get(name)) is not kind:
            raise UsageError(f"{path}: {name} must be {_WORDS[kind]} (got {found.get(name)!r:.60})")
    if unknown := [name for name in found if name not in FIELDS]:
        raise UsageError(f"{path} has an unknown field {unknown[0]!r:.60}")
    rows = tuple(_row(path, number, each) for number, each in enumerate(found["rows"], 1))
    twice = [key for key, count in Counter(row.key for row in rows).items() if count > 1]
    if twice:
        raise UsageError(f"{path} has two rows of {twice[0]}")
    return Document(found["complete"], found["environment"], found["run"], rows)


def row_of(found: Any) -> Row:
    """The row of a line; a ValueError that names the field for anything else."""
    row: Row = typed.made(Row, found)
    _require_sound(row)
    return replace(row, worst=tuple(_with_bits(row, each) for each in row.worst))


def _require_sound(row: Row) -> None:
    """ValueError for a verdict that there is not, or a count that cannot be."""
    for name, known in (("verdict", VERDICTS), ("coverage", COVERAGES)):
        if getattr(row, name) not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)} (got {getattr(row, name)!r:.60})")
    counts = {name: getattr(row, name) for name in ("inputs", "seed", "unanswered", "confirmed")}
    parts = {name: getattr(row, name) for name in ("correct", "within_one", "over_budget", "quota_of")}
    for name in ("mismatches", "artefacts", "excused"):
        parts |= {f"{name}.{kind}": count for kind, count in getattr(row, name).items()}
    parts["quota_over"] = row.quota_over
    for name, count in (counts | parts).items():
        if count < 0:
            raise ValueError(f"{name} must be at least 0 (got {count})")
        if name in parts and count > row.inputs:
            raise ValueError(f"{name} must be at most inputs, {row.inputs} (got {count})")
    for name in ("max", "p999", "p99", "mean"):
        error = getattr(row.error, name)
        if error is not None and error < 0:
            raise ValueError(f"error.{name} must be at least 0 (got {error})")


def _with_bits(row: Row, worst: Worst) -> Worst:
    names = row.formats.split(":")
    if not set(names) <= set(FORMATS) or len(names) > 2:
        raise ValueError(f"formats must name one or two of {', '.join(FORMATS)} (got {row.formats!r:.60})")
    source, output = FORMATS[names[0]], FORMATS[names[-1]]
    result = source if row.quantity.startswith("vjp") else output
    for name, entries in worst.row.items():
        for x in entries:
            if x != LEFT_OUT:
                _bits(x, output if name == "g" else source)
    return replace(
        worst,
        bits={name: _bits(x, output if name == "g" else source) for name, x in worst.operands.items()},
        got_bits=_bits(worst.got, result),
        want_bits=_bits(worst.want, result),
    )


def _bits(written: str, fmt: Format) -> str:
    try:
        return bits(float.fromhex(written), fmt)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"worst holds {written!r:.60}, which is no number of {fmt.name}: {error}") from error


def _strict(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def _digest(rows: str) -> str:
    return hashlib.sha256(rows.encode()).hexdigest()


def parsed(path: Path) -> Any:
    """What strict JSON the file holds; UsageError if it holds none."""
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
        return row_of(found)
    except ValueError as error:
        raise UsageError(f"{path}: row {number}{_named(found)} is broken: {error}") from error


def _named(found: Any) -> str:
    """The row as far as it says what it is of."""
    names = ("target", "activation", "quantity", "formats")
    known = [str(found[name]) for name in names if name in found] if isinstance(found, dict) else []
    return f" ({' '.join(known)[:100]})" if known else ""
