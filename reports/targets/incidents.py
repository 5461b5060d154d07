"""What went wrong in calls, beside wrong numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from refacts.reports.notation import hexadecimal
from refacts.reports.question import Batch, Question
from refacts.reports.targets.direct import Asked

SHOWN = 64  # numbers of an operand


@dataclass(frozen=True)
class Incident:
    """Something that a target did on the smallest input found to bring it about.

    kind: "raised", "shape", "type", "hung", "died"; "dtype", "input", "bounds"; "unsteady". operands: that
    input, of rows one row; the first 64 numbers of each where it could not be made smaller. reproducer:
    one line of Python; empty if the operands are not all of the input.
    """

    kind: str
    sentence: str
    operands: dict[str, list[float]]
    reproducer: str


def incident(target: Asked, question: Question, kind: str, sentence: str, batch: Batch) -> Incident:
    """The incident of a kind on a batch; the sentence says how large that is."""
    units = len(batch[question.operands[0]])
    if units != 1:
        sentence += f", on an array of {units} {'rows' if question.kind == 'rowwise' else 'elements'}"
    return recorded(target, question, kind, sentence, batch)


def recorded(
    target: Asked, question: Question, kind: str, sentence: str, batch: Batch, *, plain: bool = True
) -> Incident:
    """The incident with a sentence as it is; arrays that are not ``plain`` in memory have no reproducer."""
    units = len(batch[question.operands[0]])
    whole = max(np.size(values) for values in batch.values()) <= SHOWN
    operands = {name: np.ravel(values)[:SHOWN].tolist() for name, values in batch.items()}
    reproduced = plain and whole and (units == 1 or question.kind != "rowwise")
    line = target.reproducer(question, hexes(operands)) if reproduced else ""
    return Incident(kind, sentence, operands, line)


def hexes(operands: dict[str, list[float]]) -> dict[str, list[str]]:
    """The operands as hex floats."""
    return {name: [hexadecimal(number) for number in numbers] for name, numbers in operands.items()}


def piece(batch: Batch, start: int, stop: int) -> Batch:
    """Some elements of a batch in a row, or some of its rows."""
    return {name: values[start:stop] for name, values in batch.items()}
