"""Rows for row-wise activations: families of them, and the rows at which results turn."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats

FAMILIES = ("normal", "wide", "nearly one-hot", "equal", "with -inf")
COTANGENTS = ("normal", "wide", "special", "one-hot")
_MIXED = ("normal", "wide", "one-hot", "normal", "wide", "one-hot", "normal", "special")
_AROUND = 2  # neighbours either way of a gap at which a share turns


def entries(fmt: Format, family: str, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Rows (count, n) of a family.

    N(0, 3), uniform over the finite bit patterns, one entry far above the rest, equal values, and
    N(0, 3) with about a third of -inf.
    """
    if family == "wide":
        return finite_patterns(fmt, shape, rng)
    x = 3 * rng.standard_normal(shape)
    if family == "nearly one-hot":
        x[np.arange(shape[0]), rng.integers(shape[1], size=shape[0])] += rng.uniform(5, 60, shape[0])
    if family == "equal":
        x[:] = x[:, :1]
    if family == "with -inf":
        x[rng.random(shape) < 1 / 3] = -np.inf
    return to_format(fmt, x)


def cotangents(fmt: Format, kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Cotangents or tangents (count, n) of a kind.

    N(0, 1), uniform over the finite bit patterns, N(0, 1) with one infinite or NaN entry, 1 at one entry.
    """
    if kind == "wide":
        return finite_patterns(fmt, shape, rng)
    g = to_format(fmt, rng.standard_normal(shape)) if kind != "one-hot" else np.zeros(shape)
    if kind in ("special", "one-hot"):
        chosen = np.array([np.inf, -np.inf, np.nan] if kind == "special" else [1.0])
        g[np.arange(shape[0]), rng.integers(shape[1], size=shape[0])] = rng.choice(chosen, shape[0])
    return g


def mixed_entries(fmt: Format, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Rows (count, n), the families in turn."""
    x = np.empty(shape)
    for k, family in enumerate(FAMILIES):
        x[k :: len(FAMILIES)] = entries(fmt, family, x[k :: len(FAMILIES)].shape, rng)
    return x


def mixed_cotangents(fmt: Format, shape: tuple[int, int], rng: np.random.Generator, first: int = 0) -> Floats:
    """Cotangents (count, n), of another kind after each round of families; ``first`` is where it starts."""
    g = np.empty(shape)
    turn = (np.arange(shape[0]) // len(FAMILIES) + first) % len(_MIXED)
    for k, kind in enumerate(_MIXED):
        g[turn == k] = cotangents(fmt, kind, (int((turn == k).sum()), shape[1]), rng)
    return g


def critical_rows(fmt: Format, result: Format, length: int) -> Floats:
    """Rows of 2 or 3 entries: gaps at which a share turns, and all pairs of special values.

    Where e^-gap ends to count beside 1, is subnormal or rounds to 0 in the format ``result``, and
    where an entry leaves the support of sparsemax.
    """
    log2 = math.log(2)
    bits = (result.precision, result.precision + 1, -result.emin, result.precision - result.emin)
    turns = (1.0, 0.5, *(count * log2 for count in bits))
    steps = np.arange(-_AROUND, _AROUND + 1)
    gaps = np.unique([fmt.decode(fmt.bit_patterns(to_format(fmt, np.array(t))) + steps) for t in turns])
    tops = to_format(fmt, np.array([0.0, 1.0, 90.5]))
    pairs = to_format(fmt, np.array([(top, top - gap) for top, gap in product(tops, gaps)]))
    tiny = fmt.smallest_subnormal
    specials = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, fmt.max, -fmt.max, tiny, -tiny)
    special = np.array(list(product(specials, repeat=2)))
    if length == 2:
        return np.concatenate([pairs, pairs[:, ::-1], special])
    nothing, half = np.full(len(pairs), -np.inf), np.full(len(special), 0.5)
    thirds = [(pairs, pairs[:, 0]), (pairs, nothing), (special, half)]
    return np.concatenate([np.column_stack([two, one]) for two, one in thirds])


def finite_patterns(fmt: Format, shape: int | tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Finite values uniform over their bit patterns."""
    last = int(fmt.bit_patterns(fmt.max))
    sizes = fmt.decode(rng.integers(0, last, shape, dtype=np.uint64, endpoint=True))
    return np.where(rng.random(shape) < 0.5, -sizes, sizes)


def any_patterns(fmt: Format, shape: int | tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Values uniform over all bit patterns, NaN and infinities among them."""
    return fmt.decode(rng.integers(0, 2**fmt.bits - 1, shape, dtype=np.uint64, endpoint=True))


def to_format(fmt: Format, values: Floats) -> Floats:
    """Values rounded to a format, to the nearest, ties to even."""
    with np.errstate(all="ignore"):
        if fmt.name != "bfloat16":
            return values.astype(fmt.dtype).astype(np.float64)
        unit = np.maximum(np.frexp(values)[1], fmt.emin + 1) - fmt.precision
        rounded = np.ldexp(np.rint(np.ldexp(values, -unit)), unit)
        return np.where(np.abs(rounded) > fmt.max, np.copysign(np.inf, values), rounded)
