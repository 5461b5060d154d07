"""Finite inputs beside the kinks, on which definitions differ whatever is taken at kinks; and the kinks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from refacts.oracles import Format, nearest
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.rows import to_format
from refacts.reports.quantities import reduces
from refacts.reports.question import Batch, Question

LENGTH = 7  # of rows
_FAR = 32.0


def beside_kinks(question: Question, n: int, seed: int) -> Batch:
    """About ``n`` results' worth of finite operands, the same for the same arguments.

    Of x, or of b in a gated unit, half is N(0, 3), a third has exponents drawn uniformly from 2^-12 to
    2^5, and the rest crowds around kinks. Rows are N(0, 3) and of length 7. Other operands are N(0, 1), at
    least 2^-6 in magnitude.
    """
    rng = np.random.default_rng([seed, n, question.source.bits, question.output.precision])
    if question.kind == "rowwise":
        shape: tuple[int, ...] = (n // 4 if question.reduces else n // LENGTH, LENGTH)
        made = {"x": to_format(question.source, 3 * rng.standard_normal(shape))}
    else:
        shape = (n,)
        made = {"b" if question.kind == "gated" else "x": _points(question, n, rng)}
    for name in question.operands:
        if name not in made:
            drawn = rng.standard_normal(shape[:1] if _one_a_row(question, name) else shape)
            large = np.copysign(np.maximum(np.abs(drawn), 2.0**-6), drawn)
            made[name] = to_format(question.format_of(name), large)
    return {name: made[name] for name in question.operands}


def _one_a_row(question: Question, operand: str) -> bool:
    return operand == "g" and reduces(question.activation, "value")


def _points(question: Question, n: int, rng: np.random.Generator) -> Floats:
    size = np.exp2(rng.uniform(-12, 5, n // 3)) * rng.choice((-1.0, 1.0), n // 3)
    kinks = [0.0] if question.kind == "gated" else [float(k) for k in question.activation.fact("kinks")]
    near = [k * (1 + 0.5 * rng.standard_normal(n // 12)) for k in kinks[:2] if 0 < abs(k) < _FAR]
    drawn = np.concatenate([size, *near])
    x = np.concatenate([3 * rng.standard_normal(n - len(drawn)), drawn])
    x = to_format(question.source, np.clip(x, -_FAR, _FAR))
    return np.where(np.isin(x, kinks), 0.75 * x, x)  # there it is a matter of convention


def at_kinks(question: Question) -> Floats:
    """The kinks that are numbers of the source format."""
    return np.array([float(k) for k in question.activation.fact("kinks") if _held(k, question.source)])


def _held(point: float, fmt: Format) -> bool:
    return nearest(Fraction(point), fmt) == point
