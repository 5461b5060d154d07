"""`refacts bench`: speed and memory."""

from __future__ import annotations

import argparse

from refacts.reports import bench
from refacts.reports.command.arguments import within
from refacts.reports.exits import PASS, show


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--size", type=within(1, 10**9), default=10**6, metavar="N", help="elements (1e6)")
    parser.add_argument("--repeats", type=within(1), default=7, metavar="K", help="medians of (7)")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    for line in bench.lines(arguments.size, arguments.repeats):
        show(line)
    return PASS
