"""Operands whose results lie beside the top and the bottom of a format.

The edges are the largest number, the boundary beyond which results round to infinity, the smallest normal
and subnormal number, and two ties: half of the latter, and 3/2 of it. Beside one: within 2^-20 of it,
relatively. The 16-bit formats have few products that near; there the operands are some whose products lie
within 8 units of the last place, and the few are told apart: tests count them alone.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from mpmath import libmp
from refacts.oracles import Format, Reference
from refacts.oracles.inputs import hard

from refacts import oracles
from tests.strategies import turning_points

NEAR = 2.0**-20
BOTTOM = [edge / g for edge in (0.5, 1, 1.5) for g in (1, 2, 3, 4, 5, 7, 64, 3.0 * 2**30)]
TOP = [1 / g for g in (1, 1 - 2.0**-24, 0.9375, 0.875, 0.75, 0.5, 2.0**-30)]
LEVELS = np.unique([sign * level for level in (*BOTTOM, *TOP) for sign in (-1, 1)])  # of derivatives


class Size(NamedTuple):
    """Reals m·2^e, 1/2 <= |m| < 1, as two arrays; no exponent is too large."""

    m: Any
    e: Any

    @classmethod
    def of(cls, x: Any) -> Size:
        m, e = np.frexp(x)
        return cls(m, e.astype(np.int64))

    def __mul__(self, other: Size) -> Size:  # type: ignore[override]
        m, e = np.frexp(self.m * other.m)
        return Size(m, e + self.e + other.e)

    def __truediv__(self, other: Size) -> Size:
        with np.errstate(divide="ignore", invalid="ignore"):
            m, e = np.frexp(self.m / other.m)
        return Size(m, e + self.e - other.e)

    def __getitem__(self, key: Any) -> Size:
        return Size(self.m[key], self.e[key])

    def float64(self) -> Any:
        """The nearest float64, the largest one for what is beyond."""
        with np.errstate(all="ignore"):
            y = np.ldexp(self.m, np.clip(self.e, -1200, 1100).astype(np.intc))
        return np.clip(y, -np.finfo(float).max, np.finfo(float).max)


def edges(fmt: Format) -> Size:
    p, top, bottom = fmt.precision, fmt.emax + 1, fmt.emin - fmt.precision + 1
    m = np.array([1 - 2.0**-p, 1 - 2.0 ** -(p + 1), 0.5, 0.5, 0.5, 0.75])
    return Size(m, np.array([top, top, fmt.emin + 1, bottom + 1, bottom, bottom + 1]))


def apart(size: Size, edge: Size) -> Any:
    """The relative distance, whatever the signs."""
    ratio = abs(size.m / edge.m)
    with np.errstate(all="ignore"):
        ratio = np.ldexp(ratio, np.clip(size.e - edge.e, -100, 100).astype(np.intc))
    return np.abs(ratio - 1)


def beside_an_edge(size: Size, fmt: Format, near: float = NEAR) -> Any:
    found = [apart(size, Size(m, e)) <= near for m, e in zip(*edges(fmt), strict=True)]
    return np.any(found, axis=0)


def kept(products: tuple[Size, ...], fmt: Format, count: int, *columns: Any) -> Any:
    """Operands with a product beside an edge or nearly so, and a column of 1 for beside and 0 for nearly."""
    nearly = max(NEAR, 2.0 ** (4 - fmt.precision))
    beside, chosen = (
        np.any([beside_an_edge(product, fmt, near) for product in products], axis=0)
        for near in (NEAR, nearly)
    )
    return distinct(count, *(column[chosen] for column in (*columns, beside.astype(float))))


def exact_size(real: Any) -> tuple[float, int]:
    """A real of the oracle's as m and e; 0 where its digits are not known."""
    if real is None:
        return 0.0, 0
    if hasattr(real, "_mpf_"):
        m, e = libmp.mpf_frexp(real._mpf_)
        return libmp.to_float(m), e
    if not real:
        return 0.0, 0
    e = real.numerator.bit_length() - real.denominator.bit_length()
    return float(real / Fraction(2) ** e), e


def sizes_of(reals: list[Any]) -> Size:
    m, e = zip(*map(exact_size, reals), strict=True)
    size = Size.of(np.array(m))
    return Size(size.m, size.e + np.array(e))


