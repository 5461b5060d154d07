"""What commands that judge a target have in common: options of questions, inputs and rules; the run."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor

from refacts.reports.command.arguments import QUANTITIES, add_parameters, within
from refacts.reports.exits import say
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.judge.budgets import MOST_SAMPLES
from refacts.reports.judge.judging import PROFILES
from refacts.reports.judge.rows import Row
from refacts.reports.run.interrupts import termination_interrupts
from refacts.reports.run.progress import progress
from refacts.reports.run.verification import Asked, verified

SAMPLES, TIMEOUT = 200_000, 30.0
LONGEST = 1e6  # seconds a call may take: timers of the system hold no time without end
TARGETS = "module:callable, file.py:callable, lib.so:symbol, model.onnx, or a dump: results.npz, results.csv"


def add(parser: argparse.ArgumentParser, one: Mapping[str, str] | None = None) -> None:
    """Add the options, and TARGET; ``one``: the defaults of a command that takes one quantity and format."""
    parser.add_argument("target", nargs="?", metavar="TARGET", help=TARGETS)
    group = parser.add_argument_group("what is asked")
    group.add_argument(
        "--as", dest="activation", metavar="NAME", help="the activation it should be (guessed)"
    )
    add_parameters(group)
    many = dict.fromkeys(("quantity", "format"), "; repeatable (default: all it covers)")
    if one is not None:
        many = {name: f" (default: {value})" for name, value in one.items()}
    what = f"{', '.join(QUANTITIES)}{many['quantity']}"
    group.add_argument("--quantity", action="append", choices=QUANTITIES, metavar="Q", help=what)
    what = f"such as float32, or float32:bfloat16 for input and output{many['format']}"
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


def rows(asked: Sequence[Asked], jobs: int, timeout: float) -> tuple[list[Row], bool]:
    """The rows of the questions, and whether all are there."""
    found: list[Row] = []
    total = sum(points.count(each.question, each.plan) for each in asked)
    jobs = max(1, min(jobs, sum(points.shards(each.question, each.plan) for each in asked)))
    try:
        with termination_interrupts(), progress(total, "results") as shown:
            for row in verified(asked, jobs, timeout, shown.update):
                found.append(row)
    except (KeyboardInterrupt, BrokenExecutor) as error:
        say("interrupted" if isinstance(error, KeyboardInterrupt) else "a worker process died")
    return found, len(found) == len(asked)


def command(asked: Asked, timeout: float) -> str:
    """The call of `refacts verify` that puts this question alone."""
    question, target, plan, gate = asked.question, asked.target, asked.plan, asked.gate
    spec = question.activation
    quantity = "vjp" if question.pulls_back else question.quantity
    given: list[tuple[str, object]] = [("as", spec.spec.name)]
    given += [("param", f"{name}={number}") for name, number in spec.parameters.items()]
    given += [("quantity", quantity), ("format", question.formats), ("arrays", target.arrays)]
    given += [("device", target.device), ("backward", target.backward)]
    given += [("call", f"{name}={value!r}") for name, value in target.call.items()]
    if isinstance(plan, Plan) and not plan.exhaustive:
        given += [("samples", plan.samples), ("seed", plan.seed)]
    given += [("timeout", None if timeout == TIMEOUT else f"{timeout:g}")]
    given += [("kink", None if asked.rules.kink == "any" else asked.rules.kink)]
    given += [("max-ulp", gate.max_ulp), ("quota", gate.quota or None)]
    given += [("allow", name) for name in gate.allow if gate.judges]
    given += [("peer", asked.peer and asked.peer.text), ("max-ratio", gate.max_ratio)]
    said = [(name, f"{value}".removesuffix(".0")) for name, value in given if value is not None]
    words = ["refacts", "verify", target.text, *(word for name, text in said for word in (f"--{name}", text))]
    words += [f"--{name}" for name in sorted(asked.rules.profile)]
    exhaustive = isinstance(plan, Plan) and plan.exhaustive
    flags = {"scalar": target.scalar, "exhaustive": exhaustive}
    return shlex.join([*words, *(f"--{name}" for name, on in flags.items() if on)])


def _seconds(text: str) -> float:
    """A positive number of seconds, as argparse's ``type``."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"must be a positive number of seconds, at most {LONGEST:g} (got {text!r})"
        )
    return seconds
