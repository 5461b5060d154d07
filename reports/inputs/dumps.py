"""Operands and results that travel in a file: what another machine computed, or is to compute.

Columns have the names of the operands (x, g, v; a, b, g, v_a, v_b) and of the results: y the value, dx the
cotangent of x (without g: the derivative), dy the tangent of y, da and db the cotangents of a and b.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Bits, Floats
from refacts.reports.exits import UsageError
from refacts.reports.inputs.marks import About
from refacts.reports.notation import counted
from refacts.reports.question import Batch, Question, pair

OPERANDS = ("x", "g", "v", "a", "b", "v_a", "v_b")
RESULTS = {"value": "y", "derivative": "dx", "vjp": "dx", "jvp": "dy", "vjp_a": "da", "vjp_b": "db"}
NAMES = (*OPERANDS, *dict.fromkeys(RESULTS.values()))
_OF_OUTPUT = ("g", "y", "dy")  # the others have the format of the input
Lengths = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Column:
    """Numbers of a format, as their bit patterns, one after the other."""

    bits: Bits
    format: Format

    def values(self, part: slice = slice(None)) -> Floats:
        """They, or some of them, as float64."""
        return self.format.decode(self.bits[part])


@dataclass(frozen=True)
class Dump:
    """Columns by name, of one length or, beside rows, with one number a row.

    file: its name, for sentences. lengths: of the rows that x is cut in; None in a file without rows.
    foreign: names of what else is in the file, which nothing asks for.
    """

    file: str
    source: Format
    output: Format
    columns: dict[str, Column]
    lengths: Lengths | None = None
    about: About | None = None
    foreign: tuple[str, ...] = ()

    @property
    def contents(self) -> str:
        """What the file holds: "x (float32, 100 values), out (no name of ours)"."""
        ours = [
            f"{name} ({column.format.name}, {counted(column.bits.size, 'value')})"
            for name, column in self.columns.items()
        ]
        return ", ".join([*ours, *(f"{name} (no name of ours)" for name in self.foreign)])

    @property
    def formats(self) -> str:
        """The pair as a user writes it."""
        same = self.source == self.output
        return self.source.name if same else f"{self.source.name}:{self.output.name}"

    @property
    def size(self) -> int:
        """How many values the first operand has."""
        return self._size("x" if "x" in self.columns else "a")

    def lacks(self, question: Question) -> str:
        """Empty if the file answers the question, else a sentence that says why not."""
        if (question.source, question.output) != (self.source, self.output):
            return f"{self.file} is of {self.formats}, not {question.formats}"
        if self.about is not None and self.about.subject != question.subject:
            return f"{self.file} was made for {self.about.subject}, not {question.subject}"
        wanted = needed(question)
        missing = [name for name in wanted if name not in self.columns]
        if missing:
            return f"{self.file} has no column {missing[0]}: it holds {self.contents}"
        if question.quantity == "derivative" and "g" in self.columns:
            return f"{self.file} has a column g: its dx is a vjp, not the derivative"
        if question.kind == "rowwise" and self.lengths is None:
            return f"{self.file} has no rows: x must have two dimensions, or lengths (in csv: a column row)"
        first = question.operands[0]
        for name in wanted:
            size = len(self._rows) if self._one_a_row(question, name) else self._size(first)
            if self._size(name) != size:
                return f"{self.file}: {name} has {self._size(name)} values, {first} asks for {size}"
        own, name = self.result_format(question), RESULTS[question.quantity]
        if own != question.result:
            way = f": --format {self.source.name}:{own.name} judges it as that" if name == "y" else ""
            return f"{self.file}: {name} is {own.name}, asked is {question.result.name}{way}"
        return ""

    def lacks_columns(self, questions: Sequence[Question]) -> str:
        """What the file holds, and what each question needs."""
        needs = [f"{each.quantity} needs {' and '.join(needed(each))}" for each in questions]
        return f"it holds {self.contents}: {', '.join(dict.fromkeys(needs))}"

    def shards(self, question: Question, step: int) -> int:
        """How many batches of ``step`` results, or entries of rows of one length, there are."""
        return len(self._cuts(question, step))

    def batch(self, question: Question, k: int, step: int) -> Batch:
        """Batch ``k`` of the operands: (n,), or rows (rows, length)."""
        start, stop = self._cuts(question, step)[k]
        return {name: self._part(question, name, start, stop) for name in question.operands}

    def results(self, question: Question, k: int, step: int) -> Floats:
        """What the file gives for batch ``k``, of the shape of the results."""
        start, stop = self._cuts(question, step)[k]
        return self._part(question, RESULTS[question.quantity], start, stop)

    def result_format(self, question: Question) -> Format:
        """The format that the results are kept in; it need not be the one asked for."""
        return self.columns[RESULTS[question.quantity]].format

    @cached_property
    def _rows(self) -> Lengths:
        return np.empty(0, np.int64) if self.lengths is None else self.lengths

    @cached_property
    def _starts(self) -> Lengths:
        return np.concatenate([[0], np.cumsum(self._rows)])

    def _size(self, name: str) -> int:
        return int(self.columns[name].bits.size)

    def _one_a_row(self, question: Question, name: str) -> bool:
        if question.kind != "rowwise" or name not in ("g", RESULTS[question.quantity]):
            return False
        forward = Question(question.activation, "value", question.source, question.output)
        return forward.reduces if name == "g" else question.reduces

    def _cuts(self, question: Question, step: int) -> list[tuple[int, int]]:
        """From which to which element, or row, each batch goes."""
        if question.kind != "rowwise":
            n = self._size(question.operands[0])
            return [(k, min(k + step, n)) for k in range(0, n, step)]
        changes = np.flatnonzero(np.diff(self._rows)) + 1
        cuts = []
        for start, stop in pairwise([0, *changes.tolist(), len(self._rows)]):
            rows = max(1, step // int(self._rows[start]))
            cuts += [(k, min(k + rows, stop)) for k in range(start, stop, rows)]
        return cuts

    def _part(self, question: Question, name: str, start: int, stop: int) -> Floats:
        column = self.columns[name]
        if question.kind != "rowwise" or self._one_a_row(question, name):
            return column.values(slice(start, stop))
        entries = column.values(slice(int(self._starts[start]), int(self._starts[stop])))
        return entries.reshape(stop - start, int(self._rows[start]))


def needed(question: Question) -> tuple[str, ...]:
    """The columns that answer a question."""
    return (*question.operands, RESULTS[question.quantity])


def format_of(name: str, source: Format, output: Format, names: Any) -> Format:
    """The format that column ``name`` should have, among columns of ``names``."""
    derivative = name == "dx" and "g" not in names
    return output if name in _OF_OUTPUT or derivative else source


def checked(dump: Dump) -> Dump:
    """The dump, if its columns belong together; else UsageError."""
    first = next((name for name in ("x", "a") if name in dump.columns), None)
    if first is None:
        raise UsageError(f"{dump.file} has no column x or a (it has {', '.join(dump.columns) or 'none'})")
    sizes = {name: column.bits.size for name, column in dump.columns.items()}
    if not sizes[first]:
        raise UsageError(f"{dump.file} is empty: {first} has no values")
    for name, size in sizes.items():
        if size != sizes[first] and (dump.lengths is None or size != len(dump.lengths)):
            raise UsageError(f"{dump.file}: {first} has {sizes[first]} values, {name} has {size}")
    return dump


def stated(said: str | None, wanted: str | None, file: str) -> str | None:
    """The formats that a file or the user says, alike for inputs; of the outputs the user knows."""
    if said is not None:
        try:
            said = ":".join(dict.fromkeys(fmt.name for fmt in pair(said.strip())))
        except UsageError:
            raise UsageError(
                f"{file}: its format must be one of {', '.join(FORMATS)}, or two with a colon (got {said!r})"
            ) from None
    if said and wanted and pair(said)[0] != pair(wanted)[0]:
        raise UsageError(f"{file} says that it is of {said}, --format says {wanted}")
    return wanted or said


def read(path: Path, formats: str | None = None) -> Dump:
    """The dump at a path that ends in .npz or .csv; ``formats``: "float32:bfloat16", if the user said so.

    UsageError for a file that cannot be read, is none, or whose columns do not belong together.
    """
    from refacts.reports.inputs import csv_files, npz_files

    readers = {".npz": npz_files.read, ".csv": csv_files.read}
    if path.suffix not in readers:
        raise UsageError(f"{path.name} must end in .npz or .csv")
    if not path.exists():
        raise UsageError(f"there is no file {path}")
    try:
        return readers[path.suffix](path, formats)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
