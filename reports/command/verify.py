"""`refacts verify`: judge a kernel, anybody's, by the exact values."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path

from refacts.reports import outputs, verdicts
from refacts.reports.command import questions
from refacts.reports.command.arguments import QUANTITIES, add_parameters, within
from refacts.reports.environment import environment
from refacts.reports.exits import FAILED, INCOMPLETE, UsageError, say, show
from refacts.reports.inputs import points
from refacts.reports.judge import budget_updates, budgets
from refacts.reports.judge import gate as gates
from refacts.reports.judge.budgets import MOST_SAMPLES, Budgets
from refacts.reports.judge.changes import changes
from refacts.reports.judge.judging import PROFILES
from refacts.reports.judge.rows import Row
from refacts.reports.render import changes as changed
from refacts.reports.render import junit, verdict_markdown
from refacts.reports.render.verdict_terminal import terminal
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.progress import progress
from refacts.reports.run.verification import Asked, Sessions, verified
from refacts.reports.verdicts import Document

SAMPLES, TIMEOUT = 200_000, 30.0
TARGETS = "module:callable, file.py:callable, lib.so:symbol, model.onnx, or a dump: results.npz, results.csv"
File = tuple[str, Path, Callable[[Document], str], str]


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help=TARGETS)
    group = parser.add_argument_group("what is asked")
    group.add_argument(
        "--as", dest="activation", metavar="NAME", help="the activation it should be (guessed)"
    )
    add_parameters(group)
    what = f"{', '.join(QUANTITIES)}; repeatable (default: all it covers)"
    group.add_argument("--quantity", action="append", choices=QUANTITIES, metavar="Q", help=what)
    what = "such as float32, or float32:bfloat16 for input and output; repeatable (default: all it covers)"
    group.add_argument("--format", action="append", metavar="F", help=what)
    group = parser.add_argument_group("how the target is called")
    arrays = ("numpy", "torch", "jax", "tensorflow")
    group.add_argument("--arrays", choices=arrays, help="the library of its arrays (found out)")
    group.add_argument("--device", metavar="D", help="of torch or JAX, such as cuda")
    group.add_argument("--backward", metavar="TARGET", help="a kernel (x, g) -> dx, for derivatives and VJPs")
    what = "passed to each call, such as dim=-1; repeatable"
    group.add_argument("--call", action="append", default=[], metavar="NAME=VALUE", help=what)
    group.add_argument("--scalar", action="store_true", help="a C function of one number")
    what = f"seconds a call may take ({TIMEOUT:g})"
    group.add_argument("--timeout", type=_seconds, default=TIMEOUT, metavar="S", help=what)
    group = parser.add_argument_group("the inputs")
    what = f"beside the hard inputs ({SAMPLES}); 16-bit formats of one operand are exhausted"
    group.add_argument("--samples", type=within(0, MOST_SAMPLES), metavar="N", help=what)
    group.add_argument("--exhaustive", action="store_true", help="every input, up to 32 bits")
    group.add_argument("--seed", type=within(0), metavar="N", help="of the samples (0)")
    cpus = os.cpu_count() or 1
    group.add_argument("--jobs", type=within(1), default=cpus, metavar="N", help=f"processes ({cpus})")
    group = parser.add_argument_group("by which rules")
    for name, what in PROFILES.items():
        group.add_argument(f"--{name}", action="store_true", help=f"the device's rule: {what}")
    sides = ("any", "left", "right")
    group.add_argument(
        "--kink", choices=sides, default="any", help="the derivative that is right at a kink (any)"
    )
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
    group.add_argument("--junit", metavar="FILE", help="JUnit XML")
    group.add_argument("--all", action="store_true", help="print everything, not one screen")


def run(arguments: argparse.Namespace) -> int:
    """Judge, print, write; the exit code."""
    files = _files(arguments)
    before = None if arguments.baseline is None else verdicts.read(arguments.baseline)
    budget = _budget(arguments)
    samples, seed = _inputs(arguments, budget)
    groups, budget = _asked(arguments, budget, samples, seed)
    asked = [each for group in groups for each in group]
    rows, complete = _rows(asked, arguments)
    ran = {
        "targets": sorted({each.target.text for each in asked}),
        "samples": samples,
        "seed": seed,
        "exhaustive": arguments.exhaustive,
    }
    document = Document(complete, environment(), ran, tuple(rows))
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    show(terminal(document, [str(path) for _, path, _, _ in files], arguments.all, encoding))
    for option, path, text, mark in files:
        outputs.write(option, path, text(document), mark)
    if not complete:
        return INCOMPLETE
    code = gates.exit_code(row.verdict for row in rows)
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


def _rows(asked: Sequence[Asked], arguments: argparse.Namespace) -> tuple[list[Row], bool]:
    """The rows of the questions, and whether all are there."""
    rows: list[Row] = []
    total = sum(points.count(each.question, each.plan) for each in asked)
    jobs = min(arguments.jobs, sum(points.shards(each.question, each.plan) for each in asked))
    try:
        with termination_interrupts(), progress(total, "results") as shown:
            for row in verified(asked, jobs, arguments.timeout, shown.update):
                rows.append(row)
    except (KeyboardInterrupt, BrokenExecutor) as error:
        say("interrupted" if isinstance(error, KeyboardInterrupt) else "a worker process died")
    return rows, len(rows) == len(asked)


def _files(arguments: argparse.Namespace) -> list[File]:
    """The files asked for, each of which can be written: its option, path, content and mark."""
    kinds: dict[str, tuple[Callable[[Document], str], str]] = {
        "json": (verdicts.text, verdicts.MARK),
        "markdown": (verdict_markdown.markdown, verdict_markdown.MARK),
        "junit": (junit.junit, junit.MARK),
    }
    found = []
    for name, (text, mark) in kinds.items():
        given = getattr(arguments, name)
        if given is not None:
            found.append((f"--{name}", outputs.claimed(f"--{name}", given, mark), text, mark))
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
            "--budget has its own targets: give no TARGET, or --update-budget to write its first rows"
        )
    if arguments.update_budget:
        budget_updates.require_tomlkit()
    for option in ("samples", "seed") if arguments.update_budget and not filling else ():
        if getattr(arguments, option) is not None:
            raise UsageError(f"--{option} is the budget's own to set: other inputs would tighten it wrongly")
    if filling:
        outputs.claimed("--budget", str(arguments.budget), "[[budget]]")
    if filling and not arguments.budget.exists():
        return Budgets(arguments.budget, None, None, ())
    found = budgets.read(arguments.budget, filling)
    if filling and found.rows:
        raise UsageError(f"{arguments.budget} has rows already: give no TARGET to judge them")
    return found


def _inputs(arguments: argparse.Namespace, budget: Budgets | None) -> tuple[int, int]:
    """How many samples, and their seed: of the options, else of the budget, else the default."""
    of_budget = (None, None) if budget is None else (budget.samples, budget.seed)
    samples, seed = arguments.samples, arguments.seed
    samples = of_budget[0] if samples is None else samples
    seed = of_budget[1] if seed is None else seed
    return SAMPLES if samples is None else samples, 0 if seed is None else seed


def _asked(
    arguments: argparse.Namespace, budget: Budgets | None, samples: int, seed: int
) -> tuple[list[list[Asked]], Budgets | None]:
    """The questions, those of a budget together, and the budgets with one for each group."""
    sessions = Sessions(arguments.timeout)
    try:
        if budget is not None and budget.rows:
            wanted = [questions.of_budget(row) for row in budget.rows]
            return [list(questions.asked(each, samples, seed, sessions)) for each in wanted], budget
        own = questions.of_options(arguments)
        found = list(questions.asked(own, samples, seed, sessions))
    finally:
        sessions.close()
    if budget is None:
        return [found], None
    rows = tuple(questions.as_budget(each, own) for each in found)
    measured = [[each if each.gate.judges else questions.allowing(each)] for each in found]
    return measured, replace(budget, samples=samples, seed=seed, rows=rows)


def _seconds(text: str) -> float:
    """A positive number of seconds, as argparse's ``type``."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number of seconds (got {text!r})")
    return seconds
