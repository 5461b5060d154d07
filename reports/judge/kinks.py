"""Kinks: where any value between the two one-sided derivatives is right."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from mpmath import libmp
from refacts.oracles import DEFINITIONS, nearest
from refacts.oracles.numbers.formats import Floats
from refacts.oracles.numbers.precision import at
from refacts.reports.quantities import gate
from refacts.reports.question import Batch, Question

_BESIDE = Fraction(1, 2**300)  # closer to a kink than any format's number
_BITS, _SHORT = 1000, 200
_FACTORS = {"vjp": ("g",), "jvp": ("v",), "vjp_b": ("g", "a")}  # of the derivative, by quantity


def at_kinks(question: Question, batch: Batch) -> Any:
    """Where a result is a derivative at a kink times finite factors."""
    name = "b" if question.kind == "gated" else "x"
    if question.kind == "rowwise":
        rows, length = batch[name].shape
        return np.zeros(rows * question.results(length), bool)
    if question.quantity in ("value", "vjp_a"):
        return np.zeros(batch[name].size, bool)
    found = np.isin(batch[name], [float(kink) for kink in _kinks(question)]).ravel()
    for factor in batch.values():
        found &= np.isfinite(factor).ravel()
    return found


def between(question: Question, batch: Batch, places: Any) -> tuple[Floats, Floats]:
    """The least and the largest result between those of the one-sided derivatives, each rounded."""
    ends = np.array([_ends(question, {k: float(v[i]) for k, v in batch.items()}) for i in places])
    ends = ends.reshape(-1, 2)
    return ends.min(axis=1), ends.max(axis=1)


def of_the_left(question: Question, batch: Batch, places: Any) -> Floats:
    """The results of the derivative from the left, rounded."""
    ends = [_ends(question, {k: float(v[i]) for k, v in batch.items()})[0] for i in places]
    return np.array(ends, dtype=np.float64)


def sides(question: Question, batch: Batch, computed: Floats) -> dict[tuple[float, str], int]:
    """How many results at each kink are the "left" or "right" derivative's, or lie "between" them."""
    found: dict[tuple[float, str], int] = {}
    points = batch["b" if question.kind == "gated" else "x"].ravel()
    for i in np.flatnonzero(at_kinks(question, batch)):
        left, right = _ends(question, {name: float(values[i]) for name, values in batch.items()})
        if left != right:
            taken = {left: "left", right: "right"}.get(computed[i], "")
            inside = min(left, right) < computed[i] < max(left, right)
            key = (float(points[i]), taken or ("between" if inside else "outside"))
            found[key] = found.get(key, 0) + 1
    return found


def described(found: dict[tuple[float, str], int]) -> str:
    """Which side a target takes, in words; empty where there is no kink to take one at."""
    where = {"left": "from the left", "right": "from the right", "between": "between the two",
             "outside": "not between the two"}  # fmt: skip
    taken: dict[float, list[str]] = {}
    for point, side in sorted(found):
        taken.setdefault(point, []).append(where[side])
    parts = [f"{' or '.join(words)} at {point:g}" for point, words in taken.items()]
    return f"takes the derivative {', '.join(parts)}" if parts else ""


def _kinks(question: Question) -> tuple[Any, ...]:
    return tuple(_function(question).fact("kinks"))


def _function(question: Question) -> Any:
    """What has the kinks: the activation, or the f of a gated unit a f(b)."""
    return gate(question.activation) if question.kind == "gated" else question.activation


def _ends(question: Question, operands: dict[str, float]) -> tuple[float, float]:
    """The result with the derivative from the left, and with that from the right."""
    f = _function(question)
    x = operands["b" if question.kind == "gated" else "x"]
    left, right = _derivative(f, Fraction(x) - _BESIDE), _derivative(f, Fraction(x) + _BESIDE)
    if question.kind == "gated" and question.quantity == "jvp":
        plus = Fraction(operands["v_a"]) * Fraction(float(f(x)))
        factors = [operands["a"], operands["v_b"]]
    else:
        plus, factors = Fraction(0), [operands[name] for name in _FACTORS.get(question.quantity, ())]
    product = math.prod(map(Fraction, factors), start=Fraction(1))
    return nearest(plus + product * left, question.result), nearest(plus + product * right, question.result)


@cache
def _derivative(f: Any, x: Fraction) -> Fraction:
    """The textbook derivative at x, to some hundred digits."""
    definition = DEFINITIONS[f.spec.name]
    if definition.rational:
        exactly = {key: Fraction(number) for key, number in f.parameters.items()}
        return Fraction(definition.derivative(None, x, **exactly))
    precision = at(_BITS)
    numbers = {key: precision.number(number) for key, number in f.parameters.items()}
    found = definition.derivative(precision, precision.number(x), **numbers)
    if isinstance(found, int):
        return Fraction(found)
    short = libmp.mpf_pos(found._mpf_, _SHORT, "n")  # what e^-2^-300 differs from 1 by is gone
    return Fraction(*libmp.to_rational(short))
