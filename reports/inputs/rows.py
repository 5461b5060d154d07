"""Rows for row-wise activations, each made from (format, seed, index) alone."""

from __future__ import annotations

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats

FAMILIES = ("normal", "wide", "nearly one-hot", "equal", "with -inf")
LONGEST = 40


def row(fmt: Format, seed: int, index: int, length: int | None = None) -> tuple[Floats, Floats]:
    """Row ``index`` and its cotangent, float64 arrays of format values.

    Lengths go through 1 ... 40 (unless given), families through all five at each length:
    N(0, 3), uniform over the finite bit patterns, one entry far above the rest, equal values, and
    N(0, 3) with about a third of -inf. Cotangents are N(0, 1), finite bit patterns, or N(0, 1)
    with one infinite or NaN entry, in turn.
    """
    rng = np.random.default_rng([seed, fmt.bits, fmt.precision, index])
    n = 1 + (17 * index) % LONGEST if length is None else length
    family = FAMILIES[(index + index // LONGEST) % len(FAMILIES)]
    return _values(fmt, family, n, rng), _cotangent(fmt, index % 3, n, rng)


def _values(fmt: Format, family: str, n: int, rng: np.random.Generator) -> Floats:
    if family == "wide":
        return finite_patterns(fmt, n, rng)
    x = 3 * rng.standard_normal(n)
    if family == "nearly one-hot":
        x[rng.integers(n)] += rng.uniform(5, 60)
    if family == "equal":
        x[:] = x[0]
    if family == "with -inf":
        x[rng.random(n) < 1 / 3] = -np.inf
    return to_format(fmt, x)


def _cotangent(fmt: Format, kind: int, n: int, rng: np.random.Generator) -> Floats:
    if kind == 1:
        return finite_patterns(fmt, n, rng)
    g = to_format(fmt, rng.standard_normal(n))
    if kind == 2:
        g[rng.integers(n)] = rng.choice(np.array([np.inf, -np.inf, np.nan]))
    return g


def finite_patterns(fmt: Format, n: int, rng: np.random.Generator) -> Floats:
    """``n`` finite values uniform over their bit patterns."""
    last = int(fmt.bit_patterns(fmt.max))
    sizes = fmt.decode(rng.integers(0, last, n, dtype=np.uint64, endpoint=True))
    return np.where(rng.random(n) < 0.5, -sizes, sizes)


def any_patterns(fmt: Format, n: int, rng: np.random.Generator) -> Floats:
    """``n`` values uniform over all bit patterns, NaN and infinities among them."""
    return fmt.decode(rng.integers(0, 2**fmt.bits - 1, n, dtype=np.uint64, endpoint=True))


def to_format(fmt: Format, values: Floats) -> Floats:
    """Format values near ``values``; a sample needs no more."""
    if fmt.name == "bfloat16":
        return fmt.decode(values.astype(np.float32).view(np.uint32) >> 16)
    return values.astype(fmt.dtype).astype(np.float64)
