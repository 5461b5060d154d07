"""Which derivative a target takes at the kinks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.fingerprint.beside_kinks import at_kinks
from refacts.reports.judge.terms import spacing
from refacts.reports.notation import decimal
from refacts.reports.question import Batch, Question

NEAR = 4.0  # spacings: a target may round its constants


def kink_side(question: Question, answer: Callable[[Question, Batch], Floats]) -> str:
    """Say "right", "left", or both with their kinks: "left at 0, right at 6", "0.5 at 0".

    Empty if the question is not of a derivative, and if no kink is a number of the source format. Cotangents
    and tangents are 1.
    """
    if question.kind != "elementwise" or question.quantity == "value":
        return ""
    x = at_kinks(question)
    if not x.size:
        return ""
    f = question.activation
    got = answer(question, {name: x if name == "x" else np.ones_like(x) for name in question.operands})
    sides = {"right": f.gradient(x), "left": f.gradient(np.nextafter(x, -np.inf))}
    taken = [
        _taken(each, question, {side: float(v[k]) for side, v in sides.items()}) for k, each in enumerate(got)
    ]
    if len(set(taken)) == 1 and taken[0] in sides:
        return taken[0]
    return ", ".join(f"{side} at {point:g}" for side, point in zip(taken, x, strict=True))


def _taken(got: float, question: Question, sides: dict[str, float]) -> str:
    side = min(sides, key=lambda side: abs(got - sides[side]))
    if abs(got - sides[side]) <= NEAR * float(spacing(np.array(sides[side]), question.result)):
        return side
    return decimal(float(got), question.result)
