"""`refacts verify`: judge a kernel, anybody's, by the exact values."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refacts.reports import outputs, verdicts
from refacts.reports.command.arguments import within
from refacts.reports.command.parameters import with_parameters
from refacts.reports.environment import environment
from refacts.reports.exits import INCOMPLETE, UsageError, say, show
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.judge import gate as gates
from refacts.reports.judge.judging import PROFILES, Rules
from refacts.reports.judge.naming import activation_named, guessed
from refacts.reports.judge.rows import Row
from refacts.reports.question import Question, pair
from refacts.reports.render import junit, verdict_markdown
from refacts.reports.render.verdict_terminal import terminal
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.progress import progress
from refacts.reports.run.verification import Asked, Sessions, verified
from refacts.reports.targets.dump import SUFFIXES
from refacts.reports.targets.spec import TargetSpec, call_arguments
from refacts.reports.verdicts import Document

SAMPLES, TIMEOUT = 200_000, 30.0
FORMATS = ("float16", "bfloat16", "float32", "float64")
_QUANTITIES = ("value", "derivative", "vjp", "jvp")


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help="module:callable, file.py:callable, "
                        "lib.so:symbol, model.onnx, or a dump: results.npz, results.csv")  # fmt: skip
    asked = parser.add_argument_group("what is asked")
    asked.add_argument(
        "--as", dest="activation", metavar="NAME", help="the activation it should be (guessed)"
    )
    asked.add_argument("--param", "--parameter", dest="parameter", action="append", default=[],
                       metavar="NAME=NUMBER", help="such as alpha=0.01 or slope=1/6; repeatable")  # fmt: skip
    asked.add_argument("--quantity", action="append", choices=(*_QUANTITIES, "gradient"), metavar="Q",
                       help="value, derivative (gradient), vjp or jvp; repeatable (all it covers)")  # fmt: skip
    asked.add_argument("--format", action="append", metavar="F",
                       help="float16, bfloat16, float32, float64, or input:output; repeatable (all it covers)")  # fmt: skip
    called = parser.add_argument_group("how the target is called")
    called.add_argument("--arrays", choices=("numpy", "torch", "jax", "tensorflow"), help="(found out)")
    called.add_argument("--device", metavar="D", help="of torch or JAX, such as cuda")
    called.add_argument("--backward", metavar="TARGET", help="a kernel (x, g) -> dx")
    called.add_argument(
        "--call", action="append", default=[], metavar="NAME=VALUE", help="passed on, such as dim=-1"
    )
    called.add_argument("--scalar", action="store_true", help="the C function takes one number")
    called.add_argument(
        "--timeout", type=float, default=TIMEOUT, metavar="S", help=f"seconds a call may take ({TIMEOUT:g})"
    )
    inputs = parser.add_argument_group("the inputs")
    inputs.add_argument(
        "--samples", type=within(1, 10**10), metavar="N", help=f"inputs a question ({SAMPLES})"
    )
    inputs.add_argument("--exhaustive", action="store_true", help="every input (16-bit formats always)")
    inputs.add_argument("--seed", type=within(0), default=0, metavar="N", help="of the samples (0)")
    cpus = os.cpu_count() or 1
    inputs.add_argument("--jobs", type=within(1), default=cpus, metavar="N", help=f"processes ({cpus})")
    rules = parser.add_argument_group("by which rules")
    for name, what in PROFILES.items():
        rules.add_argument(f"--{name}", action="store_true", help=f"the device's rule: {what}")
    rules.add_argument(
        "--kink", choices=("any", "left", "right"), default="any", help="the derivative at a kink (any)"
    )
    gate = parser.add_argument_group("the gate")
    gate.add_argument("--max-ulp", metavar="U", help="the largest error in ulp that passes")
    gate.add_argument("--quota", metavar="Q", help="the share of results that may lie above")
    gate.add_argument(
        "--allow", action="append", default=[], metavar="WHAT", help="excuse, such as nan-at-inf; repeatable"
    )
    gate.add_argument("--peer", metavar="TARGET", help="another target to judge beside it")
    gate.add_argument("--max-ratio", metavar="R", help="the largest error in units of the peer's")
    files = parser.add_argument_group("files")
    files.add_argument("--json", metavar="FILE", help="write the document")
    files.add_argument("--markdown", metavar="FILE", help="write a page fit for a pull request")
    files.add_argument("--junit", metavar="FILE", help="write JUnit XML")
    files.add_argument("--all", action="store_true", help="print every row, not one screen")
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class Wanted:
    """One target and what is asked of it, from the command's options or a budget's row."""

    target: TargetSpec
    activation: Any
    quantities: tuple[str, ...]
    formats: tuple[str, ...]
    rules: Rules
    gate: gates.Gate
    peer: TargetSpec | None


def run(arguments: argparse.Namespace) -> int:
    """Judge, print, write; the exit code."""
    files = _files(arguments)
    wanted = _wanted(arguments)
    sessions = Sessions(arguments.timeout)
    try:
        asked = list(_asked(wanted, arguments, sessions))
    finally:
        sessions.close()
    rows: list[Row] = []
    total = sum(points.count(each.question, each.plan) for each in asked)
    try:
        with termination_interrupts(), progress(total, "results") as shown:
            for row in verified(asked, arguments.jobs, arguments.timeout, shown.update):
                rows.append(row)
    except (KeyboardInterrupt, BrokenExecutor) as error:
        say("interrupted" if isinstance(error, KeyboardInterrupt) else "a worker process died")
    document = Document(len(rows) == len(asked), environment(), _run(arguments, wanted), tuple(rows))
    names = [str(path) for _, path, _, _ in files]
    encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
    show(terminal(document, names, arguments.all, encoding or "utf-8"))
    for option, path, text, mark in files:
        outputs.write(option, path, text(document), mark)
    return gates.exit_code(row.verdict for row in rows) if document.complete else INCOMPLETE


File = tuple[str, Path, Callable[[Document], str], str]


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


def _run(arguments: argparse.Namespace, wanted: Sequence[Wanted]) -> dict[str, Any]:
    """What the document says was asked for; not how many processes did it, nor the files."""
    return {
        "targets": sorted({each.target.text for each in wanted}),
        "samples": arguments.samples or SAMPLES,
        "seed": arguments.seed,
        "exhaustive": arguments.exhaustive,
    }


def _wanted(arguments: argparse.Namespace) -> list[Wanted]:
    """What the options ask for."""
    if arguments.target is None:
        raise UsageError(
            "a target is missing: module:callable, file.py:callable, lib.so:symbol, model.onnx or a dump"
        )
    name = arguments.activation or guessed(arguments.target)
    if not name:
        raise UsageError(
            f"--as must name the activation that {arguments.target} should be: it is not obvious"
        )
    if not arguments.activation:
        say(f"{arguments.target} is taken for {name} (--as names another)")
    quantities = tuple(dict.fromkeys({"gradient": "derivative"}.get(q, q) for q in arguments.quantity or ()))
    gate = gates.asked(arguments.max_ulp, arguments.quota, arguments.allow, arguments.max_ratio)
    profile = frozenset(name for name in PROFILES if getattr(arguments, name))
    budget = 1.0 if gate.max_ulp is None else gate.max_ulp
    target = TargetSpec(
        arguments.target,
        arrays=arguments.arrays,
        device=arguments.device,
        backward=arguments.backward,
        call=call_arguments(arguments.call),
        scalar=arguments.scalar,
        formats=arguments.format[0] if arguments.format and arguments.target.endswith(SUFFIXES) else None,
    )
    if arguments.max_ratio is not None and arguments.peer is None:
        raise UsageError("--max-ratio needs --peer, whose error is the unit")
    peer = None if arguments.peer is None else TargetSpec(arguments.peer, device=arguments.device)
    activation = with_parameters(activation_named(name), arguments.parameter)
    rules = Rules(profile, arguments.kink, gate.allow, budget)
    return [Wanted(target, activation, quantities, tuple(arguments.format or ()), rules, gate, peer)]


def _asked(wanted: Sequence[Wanted], arguments: argparse.Namespace, sessions: Sessions) -> Iterator[Asked]:
    """The questions that the targets cover; UsageError where one is asked for that a target does not."""
    for each in wanted:
        session = sessions.of(each.target)
        if session.said:
            say(session.said)
        kind = each.activation.spec.kind
        formats = each.formats or _formats(each)
        found, refused = [], {}
        for quantity in _quantities(each):
            for text in formats:
                question = Question(each.activation, quantity, *pair(text))
                why = _uncovered(question, session)
                if why:
                    refused[question] = why
                else:
                    found.append(question)
        for question, why in refused.items():
            if each.formats and each.quantities:
                raise UsageError(f"{each.target.text}: {question.quantity} in {question.formats}: {why}")
        for sentence in dict.fromkeys(refused.values()):
            say(f"not judged: {sentence}")
        if not found:
            raise UsageError(f"{each.target.text} covers nothing of {each.activation.spec.name} ({kind})")
        for question in found:
            plan = _plan(each, arguments)
            refusal = each.gate.refuses(points.coverage(question, plan), points.count(question, plan))
            if refusal:
                raise UsageError(f"--quota: {refusal}")
            yield Asked(question, each.target, plan, each.rules, each.gate, each.peer)


def _plan(wanted: Wanted, arguments: argparse.Namespace) -> Plan | Recorded:
    """The inputs: those of the dump, or made; where a quota is given, uniform over the bit patterns."""
    if wanted.target.text.endswith(SUFFIXES):
        return Recorded(wanted.target.text, wanted.target.formats, arguments.seed)
    samples = arguments.samples or SAMPLES
    return Plan(samples, arguments.seed, arguments.exhaustive, wanted.gate.quota > 0)


def _quantities(wanted: Wanted) -> tuple[str, ...]:
    """Those asked for, by the names that the activation has for them; by default all that are judged."""
    kind = wanted.activation.spec.kind
    default = {
        "elementwise": ("value", "derivative", "vjp"),
        "rowwise": ("value", "vjp"),
        "gated": ("value", "vjp"),
    }
    found: list[str] = []
    for quantity in wanted.quantities or default[kind]:
        if quantity == "derivative" and kind != "elementwise":
            raise UsageError(
                f"{wanted.activation.spec.name} is {kind}: ask for its vjp or jvp, not a derivative"
            )
        found += ["vjp_a", "vjp_b"] if (kind, quantity) == ("gated", "vjp") else [quantity]
    return tuple(found)


def _uncovered(question: Question, session: Any) -> str:
    """Why a question is not judged; empty if it is."""
    if "bfloat16" in question.formats and find_spec("ml_dtypes") is None:
        return "bfloat16 needs ml_dtypes: pip install 'refacts[bfloat16]'"
    return str(session.covers(question))


def _formats(wanted: Wanted) -> tuple[str, ...]:
    """All formats, or those of a dump."""
    if wanted.target.text.endswith(SUFFIXES):
        return (Recorded(wanted.target.text).dump.formats,)
    return FORMATS
