"""`refacts compare`: what got better or worse between two documents of verdicts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from refacts.reports.exits import FAILED, INCOMPLETE, PASS, UsageError, show

if TYPE_CHECKING:
    from refacts.reports.verdicts import Document


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("old", type=Path, metavar="OLD", help="written by `refacts verify --json`")
    parser.add_argument("new", type=Path, metavar="NEW", help="the same, later")
    allowed = "ok: rows that NEW lacks are no failure (default: worse)"
    parser.add_argument("--missing", choices=("ok", "worse"), default="worse", help=allowed)
    form = ("TARGET", "BY")
    what = "a target of OLD, and the one of NEW that takes its place; repeatable"
    parser.add_argument("--replaced", nargs=2, action="append", default=[], metavar=form, help=what)
    parser.add_argument("--all", action="store_true", help="show everything, however long it is")


def run(arguments: argparse.Namespace) -> int:
    """FAILED if anything got worse, INCOMPLETE if NEW is not finished; UsageError for other files."""
    from refacts.reports import verdicts
    from refacts.reports.judge.changes import changes
    from refacts.reports.render.changes import terminal

    old, new = verdicts.read(arguments.old), verdicts.read(arguments.new)
    for target, by in arguments.replaced:
        for option, document, name in ((arguments.old, old, target), (arguments.new, new, by)):
            if name not in {row.target for row in document.rows}:
                raise UsageError(f"--replaced: {option} has no target {name}")
        rows = [replace(row, target=by) if row.target == target else row for row in old.rows]
        old = replace(old, rows=tuple(rows))
    found = changes(old, new, missing_ok=arguments.missing == "ok")
    if old.rows and new.rows and not found.compared:
        raise UsageError(f"nothing can be compared: {_why(old, new, found.remarks)}")
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    show(terminal(found, (str(arguments.old), str(arguments.new)), arguments.all, encoding))
    if found.worse:
        return FAILED
    return PASS if new.complete else INCOMPLETE


def _why(old: Document, new: Document, remarks: Sequence[str]) -> str:
    """Why two documents have no row in common on the same inputs."""
    names = [", ".join(sorted({row.target for row in each.rows})) for each in (old, new)]
    if names[0] != names[1]:
        return f"the old run is of {names[0]}, the new one of {names[1]} (--replaced TARGET BY)"
    apart = [remark for remark in remarks if "not compared" in remark]
    return apart[0] if apart else "they have no row in common"
