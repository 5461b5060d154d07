"""`refacts inputs`: the hard inputs of an activation, for a device that refacts does not run on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from refacts.reports.command.arguments import (
    QUANTITIES,
    add_parameters,
    add_sampling,
    within,
)
from refacts.reports.command.parameters import with_parameters
from refacts.reports.exits import PASS, UsageError, show
from refacts.reports.inputs import csv_files, npz_files
from refacts.reports.inputs.dumps import RESULTS, Dump
from refacts.reports.inputs.files import described, gathered, questions
from refacts.reports.inputs.marks import claimed
from refacts.reports.inputs.points import Plan
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.quantities import quantity_named
from refacts.reports.question import Question, pair

SAMPLES = 100_000
WRITERS = {".npz": npz_files.write, ".csv": csv_files.write}


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_question(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="to write: .npz or .csv")
    add_sampling(parser, SAMPLES)
    uniform = "samples uniform over bit patterns first, of which a quota is a share"
    parser.add_argument("--uniform", action="store_true", help=uniform)


def add_question(parser: argparse.ArgumentParser) -> None:
    """Add what is asked: the activation, its parameters, one quantity, one pair of formats."""
    parser.add_argument("name", metavar="NAME", help="of an activation")
    shown = "value (default), derivative (gradient), vjp or jvp"
    parser.add_argument("--quantity", choices=QUANTITIES, default="value", metavar="Q", help=shown)
    formats = "float16, bfloat16, float32 (default), float64, or input:output"
    parser.add_argument("--format", default="float32", metavar="F", help=formats)
    add_parameters(parser)
    parser.add_argument("--length", type=within(1, 10**6), metavar="N", help="of all rows (of many lengths)")


def asked(arguments: argparse.Namespace) -> tuple[Question, ...]:
    """The questions that the arguments name."""
    activation: Any = with_parameters(activation_named(arguments.name), arguments.parameter)
    return questions(activation, quantity_named(arguments.quantity), *pair(arguments.format))


def run(arguments: argparse.Namespace) -> int:
    """Write the inputs."""
    path = claimed(arguments.out, tuple(WRITERS))
    wanted = asked(arguments)
    plan = Plan(arguments.samples, arguments.seed, uniform=arguments.uniform)
    dump = gathered(wanted, quantity_named(arguments.quantity), plan, arguments.length, "inputs")
    write(path, dump)
    added = " and ".join(RESULTS[question.quantity] for question in wanted)
    show(f"{described(dump)} are in {path}: add {added}, then refacts verify judges the file")
    return PASS


def write(path: Path, dump: Dump) -> None:
    """Write a file of inputs or results; UsageError where it cannot be written."""
    try:
        WRITERS[path.suffix](path, dump)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
