"""Questions to targets of torch, JAX and TensorFlow, and the answers of the library called by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question
from refacts.reports.targets.incidents import Incident
from refacts.reports.targets.loaded import Loaded
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec, load
from refacts.reports.targets.steadiness import steadiness

from tests.targets.asking import by_refacts, first, numbers, operands, question, run_line

FORMATS = ("float16", "bfloat16", "float32", "float64")
QUANTITIES = {
    "elementwise": ("value", "derivative", "vjp", "jvp"),
    "rowwise": ("value", "vjp", "jvp"),
    "gated": ("value", "vjp_a", "vjp_b", "jvp"),
}


def target(text: str, **options: Any) -> Loaded:
    return load(TargetSpec(text, **options))


def questions(name: str, formats: tuple[str, ...] = FORMATS) -> Iterator[Question]:
    """All that a library is asked about an activation."""
    for quantity in QUANTITIES[question(name).kind]:
        for each in formats:
            yield question(name, quantity, each)


def answered(found: Loaded, asked: Question, batch: Batch) -> Floats:
    """The answer to a question without faults."""
    assert found.covers(asked) == ""
    answer = found.answer(asked, batch)
    assert answer.faults == {}
    return answer.values


def near_refacts(asked: Question, batch: Batch, values: Floats) -> None:
    """The right map of the right operands: coarse on purpose, since how near is the judge's matter."""
    want = by_refacts(asked, batch)
    scale = np.abs(want).max()
    assert np.abs(values - want).max() < 40 * scale * 2.0 ** (1 - asked.source.precision)


def reproduces(found: Loaded, asked: Question) -> None:
    """The line that the judge prints gives the bits of the judged call."""
    batch = first(numbers(asked))
    want = np.ravel(found.answer(asked, batch).values).tolist()
    printed = run_line(found.reproducer(asked, operands(batch)))
    if asked.kind == "gated" and asked.pulls_back and len(printed) == 2:  # both halves of glu
        printed = [printed["ab".index(asked.quantity[-1])]]
    assert printed == want


def unsteady(session: Session, asked: Question) -> list[Incident]:
    """What other company and other runs change."""
    batch = numbers(asked)
    return steadiness(session, asked, batch, session.answer(asked, batch).values).incidents


def other_operands_are_seen(found: Loaded, name: str, quantity: str = "vjp") -> None:
    """The control of `near_refacts`: operands in another order are another answer."""
    asked = question(name, quantity)
    batch = numbers(asked)
    one, *_, other = batch
    swapped = {**batch, one: batch[other], other: batch[one]}
    with pytest.raises(AssertionError):
        near_refacts(asked, batch, answered(found, asked, swapped))
