"""Operands and results of different formats: inputs whose results are ties, or nearly."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from refacts.oracles import FORMATS, Format
from refacts.oracles.inputs import hard

from tests.edges import crossings
from tests.strategies import FORMAT_NAMES, turning_points

PAIRS = [pair for pair in product(FORMAT_NAMES, FORMAT_NAMES) if pair[0] != pair[1]]


def rounded(fmt: Format, x: Any) -> Any:
    """Float64 numbers rounded to a format, as float64."""
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(fmt.dtype).astype(np.float64)


def midpoints(fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """Float64 numbers half way between two of a format, of any size, subnormal, about 1, or of 9 bits.

    Of float64, its own numbers.
    """
    top = int(fmt.bit_patterns(fmt.max))
    sizes = np.minimum(np.abs(rng.normal(size=count)) * 3, fmt.max)
    kinds = [
        rng.integers(0, top, count),
        rng.integers(0, 1 << min(fmt.precision - 1, 40), count),
        fmt.bit_patterns(rounded(fmt, sizes)).astype(np.int64),
        fmt.bit_patterns(rounded(fmt, rng.integers(128, 256, count))).astype(np.int64),
    ]
    codes = np.minimum(rng.choice(np.concatenate(kinds), count), top - 1)
    low, high = fmt.decode(codes), fmt.decode(codes + 1)
    return (low if fmt.bits == 64 else low / 2 + high / 2) * rng.choice([-1, 1], count)


def points(kernel: Any, quantity: str, source: Format, target: Format, count: int, seed: int) -> Any:
    """x in the source: hard ones, midpoints of the target, and where f or f' crosses one."""
    drawn = _hard(source, turning_points(kernel), seed)
    ties = rounded(source, _ties(kernel, quantity == "value", target, count, seed))
    rng = np.random.default_rng([seed, count])
    return np.concatenate([drawn[:30], rng.permutation(drawn[30:])[:count], ties])


@cache
def _hard(source: Format, points: tuple[float | Fraction, ...], seed: int) -> Any:
    return hard(source, 13000, seed=seed, points=points)


@cache
def _ties(kernel: Any, of_values: bool, target: Format, count: int, seed: int) -> Any:
    """Midpoints of the target, and the float64 numbers where f or f' crosses one, whatever the source."""
    rng = np.random.default_rng(seed)
    ties = midpoints(target, count, rng)
    reached = crossings(kernel if of_values else kernel.gradient, np.concatenate([ties, -ties]), count, rng)
    near = [np.nextafter(reached, side * np.inf) for side in (-1, 1)]
    return np.concatenate([ties, reached, *near])


def cotangents(kernel: Any, x: Any, source: Format, target: Format, seed: int) -> Any:
    """g in the source for these x: hard ones, midpoints times 1, 2 or 4, and divided by f'(x)."""
    rng = np.random.default_rng(seed)
    ties = midpoints(target, x.size, rng)
    with np.errstate(all="ignore"):
        quotients = ties / kernel.gradient(x)
        for step in (1, -1):
            chosen = rng.random(x.size) < 0.3
            quotients[chosen] = np.nextafter(quotients[chosen], step * np.inf)
    quotients = np.where(np.isfinite(quotients), quotients, 1.0)
    drawn = rng.choice(hard(source, max(x.size, 200), seed=seed), x.size)
    which = rng.integers(0, 5, x.size)
    kinds = [drawn, ties, ties * 2, ties * 4, quotients]
    return rounded(source, np.choose(which, kinds))


def operands(
    kernel: Any, quantity: str, formats: tuple[str, str, str], count: int, seed: int
) -> tuple[Any, Any]:
    """x and g, or None, given the formats of x, of results and of g."""
    source, target, of_g = (FORMATS[name] for name in formats)
    x = points(kernel, quantity, source, target, count, seed)
    if quantity not in ("vjp", "jvp"):
        return source.encode(x), None
    return source.encode(x), of_g.encode(cotangents(kernel, x, of_g, target, seed + 1))
