"""`refacts readme`: the numbers of a finished report, in docs/accuracy.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from refacts.reports.render.readme import readme


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("document", type=Path, metavar="DOCUMENT", help="accuracy.json of the report")
    checkout = "with docs/accuracy.md (default: the working directory)"
    parser.add_argument("--directory", type=Path, default=Path(), metavar="DIR", help=checkout)


def run(arguments: argparse.Namespace) -> int:
    """Rewrite the page; the exit code."""
    return readme(arguments.document, arguments.directory)
