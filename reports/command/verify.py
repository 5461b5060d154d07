"""`refacts verify`: judge a kernel, anybody's, by the exact values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from refacts.reports import outputs, verdicts
from refacts.reports.command import budget_rows, judged, questions
from refacts.reports.command.judged import SAMPLES
from refacts.reports.environment import environment
from refacts.reports.exits import FAILED, INCOMPLETE, UsageError, say, show
from refacts.reports.judge import budget_updates, budgets
from refacts.reports.judge import gate as gates
from refacts.reports.judge.budgets import Budgets
from refacts.reports.judge.changes import changes
from refacts.reports.render import changes as changed
from refacts.reports.render import html, junit, verdict_markdown
from refacts.reports.render.html import page
from refacts.reports.render.verdict_terminal import terminal
from refacts.reports.run.verification import Asked, Sessions
from refacts.reports.targets.dump import SUFFIXES
from refacts.reports.verdicts import Document

File = tuple[str, Path, Callable[[Document], str], str]


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    judged.add(parser)
    group = parser.add_argument_group("the gate")
    what = "the largest error in ulp that passes; 0.5: only correctly rounded results"
    group.add_argument("--max-ulp", metavar="U", help=what)
    group.add_argument("--quota", metavar="Q", help="the share of results that may lie above")
    what = "what is excused, such as nan-at-inf; repeatable"
    group.add_argument("--allow", action="append", default=[], metavar="WHAT", help=what)
    group.add_argument("--peer", metavar="TARGET", help="another target, judged beside it")
    group.add_argument("--max-ratio", metavar="R", help="the largest error in units of the peer's")
    group = parser.add_argument_group("budgets and earlier runs")
    group.add_argument("--budget", type=Path, metavar="FILE", help="rows of targets and bounds, in TOML")
    group.add_argument("--update-budget", action="store_true", help="tighten bounds that got better")
    group.add_argument("--accept-worse", action="store_true", help="ask, row by row, whether to loosen")
    group.add_argument(
        "--baseline", type=Path, metavar="FILE", help="an earlier --json: fail on what got worse"
    )
    group = parser.add_argument_group("what is written")
    group.add_argument("--json", metavar="FILE", help="the document")
    group.add_argument("--markdown", metavar="FILE", help="a page fit for a pull request")
    group.add_argument("--html", metavar="FILE", help="a page with plots and a table, for people")
    group.add_argument("--junit", metavar="FILE", help="JUnit XML")
    group.add_argument("--all", action="store_true", help="print everything, not one screen")


def run(arguments: argparse.Namespace) -> int:
    """Judge, print, write; the exit code."""
    files = _files(arguments)
    before = None if arguments.baseline is None else verdicts.read(arguments.baseline)
    budget = _budget(arguments)
    samples, seed = _inputs(arguments, budget)
    if before is not None:
        _require_plan(before, arguments, samples, seed)
    groups, budget, refused = _asked(arguments, budget, samples, seed)
    asked = [each for group in groups for each in group]
    _require_apart(asked)
    rows, finished = judged.rows(asked, arguments.jobs, arguments.timeout)
    ran = {
        "targets": sorted({each.target.text for each in asked}),
        "samples": samples,
        "seed": seed,
        "exhaustive": arguments.exhaustive,
        "commands": {each.key: judged.command(each, arguments.timeout) for each in asked},
        **({"refused": refused} if refused else {}),
    }
    document = Document(finished and not refused, environment(), ran, tuple(rows))
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    show(terminal(document, [str(path) for _, path, _, _ in files], arguments.all, encoding))
    for option, path, text, mark in files:
        outputs.write(option, path, text(document), mark)
    if not finished:
        return INCOMPLETE
    code = gates.exit_code(row.verdict for row in rows)
    if refused:
        code = FAILED if code == FAILED else INCOMPLETE
    if budget is not None and arguments.target is not None:
        sentences, by_gate = budget_updates.fill(budget, rows)
        for sentence in sentences:
            say(sentence)
        code = gates.exit_code(by_gate)
    elif budget is not None:
        left = iter(rows)
        of_each = [list(islice(left, len(group))) for group in groups]
        for sentence in (
            budget_updates.update(budget, of_each, arguments.accept_worse)
            if arguments.update_budget
            else budget_updates.better(budget, of_each)
        ):
            say(sentence)
    if before is not None:
        found = changes(before, document)
        show(changed.terminal(found, (str(arguments.baseline), "this run"), arguments.all, encoding))
        code = FAILED if found.worse and code != INCOMPLETE else code
    return code


def _files(arguments: argparse.Namespace) -> list[File]:
    """The files asked for, each of which can be written: its option, path, content and mark."""
    kinds: dict[str, tuple[Callable[[Document], str], str]] = {
        "json": (verdicts.text, verdicts.MARK),
        "markdown": (verdict_markdown.markdown, verdict_markdown.MARK),
        "html": (page, html.MARK),
        "junit": (junit.junit, junit.MARK),
    }
    if arguments.html is not None:
        html.require("--html")
    found: list[File] = []
    for name, (text, mark) in kinds.items():
        given = getattr(arguments, name)
        if given is not None:
            path = outputs.claimed(f"--{name}", given, mark)
            for option, other, _, _ in found:
                if path.resolve() == other.resolve():
                    raise UsageError(f"{option} and --{name} name one file: {given}")
            if arguments.budget is not None and path.resolve() == arguments.budget.resolve():
                raise UsageError(f"--budget and --{name} name one file: {given}")
            found.append((f"--{name}", path, text, mark))
    return found


def _budget(arguments: argparse.Namespace) -> Budgets | None:
    """The file of budgets; one that is to be written has no rows yet."""
    if arguments.budget is None:
        for option in ("update_budget", "accept_worse"):
            if getattr(arguments, option):
                raise UsageError(f"--{option.replace('_', '-')} needs --budget")
        return None
    if arguments.accept_worse and not arguments.update_budget:
        raise UsageError("--accept-worse needs --update-budget")
    filling = arguments.target is not None
    if filling and not arguments.update_budget:
        raise UsageError(
            "--budget has its own targets: give no TARGET, or --update-budget to write rows of it"
        )
    if arguments.update_budget:
        budget_updates.require_tomlkit()
    if arguments.accept_worse and (sys.stdin is None or not sys.stdin.isatty()):
        raise UsageError("--accept-worse asks row by row on the terminal, and there is none")
    if filling:
        outputs.writable("--budget", str(arguments.budget), lambda path: "")  # `budgets.read` knows others
    if filling and not arguments.budget.exists():
        return Budgets(arguments.budget, None, None, ())
    found = budgets.read(arguments.budget, filling)
    for option in ("samples", "seed") if arguments.update_budget and found.rows else ():
        if getattr(arguments, option) is not None:
            raise UsageError(f"--{option} is the budget's own to set: other inputs would tighten it wrongly")
    return found


def _inputs(arguments: argparse.Namespace, budget: Budgets | None) -> tuple[int, int]:
    """How many samples, and their seed: of the options, else of the budget, else the default."""
    of_budget = (None, None) if budget is None else (budget.samples, budget.seed)
    samples, seed = arguments.samples, arguments.seed
    for option in ("samples", "seed") if arguments.exhaustive else ():
        if getattr(arguments, option) is not None:
            raise UsageError(f"--exhaustive takes every input: --{option} has no use beside it")
    samples = of_budget[0] if samples is None else samples
    seed = of_budget[1] if seed is None else seed
    return SAMPLES if samples is None else samples, 0 if seed is None else seed


def _require_plan(before: Document, arguments: argparse.Namespace, samples: int, seed: int) -> None:
    """UsageError where an earlier run was on other inputs, so that nothing could be compared."""
    plan: dict[str, Any] = {"samples": samples, "seed": seed, "exhaustive": arguments.exhaustive}
    if arguments.target is not None and arguments.target.endswith(SUFFIXES):
        return  # which has its own
    others = [f"{name} {before.run[name]}" for name in plan if before.run.get(name, plan[name]) != plan[name]]
    if others:
        raise UsageError(f"--baseline {arguments.baseline} is of other inputs: {', '.join(others)}")


def _require_apart(asked: Sequence[Asked]) -> None:
    """UsageError where two rows of the document would have one key."""
    seen: set[str] = set()
    for each in asked:
        if each.key in seen:
            apart = "rows that differ in kink, peer, arrays or inputs alone need files of their own"
            raise UsageError(f"{each.key} is asked twice: {apart}")
        seen.add(each.key)


def _asked(
    arguments: argparse.Namespace, budget: Budgets | None, samples: int, seed: int
) -> tuple[list[list[Asked]], Budgets | None, list[str]]:
    """The questions, those of a budget together; the budgets with one for each group; rows that are refused.

    A row of a file of budgets whose target cannot be loaded, or asked, does not keep others from theirs.
    """
    sessions = Sessions(arguments.timeout)
    refused: list[str] = []
    try:
        if budget is not None and arguments.target is None:
            groups: list[list[Asked]] = []
            for row, wanted in [(row, budget_rows.of_budget(budget, row)) for row in budget.rows]:
                try:
                    groups.append(list(questions.asked(wanted, samples, seed, sessions)))
                except UsageError as error:
                    refused.append(f"{budget.where(row)}: {error}")
                    say(refused[-1])
                    groups.append([])
            return groups, budget, refused
        own = questions.of_options(arguments)
        found = list(questions.asked(own, samples, seed, sessions))
    finally:
        sessions.close()
    if budget is None:
        return [found], None, []
    rows = tuple(budget_rows.as_budget(each, own, budget.path.parent) for each in found)
    budgets.refuse_duplicates(replace(budget, rows=(*budget.rows, *rows)))
    measured = [[each if each.gate.judges else budget_rows.allowing(each)] for each in found]
    return measured, replace(budget, samples=samples, seed=seed, rows=rows), []
