"""The document accuracy.json: its schema, and what is kept of one that a run was stopped at.

Schema "refacts-accuracy/3", strict JSON, the same bytes for the same settings:

schema        the string above
complete      false until every row of the run is there
environment   CPU, versions (of SciPy null where there is none), commit, digests of the source and of
              the formulas measured
run           mode, seed, activations; kernels by section; by format width the least number of sampled
              inputs and the number of inputs whose tiers are counted; by width and length the rows of logits
sha256        digest of the sections' text: a file that was edited is not resumed
rows          by "activation/quantity/format": these three, parameters, coverage ("exhaustive" only
              if every input of the format was measured, else "sampled"), inputs (results compared),
              and kernels: by name what `reports.judge.summary.summary` returns and, as "tiers", what
              `reports.judge.tiers.tiers` does
logits        by "activation/quantity/format/family/length": as above, and family, length and number of
              the rows; instead of "tiers", as "normwise", what `reports.judge.normwise.normwise` returns. A
              kernel that has not got the activation or quantity is not there.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from refacts.reports import atomic

SCHEMA = "refacts-accuracy/3"
SECTIONS = ("rows", "logits")
Document = dict[str, Any]


def new(environment: dict[str, Any], run: dict[str, Any]) -> Document:
    """A document with empty sections."""
    return {
        "schema": SCHEMA,
        "complete": False,
        "environment": environment,
        "run": run,
        **{section: {} for section in SECTIONS},
    }


def resumed(document: Document, path: Path) -> tuple[Document, str]:
    """``document`` with the finished rows at ``path``, and a note on what is done with that file.

    Rows are taken over only from an incomplete document of the same settings.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return document, ""
    except (OSError, ValueError):
        return document, f"{path} is not an accuracy document: it will be replaced"
    same = ("schema", "environment", "run")
    if not isinstance(found, dict) or any(found.get(k) != document[k] for k in same):
        return document, f"{path} is of other settings: it will be replaced"
    if found.get("complete") is not False:
        return document, f"{path} is complete: measuring it anew"
    if not untouched(found):
        return document, f"{path} was edited: it will be replaced"
    finished = {section: found[section] for section in SECTIONS}
    count = sum(map(len, finished.values()))
    return {**document, **finished}, f"{path}: resuming after {count} finished rows" if count else ""


def untouched(found: dict[str, Any]) -> bool:
    """Whether the sections of a document that was read are those that were written."""
    complete = all(isinstance(found.get(section), dict) for section in SECTIONS)
    return complete and found.get("sha256") == _digest(_sections(found))


def text(document: Document) -> str:
    """The document as JSON, one row a line."""
    sections = _sections(document)
    head = {key: document[key] for key in ("schema", "complete", "environment", "run")}
    head["sha256"] = _digest(sections)
    fields = [f"{json.dumps(key)}: {_compact(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*fields, sections]) + "\n}\n"


def _sections(document: Document) -> str:
    return ",\n".join(f"{json.dumps(section)}: {_rows(document[section])}" for section in SECTIONS)


def _rows(rows: dict[str, Any]) -> str:
    lines = [f" {json.dumps(key)}: {_compact(row)}" for key, row in rows.items()]
    return "{\n" + ",\n".join(lines) + "\n}" if lines else "{}"


def _digest(sections: str) -> str:
    return hashlib.sha256(sections.encode()).hexdigest()


def _compact(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def save(document: Document, rendered: str, directory: Path) -> None:
    """Write accuracy.json and, from ``rendered``, accuracy.md, each atomically.

    The Markdown never says more than the JSON: it goes first while incomplete, last when complete.
    """
    files = [(directory / "accuracy.json", text(document)), (directory / "accuracy.md", rendered)]
    for path, content in files if document["complete"] else files[::-1]:
        atomic.write(path, content)
