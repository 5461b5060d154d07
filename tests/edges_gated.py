"""Operands of gated units, and of PReLU's products by weights, whose results lie beside an edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from refacts.oracles import Format

from refacts import oracles
from tests.edges import Size, edges, kept, moved, places, sizes_of, steps, to_format

SHARES = (0.0, 0.5, 1.0, 2.0, -1.0, -(2.0**10), 2.0**-60, 1 - 2.0**-30)  # of the first term in a sum


def at(kernel: Any, quantity: str, b: Any) -> Size:
    """f(b) or f'(b) of a gate, nearly; 0 where it is 0, and where nothing but that limit is known."""
    name, form = kernel.gate.f.spec.name, oracles.FORMATS["float64"]
    return sizes_of([oracles.exact(name, quantity, v, form).real for v in b.tolist()])


def plus(p: Size, q: Size) -> Size:
    top = np.maximum(np.where(p.m == 0, q.e, p.e), np.where(q.m == 0, p.e, q.e))
    m = sum(np.ldexp(s.m, np.clip(s.e - top, -1000, 0).astype(np.intc)) for s in (p, q))
    size = Size.of(m)
    return Size(size.m, size.e + top)


def random_edges(fmt: Format, count: int, rng: np.random.Generator) -> Size:
    return edges(fmt)[rng.integers(0, edges(fmt).m.size, count)]


def ordinary(fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """Numbers of all magnitudes and both signs, a third beside an edge."""
    last = int(fmt.bit_patterns(fmt.max))
    x = fmt.decode(rng.integers(1, last, count, endpoint=True))
    edge = moved(fmt, to_format(fmt, random_edges(fmt, count, rng).float64()), steps(fmt, rng, count))
    return np.where(rng.random(count) < 1 / 3, edge, x) * rng.choice([-1.0, 1.0], count)


def reaching(fmt: Format, wanted: Size, factor: Size, rng: np.random.Generator) -> Any:
    """Numbers whose product with a factor is about what is wanted."""
    x = to_format(fmt, (wanted / factor).float64())
    return np.where(factor.m == 0, 1.0, moved(fmt, np.nan_to_num(x, nan=1.0), steps(fmt, rng, x.size)))


def gates(kernel: Any, fmt: Format, count: int, rng: np.random.Generator) -> tuple[Any, Size, Size]:
    """b of all kinds, each a number of times, with f(b) and f'(b)."""
    b = np.unique(places(kernel.gate.f, fmt, count // 16 + 60, rng))
    chosen = rng.integers(0, b.size, count)
    return b[chosen], at(kernel, "value", b)[chosen], at(kernel, "derivative", b)[chosen]


def two_factors(kernel: Any, fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """b and a with a·f(b) beside an edge."""
    b, f, _ = gates(kernel, fmt, 4 * count, rng)
    a = reaching(fmt, random_edges(fmt, b.size, rng), f, rng) * rng.choice([-1.0, 1.0], b.size)
    return kept((Size.of(a) * f,), fmt, count, b, a)


def three_factors(kernel: Any, fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """b, a and g with g·a·f'(b) beside an edge, or g·a, or a·f'(b)."""
    b, _, slope = gates(kernel, fmt, 6 * count, rng)
    signs = rng.choice([-1.0, 1.0], b.size)
    a = ordinary(fmt, b.size, rng)
    edge, kind = random_edges(fmt, b.size, rng), rng.integers(0, 4, b.size)
    a = np.where(kind == 0, reaching(fmt, edge, slope, rng), a)
    ones = Size.of(np.ones(b.size))
    other = Size(*(np.where(kind == 1, one, part) for one, part in zip(ones, slope, strict=True)))
    g = np.where(kind == 0, ordinary(fmt, b.size, rng), reaching(fmt, edge, Size.of(a) * other, rng)) * signs
    products = (Size.of(a) * slope, Size.of(a) * Size.of(g), Size.of(a) * Size.of(g) * slope)
    return kept(products, fmt, count, b, a, g)


def sums(kernel: Any, fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """b, a and tangents g and v with g·f(b) + v·a·f'(b) beside an edge; either term may be beyond it."""
    b, f, slope = gates(kernel, fmt, 6 * count, rng)
    edge, share = random_edges(fmt, b.size, rng), Size.of(rng.choice(SHARES, b.size))
    g = reaching(fmt, edge * share, f, rng)
    g = np.where((share.m == 0) & (rng.random(b.size) < 0.5), 0.0, g)
    first = Size.of(g) * f
    a = ordinary(fmt, b.size, rng)
    v = reaching(fmt, plus(edge, Size(-first.m, first.e)), Size.of(a) * slope, rng)
    return kept((plus(first, Size.of(a) * Size.of(v) * slope),), fmt, count, b, a, g, v)


def weight_products(fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """x < 0 and g with g·x beside an edge."""
    x = -np.abs(ordinary(fmt, 6 * count, rng))
    g = reaching(fmt, random_edges(fmt, x.size, rng), Size.of(x), rng) * rng.choice([-1.0, 1.0], x.size)
    return kept((Size.of(x) * Size.of(g),), fmt, count, x, g)
