"""Dumps as csv files.

A line of names, then one of cells for each value; lines that begin with # are comments, of which

    # format: float32:bfloat16

is needed unless the user says the format. Cells are decimals, hex floats (0x1.8p+0), inf or nan; in a column
whose name ends in _bits (x_bits) they are bit patterns (0x3f80). A decimal means the value of the format
that it is rounded from. Rows have a column `row`, the same number on each of their lines; what has one number
a row has it on the first. What refacts wrote says so in a comment "# refacts: ...".
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from refacts.oracles import Format, nearest
from refacts.oracles.numbers.formats import Bits
from refacts.reports import atomic
from refacts.reports.exits import UsageError
from refacts.reports.inputs.dumps import NAMES, Column, Dump, checked, format_of, stated
from refacts.reports.inputs.marks import About
from refacts.reports.inputs.rows import to_format
from refacts.reports.literals import read as read_number
from refacts.reports.question import pair

MARK, FORMAT = "# refacts: ", "# format:"
_BITS = "_bits"
_SHORT = 24  # characters: a float64 needs no more
Lines = list[tuple[int, list[str]]]  # each with its number


def read(path: Path, formats: str | None) -> Dump:
    """What is in the file; UsageError where it is no dump. ``formats``: those that the user says."""
    file = path.name
    comments, lines = _lines(path)
    mark = next((line[len(MARK) :] for line in comments if line.startswith(MARK)), None)
    said = next((line[len(FORMAT) :] for line in comments if line.startswith(FORMAT)), None)
    about = None if mark is None else About.read(mark, file)
    every = lines[0][1] if lines else []
    names = _header(lines, file)
    known = stated(said, formats, file)
    if known is None:
        raise UsageError(f"{file} does not say its format: --format, or a line '{FORMAT} float32' in it")
    source, output = pair(known)
    lengths = _row_lengths([cells[names["row"]] for _, cells in lines], file) if "row" in names else None
    plain = {name.removesuffix(_BITS) for name in names}
    columns = {}
    for name, place in names.items():
        bare = name.removesuffix(_BITS)
        if bare in NAMES:
            cells = _filled([(number, row[place]) for number, row in lines], name, lengths, file)
            fmt = format_of(bare, source, output, plain)
            convert = _patterns if name.endswith(_BITS) else _numbers
            columns[bare] = Column(convert(cells, fmt, name, file), fmt)
    foreign = tuple(name for name in every if name.removesuffix(_BITS) not in (*NAMES, "row"))
    return checked(Dump(file, source, output, columns, lengths, about, foreign))


def about(path: Path) -> tuple[About | None, list[str]]:
    """What a file says of itself, and its columns; UsageError where it is no text."""
    comments, lines = _lines(path, most=1)
    mark = next((line[len(MARK) :] for line in comments if line.startswith(MARK)), None)
    return (None if mark is None else About.read(mark, path.name)), lines[0][1] if lines else []


def write(path: Path, dump: Dump) -> None:
    """Write a dump, atomically, in decimals that read back as the same values."""
    head = [f"{FORMAT} {dump.formats}"]
    if dump.about is not None:
        head.insert(0, MARK + dump.about.text())
    cells = {name: _written(column) for name, column in dump.columns.items()}
    if dump.lengths is not None:
        numbers = np.repeat(np.arange(len(dump.lengths)), dump.lengths)
        starts = np.concatenate([[0], np.cumsum(dump.lengths[:-1])])
        for name, column in cells.items():
            if len(column) != len(numbers):
                spread = np.full(len(numbers), "", column.dtype)
                spread[starts] = column
                cells[name] = spread
        cells = {"row": numbers.astype(str), **cells}
    lines = [*head, ",".join(cells), *map(",".join, zip(*cells.values(), strict=True))]
    atomic.write(path, "\n".join(lines) + "\n")


def _written(column: Column) -> Any:
    if column.format.name == "bfloat16":
        return column.values().astype(str)
    return column.bits.view(column.format.dtype).astype(str)


def _lines(path: Path, most: int | None = None) -> tuple[list[str], Lines]:
    """The comments, and the cells of the other lines, at most so many."""
    comments, lines = [], []
    try:
        with open(path, encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.startswith("#"):
                    comments.append(line.strip())
                elif line.strip():
                    cells = next(csv.reader([line])) if '"' in line else line.split(",")
                    lines.append((number, [cell.strip() for cell in cells]))
                if most is not None and len(lines) == most:
                    break
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{path.name} is not a csv file in UTF-8") from None
    return comments, lines


def _header(lines: Lines, file: str) -> dict[str, int]:
    """Where each column of ours is; takes the line away."""
    if not lines:
        raise UsageError(f"{file} is empty")
    _, names = lines.pop(0)
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        bare = name.removesuffix(_BITS)
        if bare in (*NAMES, "row"):
            if bare in {other.removesuffix(_BITS) for other in found}:
                raise UsageError(f"{file}: column {bare} is there twice")
            found[name] = place
    if not found:
        raise UsageError(f"{file} has no column x or a: its first line is {','.join(names)[:60]!r}")
    for number, cells in lines:
        if len(cells) != len(names):
            raise UsageError(f"{file}, line {number} has {len(cells)} cells, its header {len(names)} names")
    return found


def _row_lengths(cells: list[str], file: str) -> Any:
    """How many lines each row has; its lines follow each other."""
    numbers = np.array(cells)
    if not cells:
        return np.empty(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
    if len(np.unique(numbers)) != len(starts):
        raise UsageError(f"{file}: the lines of a row must follow each other")
    return np.diff([*starts, len(cells)]).astype(np.int64)


def _filled(cells: list[tuple[int, str]], name: str, lengths: Any, file: str) -> list[tuple[int, str]]:
    """The cells with their lines; of a column with one number a row only those."""
    empty = [not cell for _, cell in cells]
    if not any(empty):
        return cells
    if lengths is not None:
        firsts = set(np.concatenate([[0], np.cumsum(lengths[:-1])]).tolist())
        if all(bare == (k not in firsts) for k, bare in enumerate(empty)):
            return [cell for k, cell in enumerate(cells) if k in firsts]
    number, full = cells[empty.index(True)][0], len(cells) - sum(empty)
    raise UsageError(f"{file}, line {number}: {name} is empty ({full} of {len(cells)} lines have one)")


def _patterns(cells: list[tuple[int, str]], fmt: Format, name: str, file: str) -> Bits:
    found = []
    for number, text in cells:
        try:
            pattern = int(text, 16) if text[:2].lower() == "0x" else -1
        except ValueError:
            pattern = -1
        if not 0 <= pattern < 2**fmt.bits:
            what = f"is not a pattern of {fmt.bits} bits in hex such as 0x{1:0{fmt.bits // 4}x}"
            raise UsageError(f"{file}, line {number}: {name} = {text!r} {what}")
        found.append(pattern)
    return np.array(found, dtype=fmt.unsigned)


def _numbers(cells: list[tuple[int, str]], fmt: Format, name: str, file: str) -> Bits:
    """What plain decimals mean is found at once, the rest with care."""
    quick = np.array([_quick(text) for _, text in cells])
    values = to_format(fmt, quick)
    for k in np.flatnonzero(values != quick):
        number, text = cells[k]
        if math.isnan(quick[k]) or not _rounds_to(values[k], text, float):
            values[k] = _careful(text, fmt, f"{file}, line {number}: {name}")
    return fmt.bit_patterns(values)


def _quick(text: str) -> float:
    """A short decimal other than 0 as float64; NaN for other texts."""
    if len(text) > _SHORT or "_" in text:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if number and math.isfinite(number) else math.nan


def _careful(text: str, fmt: Format, subject: str) -> float:
    """The value of the format that a text means; UsageError if it means none."""
    try:
        exact = read_number(text)
    except ValueError:
        raise UsageError(f"{subject} = {text!r} is not a number") from None
    if isinstance(exact, float):  # a zero, an infinity or NaN
        return exact
    value = nearest(exact, fmt)
    if math.isfinite(value) and (Fraction(value) == exact or _rounds_to(value, text, read_number)):
        return value
    raise UsageError(f"{subject} = {text} is not a {fmt.name} value")


def _rounds_to(value: float, text: str, number: Callable[[str], Any]) -> bool:
    """Whether a finite value lies within half a unit of the last digit of a decimal.

    With a little to spare, for float64 arithmetic and for the shortest decimals of ties.
    """
    if "x" in text.lower() or not math.isfinite(value):
        return False
    mantissa, _, power = text.lower().partition("e")
    unit = number(f"1e{int(power or 0) - len(mantissa.partition('.')[2])}")
    apart = abs(number(text) - (value if number is float else Fraction(value)))
    return bool(100 * apart <= 51 * unit)