def size_of_results(reference: Reference) -> Size:
    """What the results of an oracle are before they are rounded; 0 for those that are none or infinite."""
    ulp = Size.of(reference.ulp)
    finite = np.isfinite(reference.rounded) & np.isfinite(reference.ulp)
    units = np.where(finite, reference.rounded, 0) / np.where(finite, reference.ulp, 1)
    return Size.of(np.where(finite, units + reference.residual, 0)) * ulp


def to_format(fmt: Format, x: Any) -> Any:
    """Float64 numbers as finite ones of a format, to a unit or so, none of them 0."""
    size = np.clip(np.abs(x), fmt.smallest_subnormal, fmt.max)
    with np.errstate(all="ignore"):
        y = np.minimum(size.astype(fmt.dtype).astype(np.float64), fmt.max)
    return np.copysign(y, x)


def moved(fmt: Format, x: Any, steps: Any) -> Any:
    """The number that many bit patterns further from 0, or nearer; finite and not 0."""
    codes = fmt.bit_patterns(np.abs(x)).astype(np.int64) + steps
    return np.copysign(fmt.decode(np.clip(codes, 1, int(fmt.bit_patterns(fmt.max)))), x)


def steps(fmt: Format, rng: np.random.Generator, count: int) -> Any:
    """Moves of up to 2^-20, half of them of at most 3 patterns, which lie around a tie."""
    widest = max(fmt.precision - 21, 1)
    sizes = rng.integers(0, 2 ** rng.integers(1, widest + 1, count))
    near = rng.integers(-3, 4, count)
    return np.where(rng.random(count) < 0.5, near, rng.choice([-1, 1], count) * sizes)


