"""A long row of a plan by where it is met: a line of Python that makes it again, and what the line calls."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question, pair

__all__ = ["Plan", "recipe", "row"]

Operands = dict[str, list[float]]
Flags = npt.NDArray[np.bool_]


def row(name: str, quantity: str, formats: str, plan: Plan, shard: int, number: int) -> Operands:
    """The operands of row ``number`` of a shard: x of all its entries, g and v too.

    name: of a row-wise activation. IndexError for a shard or row that the plan has not got.
    """
    question = Question(CATALOGUE[name], quantity, *pair(formats))
    batch = points.batch(question, plan, shard)
    return {operand: np.atleast_1d(values[number]).tolist() for operand, values in batch.items()}


def recipe(question: Question, plan: Plan, shard: int, operands: Operands) -> str:
    """Statements that set r to these operands; ValueError where the shard has no such row."""
    batch = points.batch(question, plan, shard)
    same = [
        _is_row(values.reshape(len(values), -1), np.array(operands[name])) for name, values in batch.items()
    ]
    found = np.flatnonzero(np.all(same, axis=0))
    if not found.size:
        raise ValueError(f"operands must be a row of shard {shard} of {question.key}")
    asked = question.activation.spec.name, question.quantity, question.formats, plan, shard, int(found[0])
    return (
        "from refacts.reports.inputs.recalled import Plan, row; "
        f"r = row({', '.join(map(repr, asked))})"
    )


def _is_row(rows: Floats, wanted: Floats) -> Flags:
    """Which rows are the one wanted, zeros by their sign."""
    if rows.shape[1] != len(wanted):
        return np.zeros(len(rows), bool)
    same = (rows == wanted) & (np.signbit(rows) == np.signbit(wanted)) | np.isnan(rows) & np.isnan(wanted)
    return np.asarray(same.all(axis=1))
