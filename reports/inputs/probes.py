"""Ordinary inputs at which definitions that go by one name differ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.rows import entries, finite_patterns, to_format
from refacts.reports.quantities import gate, reduces
from refacts.reports.question import Batch, Question

PROBES = 2000
SMALLEST, LARGEST = 1e-3, 30.0
LENGTH = 8  # of rows
_AROUND = 8  # neighbours either way of a kink
_FAMILIES = ("normal", "nearly one-hot", "normal", "equal", "normal", "wide")


def probes(question: Question, n: int = PROBES, seed: int = 0) -> Batch:
    """Finite operands of so many results: (n,), or rows of eight entries, about n of them together.

    Of x, or b: neighbours of the kinks, then six of ten log-uniform with 1e-3 <= |x| <= 30, two
    uniform with |x| <= 8, one at small integers and their halves, one uniform over finite bit
    patterns. Other operands are 1 at half the places and N(0, 1) elsewhere.
    """
    rng = np.random.default_rng([seed, question.source.bits, question.source.precision])
    if question.kind == "rowwise":
        return _rows(question, max(1, n // LENGTH), rng)
    turning = "b" if question.kind == "gated" else "x"
    function = gate(question.activation) if question.kind == "gated" else question.activation
    x = _turning(function, question.source, n, rng)
    found = {turning: x}
    for name in question.operands:
        if name != turning:
            factors = to_format(question.format_of(name), rng.standard_normal(n))
            found[name] = np.where(rng.random(n) < 0.5, 1.0, factors)
    return {name: found[name] for name in question.operands}


def _turning(function: Any, fmt: Format, n: int, rng: np.random.Generator) -> Floats:
    kinks = [_around(fmt, float(kink)) for kink in function.fact("kinks")]
    near = np.concatenate([*kinks, np.empty(0)])[: n // 4]
    rest = n - len(near)
    logarithms = rng.uniform(math.log(SMALLEST), math.log(LARGEST), rest)
    spread = np.exp(logarithms) * rng.choice([-1.0, 1.0], rest)
    kind = rng.permutation(np.arange(rest) % 10)
    x = np.select(
        [kind < 6, kind < 8, kind < 9],
        [spread, rng.uniform(-8, 8, rest), rng.integers(-16, 17, rest) / 2],
        finite_patterns(fmt, rest, rng),
    )
    return np.concatenate([near, to_format(fmt, x)])


def _around(fmt: Format, point: float) -> Floats:
    """The neighbours of a finite value of a format, or of one near it."""
    steps = np.arange(-_AROUND, _AROUND + 1)
    size = int(fmt.bit_patterns(to_format(fmt, np.array(abs(point)))))
    ordinals = (-size if point < 0 else size) + steps
    return np.where(ordinals < 0, -1.0, 1.0) * fmt.decode(np.abs(ordinals))


def _rows(question: Question, rows: int, rng: np.random.Generator) -> Batch:
    x = np.empty((rows, LENGTH))
    for k, family in enumerate(_FAMILIES):
        part = x[k :: len(_FAMILIES)]
        part[:] = entries(question.source, family, part.shape, rng)
    found = {"x": x}
    for name in question.operands[1:]:
        g = to_format(question.format_of(name), rng.standard_normal(x.shape))
        one = name == "g" and reduces(question.activation, "value")
        found[name] = g[:, 0].copy() if one else g
    return found
