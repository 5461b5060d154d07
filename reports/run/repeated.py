"""How one result of a report is repeated: a line of Python that prints it."""

from __future__ import annotations

from typing import Any

from refacts.reports.inputs import points
from refacts.reports.inputs.entries import Entry
from refacts.reports.inputs.logits import Logits
from refacts.reports.inputs.points import Plan
from refacts.reports.judge.tally import Candidate
from refacts.reports.notation import hexadecimal
from refacts.reports.quantities import CATALOGUE, reduces
from refacts.reports.question import Question, pair
from refacts.reports.targets.kernel import Kernel

__all__ = ["Logits", "Plan", "repeated", "row"]  # what the lines import

WRITTEN = 8  # numbers of a row that are written out; longer ones are made anew
SHARD = 40  # the bits above these of a result's index are its shard: see `reports.run.shard`


def repeated(kernel: Kernel, entry: Entry, candidate: Candidate) -> str:
    """The kernel's call on the operands of a result, as they are or, of long rows, made anew."""
    question, place = entry.question, candidate.place
    names = {name: name for name in candidate.operands}
    if sum(map(len, candidate.operands.values())) <= max(WRITTEN, len(names)):
        made = [_array(question, *each, place is not None) for each in candidate.operands.items()]
        needed = ["import ml_dtypes"] if "bfloat16" in question.formats else []
        statements = "; ".join([*needed, "h = float.fromhex", *made])
    else:
        assert place is not None
        of = (question.activation.spec.name, question.quantity, question.formats, entry.inputs)
        given = ", ".join(map(repr, (*of, candidate.index >> SHARD, place[0])))
        statements = f"from refacts.reports.run.repeated import *; {', '.join(names)}, = row({given})"
    index = 0 if place is None else place[1]
    return kernel.reproducer(question.activation, question.quantity, statements, names, index)


def row(name: str, quantity: str, formats: str, inputs: Plan | Logits, k: int, number: int) -> list[Any]:
    """The operands of one row of shard ``k``, arrays of their formats with that row alone."""
    question = Question(CATALOGUE[name], quantity, *pair(formats))
    batch = points.batch(question, inputs, k)
    return [question.format_of(key).encode(values[[number]]) for key, values in batch.items()]


def _array(question: Question, name: str, values: list[float], in_row: bool) -> str:
    numbers = ", ".join(f"h('{hexadecimal(value)}')" for value in values)
    one = name == "g" and reduces(question.activation, "value")  # a row has one cotangent
    text = f"[[{numbers}]]" if in_row and not one else f"[{numbers}]"
    return f"{name} = np.array({text}, '{question.format_of(name).name}')"
