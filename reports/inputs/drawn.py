"""The inputs of a question: the hard ones, and samples drawn by a generator."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.inputs import critical
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.boundaries import boundaries
from refacts.reports.inputs.rows import (
    any_patterns,
    critical_rows,
    mixed_cotangents,
    mixed_entries,
    to_format,
)
from refacts.reports.inputs.thresholds import thresholds
from refacts.reports.quantities import gate, reduces
from refacts.reports.question import Batch, Question

LIVELY = 20.0  # |x| below which most functions live
WIDEST = 1000.0  # and beyond which none does
FALLING = ("softmin",)  # rows whose shares fall with x


def hard(question: Question) -> Batch:
    """Where a question is hard, the same for every seed: each x, or b, once with each kind of factors.

    The edges of the format, the neighbours of every threshold, subnormals, and beside rounding
    boundaries of a narrower format of the results. Other operands are 1, then special, then of any size.
    """
    return {name: values.copy() for name, values in _hard(question).items()}


@lru_cache(maxsize=32)
def _hard(question: Question) -> Batch:
    fmt = question.source
    x = critical(fmt, 0, _thresholds(question))
    beside = np.unique(np.array(_boundaries(question), dtype=np.float64))
    x = np.concatenate([x, beside[~np.isin(beside, x)]])
    turning, others = _roles(question)
    if not others:
        return {turning: x}
    rng = np.random.default_rng([fmt.bits, fmt.precision])
    found = {turning: np.tile(x, 3)}
    for name in others:
        kind, n = question.format_of(name), len(x)
        drawn = [np.ones(n), rng.choice(specials(kind), n), any_patterns(kind, n, rng)]
        found[name] = np.concatenate(drawn)
    return _in_order(question, found)


def drawn(question: Question, part: str, n: int, rng: np.random.Generator) -> Batch:
    """So many inputs: "uniform" over all bit patterns of each operand, or "dense" where the function lives.

    Of the dense ones half lie within 20 of 0, half between the outermost thresholds within 1000; other
    operands are N(0, 3), of any size or special.
    """
    turning, others = _roles(question)
    if part == "uniform":
        return {name: any_patterns(question.format_of(name), n, rng) for name in question.operands}
    found = {turning: _dense(question, n, rng)}
    for name in others:
        found[name] = factors(question.format_of(name), n, rng)
    return _in_order(question, found)


def hard_rows(question: Question, length: int) -> Batch:
    """The rows of 2 or 3 entries at which results turn, and their cotangents."""
    x = critical_rows(question.source, question.result, length)
    return _with_cotangents(question, x, np.random.default_rng([length, question.source.bits]), 0)


def drawn_rows(question: Question, n: int, length: int, rng: np.random.Generator, first: int = 0) -> Batch:
    """So many rows of one length, of all families, and their cotangents from the kind ``first`` on."""
    return _with_cotangents(question, mixed_entries(question.source, (n, length), rng), rng, first)


def _with_cotangents(question: Question, x: Floats, rng: np.random.Generator, first: int) -> Batch:
    if question.activation.spec.name in FALLING:
        x = -x
    found = {"x": x}
    for name in question.operands[1:]:
        g = mixed_cotangents(question.format_of(name), x.shape, rng, first)
        one = name == "g" and reduces(question.activation, "value")
        found[name] = g[:, 0].copy() if one else g
    return found


def _roles(question: Question) -> tuple[str, list[str]]:
    """The operand at which the function turns, and the others."""
    turning = "b" if question.kind == "gated" else "x"
    return turning, [name for name in question.operands if name != turning]


def _in_order(question: Question, found: Batch) -> Batch:
    return {name: found[name] for name in question.operands}


def _turns(question: Question) -> list[tuple[Any, str]]:
    """The function of x, or of b, and whether its value, its derivative or each enters the results.

    Both products of a gated unit have the inputs of both, as one file of inputs has.
    """
    if question.kind != "gated":
        return [(question.activation, "value" if question.quantity == "value" else "derivative")]
    of = ("value",) if question.quantity == "value" else ("value", "derivative")
    return [(gate(question.activation), each) for each in of]


def _thresholds(question: Question) -> list[float]:
    pair = question.source, question.result
    return [point for function, of in _turns(question) for point in thresholds(function, of, *pair)]


def _boundaries(question: Question) -> list[float]:
    pair = question.source, question.result
    return [point for function, of in _turns(question) for point in boundaries(function, of, *pair)]


def span(question: Question) -> tuple[float, float]:
    """From where to where the function lives: 20 about 0 at least, and all thresholds within 1000."""
    turns = [point for point in _thresholds(question) if abs(point) <= WIDEST]
    return min([-LIVELY, *turns]), max([LIVELY, *turns])


def _dense(question: Question, n: int, rng: np.random.Generator) -> Floats:
    near = rng.random(n) < 0.5
    x = np.where(near, rng.uniform(-LIVELY, LIVELY, n), rng.uniform(*span(question), n))
    return to_format(question.source, x)


def factors(fmt: Format, n: int, rng: np.random.Generator) -> Floats:
    """What multiplies a function: half N(0, 3), three eighths of any bit pattern, one eighth special."""
    kind = rng.random(n)
    normal = to_format(fmt, 3 * rng.standard_normal(n))
    special = rng.choice(specials(fmt), n)
    return np.where(kind < 0.5, normal, np.where(kind < 0.875, any_patterns(fmt, n, rng), special))


def specials(fmt: Format) -> Floats:
    """Small numbers, the ends of the format, infinities, zeros and NaN."""
    sizes = [0.0, 0.5, 1.0, 2.0, 3.0, fmt.max, 2.0**fmt.emin, fmt.smallest_subnormal, np.inf]
    return np.array([*sizes, *(-size for size in sizes), np.nan])
