"""`refacts plot`: the errors of a kernel over the whole line of inputs, as a picture."""

from __future__ import annotations

import argparse
from pathlib import Path

from refacts.reports import atomic, outputs
from refacts.reports.command import judged, questions
from refacts.reports.exits import INCOMPLETE, UsageError, say
from refacts.reports.judge import gate as gates
from refacts.reports.render import html
from refacts.reports.render import verdict_words as words
from refacts.reports.run.asking import Asked, Sessions
from refacts.reports.targets.dump import SUFFIXES

DEFAULTS = {"quantity": "value", "format": "float32"}  # a plot is of one


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    judged.add(parser, DEFAULTS)
    group = parser.add_argument_group("the picture")
    group.add_argument("--max-ulp", metavar="U", help="a bound that is drawn, and judged by")
    group.add_argument("--out", required=True, metavar="FILE", help="FILE.svg or FILE.png")
    parser.set_defaults(quota=None, allow=[], peer=None, max_ratio=None)


def run(arguments: argparse.Namespace) -> int:
    """Judge, draw, write; the exit code, which is that of `refacts verify`."""
    ending = Path(arguments.out).suffix.lower()
    if ending not in html.PICTURES:
        raise UsageError(f"--out must end in {' or '.join(html.PICTURES)} (got {arguments.out!r})")
    html.require("refacts plot")
    path = outputs.writable("--out", arguments.out, html.foreign)
    rows, complete = judged.rows([_asked(arguments)], arguments.jobs, arguments.timeout)
    if not complete:
        return INCOMPLETE
    atomic.write(path, html.picture(rows[0], ending))
    row = rows[0]
    for reason in row.reasons:
        say(reason)
    say(f"{row.verdict.upper()}: {row.key}: {words.largest_and_lost(row)}; the plot is {path}")
    return gates.exit_code([row.verdict])


def _asked(arguments: argparse.Namespace) -> Asked:
    """The one question that is drawn."""
    for option, default in DEFAULTS.items():
        given = getattr(arguments, option) or [default]
        if len(given) > 1:
            raise UsageError(f"--{option} is given {len(given)} times: a plot is of one entry")
        if option != "format" or not (arguments.target or "").endswith(SUFFIXES):
            setattr(arguments, option, given)  # a dump has its own format
    samples = judged.SAMPLES if arguments.samples is None else arguments.samples
    sessions = Sessions(arguments.timeout)
    try:
        found = list(questions.asked(questions.of_options(arguments), samples, arguments.seed or 0, sessions))
    finally:
        sessions.close()
    if len(found) > 1:
        both = " or ".join(each.question.quantity for each in found)
        raise UsageError(f"--quantity {arguments.quantity[0]} is {both}: a plot is of one entry")
    return found[0]