def points(kernel: Any, fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """Arguments of all kinds: tiny, ordinary, far out, and where the kernel turns."""
    tiny = fmt.smallest_subnormal * np.array([1.0, 2.0, 3.0, 5.0, 2.0**20])
    tiny = to_format(fmt, np.concatenate([tiny, [1e-40, 2.0**-1022, 2.0**-60, 2.0**-30, 1e-5]]))
    drawn = hard(fmt, 18000, seed=11, points=turning_points(kernel), lively=(-9.0, 9.0))
    drawn = rng.permutation(drawn[np.isfinite(drawn)])
    return np.concatenate([tiny, -tiny, drawn])[:count]


def slopes(kernel: Any, x: Any) -> Size:
    """f'(x), nearly; 0 where that is known, and where nothing but its limit is."""
    name, parameters = kernel.spec.name, kernel.parameters
    form = oracles.FORMATS["float64"]
    return sizes_of([oracles.exact(name, "derivative", v, form, parameters).real for v in x.tolist()])


def cotangents(kernel: Any, fmt: Format, x: Any, count: int, rng: np.random.Generator) -> Any:
    """Of these x, with g that make g·f'(x) lie beside an edge."""
    slope = slopes(kernel, x)
    reached = []
    for m, e in zip(*edges(fmt), strict=True):
        g = to_format(fmt, (Size(m, e) / slope).float64())
        near = (slope.m != 0) & (apart(Size.of(g) * slope, Size(m, e)) <= 2.0**-3)
        reached += list(zip(np.flatnonzero(near).tolist(), g[near].tolist(), strict=True))
    if not reached:
        return x[:0], x[:0], x[:0]
    places, every_g = map(np.array, zip(*reached, strict=True))
    for draws in (3 * count, 10 * count):  # more where many are the same
        chosen = rng.integers(0, places.size, draws)
        g = moved(fmt, every_g[chosen], steps(fmt, rng, draws)) * rng.choice([-1.0, 1.0], draws)
        at = places[chosen]
        found = kept((Size.of(g) * slope[at],), fmt, count, x[at], g)
        if found[0].size == count:
            break
    return found


def distinct(count: int, *columns: Any) -> Any:
    """At most so many different rows of these columns."""
    rows = np.unique(np.stack(columns, 1).view(np.int64), axis=0).view(np.float64)
    if len(rows) > count:
        rows = rows[np.sort(np.random.default_rng(0).permutation(len(rows))[:count])]
    return tuple(np.ascontiguousarray(column) for column in rows.T)


def scaled_cotangents(kernel: Any, fmt: Format, x: Any, count: int, rng: np.random.Generator) -> Any:
    """Any of these x, with g whose product with a parameter lies beside an edge, whatever f'(x) is."""
    factors = [abs(Fraction(q)) for q in kernel.parameters.values() if q]
    if not factors:
        return x[:0], x[:0], x[:0]
    x = rng.choice(x, 2 * count)
    factor = sizes_of(factors)[rng.integers(0, len(factors), x.size)]
    edge = edges(fmt)[rng.integers(0, edges(fmt).m.size, x.size)]
    g = moved(fmt, to_format(fmt, (edge / factor).float64()), steps(fmt, rng, x.size))
    return kept((Size.of(g) * factor,), fmt, count, x, g * rng.choice([-1.0, 1.0], x.size))


def crossings(f: Callable[[Any], Any], levels: Any, most: int, rng: np.random.Generator) -> Any:
    """Float64 x at which f crosses levels, to the last bit; f takes and returns float64 arrays."""
    return crossed(f, levels, most, rng)[0]


def crossed(f: Callable[[Any], Any], levels: Any, most: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """The same, and the level that each x crosses."""
    far = np.linspace(1, float(0x7FE0_0000_0000_0000), 3000).astype(np.int64)
    sizes = np.concatenate([[0], far, *(rng.uniform(0, top, 600).view(np.int64) for top in (9, 800))])
    order = np.unique(np.concatenate([-sizes, sizes]))
    above = f(_decoded(order))[:, np.newaxis] > np.asarray(levels)
    place, which = np.nonzero(above[1:] != above[:-1])
    chosen = rng.permutation(place.size)[:most]
    place, which = place[chosen], which[chosen]
    low, high, up = order[place], order[place + 1], above[place + 1, which]
    while (high - low > 1).any():
        middle = low + (high - low) // 2
        beyond = (f(_decoded(middle)) > np.asarray(levels)[which]) == up
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return _decoded(high), np.asarray(levels)[which]


@cache
def all_crossings(kernel: Any, quantity: str) -> tuple[Any, Any]:
    """Where values or derivatives cross the edges of any format, or a derivative one of LEVELS."""
    f = kernel if quantity == "value" else kernel.gradient
    found = np.concatenate([edges(fmt).float64() for fmt in oracles.FORMATS.values()])
    levels = np.unique(np.concatenate([found, -found, LEVELS if quantity == "derivative" else []]))
    return crossed(f, levels, 100_000, np.random.default_rng(0))


def some_crossings(kernel: Any, quantity: str, levels: Any, most: int, rng: np.random.Generator) -> Any:
    x, reached = all_crossings(kernel, quantity)
    return rng.permutation(x[np.isin(reached, levels)])[:most]


def _decoded(order: Any) -> Any:
    """Float64 by their place in order, 0 for 0."""
    return np.copysign(np.abs(order).view(np.float64), order)


def arguments(kernel: Any, fmt: Format, quantity: str, count: int, rng: np.random.Generator) -> Any:
    """x at which the value or the derivative is an edge, or whose product with a parameter is one."""
    edge = edges(fmt)
    levels = edge.float64()
    found = [some_crossings(kernel, quantity, np.concatenate([levels, -levels]), 60, rng)]
    found += [(edge / sizes_of([abs(Fraction(q))])).float64() for q in (1, *kernel.parameters.values()) if q]
    x = rng.choice(to_format(fmt, np.concatenate(found)), 2 * count)
    return distinct(count, moved(fmt, x, steps(fmt, rng, x.size)) * rng.choice([-1.0, 1.0], x.size))[0]


def places(kernel: Any, fmt: Format, count: int, rng: np.random.Generator) -> Any:
    """Arguments of all kinds, half of them where the derivative takes a small number of g to an edge."""
    x = to_format(fmt, some_crossings(kernel, "derivative", LEVELS, count // 8 + 8, rng))
    if x.size:
        x = rng.choice(x, count // 2)
        x = moved(fmt, x, steps(fmt, rng, x.size))
    return np.concatenate([points(kernel, fmt, count - x.size, rng), x])
