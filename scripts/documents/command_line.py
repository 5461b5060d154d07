"""The page on the command line, made of its parsers."""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from unittest import mock

from refacts.reports.command import COMMANDS
from refacts.reports.command.arguments import Parser

CPUS = 987_654  # defaults that depend on the machine are seen by this number
STANDARD = {"positional arguments": "argument", "options": "option"}

INTRODUCTION = """\
# The command line

`pip install .` in a clone installs one command, `refacts`; `python -m refacts` is the same. Data goes to
stdout, progress and diagnostics to stderr. `refacts COMMAND --help` prints what this page holds.

| exit code | meaning |
|---:|---|
| 0 | passed, or measured without a gate |
| 1 | a gate failed, or a result of refacts is wrong |
| 2 | a usage error: one sentence on stderr says which |
| 3 | incomplete (interrupted, or a crash without a gate), or the verdict is void |
"""


def page() -> str:
    """The page."""
    with mock.patch.object(os, "cpu_count", return_value=CPUS):
        return "\n".join([INTRODUCTION, *(_command(name, purpose) for name, purpose in COMMANDS.items())])


def _command(name: str, purpose: str) -> str:
    parser = Parser(prog=f"refacts {name}")
    module = import_module(f"refacts.reports.command.{name}")
    module.add(parser)
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    positional = [_shown(action) for action in actions if not action.option_strings]
    usage = " ".join([parser.prog, *positional, "[OPTIONS]"])
    sentence = f"{purpose[0].upper()}{purpose[1:]}."
    lines = [f"## refacts {name}", "", sentence, "", f"```text\n{usage}\n```", ""]
    for group in parser._action_groups:
        rows = [_row(action) for action in group._group_actions if action in actions]
        if rows:
            title = group.title or ""
            lines += [f"| {STANDARD.get(title, title)} | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _shown(action: argparse.Action) -> str:
    """An argument as the usage line shows it."""
    name = str(action.metavar or action.dest)
    return f"[{name}]" if action.nargs in ("?", "*") else name


def _row(action: argparse.Action) -> str:
    value = ""
    if action.nargs != 0:
        choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
        value = str(action.metavar or choices or action.dest.upper())
        value += " ..." if action.nargs in ("+", "*") else ""
    names = action.option_strings or [""]
    shown = ", ".join(f"`{f'{name} {value}'.strip()}`" for name in names)
    said = (action.help or "").replace("%%", "%").replace(str(CPUS), "as many as CPUs").replace("|", "\\|")
    return f"| {shown} | {said} |"
