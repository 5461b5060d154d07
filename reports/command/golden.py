"""`refacts golden`: inputs with exact results, or a table of all results of a 16-bit format."""

from __future__ import annotations

import argparse
import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from refacts.reports import atomic
from refacts.reports.command.arguments import add_sampling
from refacts.reports.command.inputs import add_question, asked, write
from refacts.reports.exits import INCOMPLETE, PASS, UsageError, say, show
from refacts.reports.inputs import c_header
from refacts.reports.inputs.dumps import RESULTS, Dump
from refacts.reports.inputs.files import answered, described, gathered
from refacts.reports.inputs.marks import claimed
from refacts.reports.inputs.points import Plan, exhaustible
from refacts.reports.quantities import quantity_named
from refacts.reports.question import Question

SAMPLES = 10_000


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add_question(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help="to write: .npz, .csv or .h")
    table = "all 65,536 results of a 16-bit format, in the order of the inputs' bits: .npy or .h"
    parser.add_argument("--table", action="store_true", help=table)
    add_sampling(parser, SAMPLES)


def run(arguments: argparse.Namespace) -> int:
    """Compute, confirm and write; INCOMPLETE, and no file, if the oracle does not confirm the results."""
    path = claimed(arguments.out, (".npy", ".h") if arguments.table else (".npz", ".csv", ".h"))
    wanted = asked(arguments)
    _require_bfloat16(wanted)
    if arguments.table:
        _require_table(wanted[0], arguments)
    plan = Plan(arguments.samples, arguments.seed)
    inputs = gathered(wanted, quantity_named(arguments.quantity), plan, arguments.length, "golden")
    try:
        found = answered(wanted, inputs)
    except ArithmeticError as error:
        say(f"VOID, nothing is written: {error}")
        return INCOMPLETE
    assert found.about is not None
    _write(path, found, wanted[0], table=arguments.table)
    confirmed = f"{found.about.confirmed:,} of them confirmed by the oracle"
    show(f"{described(found)}, {confirmed}, are in {path}")
    return PASS


def _write(path: Path, found: Dump, question: Question, table: bool) -> None:
    definition = question.activation.spec.definition
    column = found.columns[RESULTS[question.quantity]]
    try:
        if path.suffix == ".npy":
            buffer = io.BytesIO()
            np.save(buffer, column.bits)
            atomic.write(path, buffer.getvalue())
        elif path.suffix == ".h" and table:
            assert found.about is not None
            c_header.write_table(path, column, found.about, definition)
        elif path.suffix == ".h":
            c_header.write(path, found, definition)
        else:
            write(path, found)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _require_bfloat16(wanted: tuple[Question, ...]) -> None:
    if "bfloat16" in wanted[0].formats and find_spec("ml_dtypes") is None:
        raise UsageError("bfloat16 needs ml_dtypes: pip install ml_dtypes")


def _require_table(question: Question, arguments: argparse.Namespace) -> None:
    if not exhaustible(question) or question.source.bits != 16:
        raise UsageError(
            f"--table is of all inputs of float16 or bfloat16, of one operand (got {question.quantity} "
            f"of {question.subject} in {question.formats})"
        )
    if arguments.seed or arguments.samples != SAMPLES:
        raise UsageError("--table has every input: it takes neither --samples nor --seed")
