"""`refacts compare`: what got better or worse between two documents of verdicts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from refacts.reports.exits import FAILED, INCOMPLETE, PASS, show


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("old", type=Path, metavar="OLD", help="written by `refacts verify --json`")
    parser.add_argument("new", type=Path, metavar="NEW", help="the same, later")
    allowed = "ok: rows that NEW lacks are no failure (default: worse)"
    parser.add_argument("--missing", choices=("ok", "worse"), default="worse", help=allowed)
    parser.add_argument("--all", action="store_true", help="show everything, however long it is")


def run(arguments: argparse.Namespace) -> int:
    """FAILED if anything got worse, INCOMPLETE if NEW is not finished; UsageError for other files."""
    from refacts.reports import verdicts
    from refacts.reports.judge.changes import changes
    from refacts.reports.render.changes import terminal

    old, new = verdicts.read(arguments.old), verdicts.read(arguments.new)
    found = changes(old, new, missing_ok=arguments.missing == "ok")
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    show(terminal(found, (str(arguments.old), str(arguments.new)), arguments.all, encoding))
    if found.worse:
        return FAILED
    return PASS if new.complete else INCOMPLETE
