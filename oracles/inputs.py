"""Hard inputs of a format: everything it has, or a deterministic sample of where things break."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats, Format
from refacts.oracles.numbers.rounding import nearest

NEIGHBOURS = 64
SUBNORMALS = 256
MOST_AT_ONCE = 2**26


def all_values(fmt: Format, start: int = 0, stop: int | None = None) -> Floats:
    """Return the values of bit patterns ``start`` to ``stop`` (exclusive; by default all).

    In bit order, every NaN among them. ValueError for more than 2^26 at once or a range outside.
    """
    end = 2**fmt.bits if stop is None else stop
    if not 0 <= start <= end <= 2**fmt.bits:
        raise ValueError(f"start, stop: {start}, {end} are not within 0 ... 2^{fmt.bits}")
    if end - start > MOST_AT_ONCE:
        raise ValueError(f"stop - start: {end - start} values of {fmt.name}; at most 2^26 at once")
    return fmt.decode(np.arange(start, end, dtype=np.uint64))


def critical(fmt: Format, seed: int | np.random.Generator, points: Iterable[float] = ()) -> Floats:
    """Gather the format values where things break, each once, as a 1-d float64 array.

    First the edges (both zeros, infinities, NaNs, the smallest subnormals, the largest values and
    their neighbours), then the 64 neighbours either way of every one of ``points``, then a sample
    of subnormals. The same arguments give the same bits.
    """
    rng = np.random.default_rng(seed)
    return _distinct(
        np.concatenate([_edges(fmt), *(_around(fmt, point) for point in points), _subnormals(fmt, rng)])
    )


def hard(
    fmt: Format,
    count: int,
    seed: int,
    points: Iterable[float] = (),
    lively: tuple[float, float] = (-20.0, 20.0),
) -> Floats:
    """Draw ``count`` different format values as a 1-d float64 array, fewer if the format has fewer.

    First the ``critical`` ones; the rest half uniform over the bit patterns of finite values, half
    uniform in the interval ``lively`` rounded to the format. Where ``count`` is too small the later
    kinds are cut. The same arguments give the same bits; the order is that of the kinds, not of the
    values.
    """
    rng = np.random.default_rng(seed)
    found = critical(fmt, rng, points)
    if count > 2 ** (fmt.bits - 1):
        return _distinct(np.concatenate([found, _quiet(all_values(fmt))]))[:count]
    low, high = lively
    while len(found) < count:
        missing = count - len(found)
        dense = _representable(fmt, rng.uniform(low, high, missing - missing // 2))
        drawn = np.concatenate([_any_finite(fmt, rng, missing // 2 + 1), dense])
        found = _distinct(np.concatenate([found, drawn]))
    return found[:count]


def _distinct(values: Floats) -> Floats:
    """Drop repetitions (by bits, so both zeros stay), in order of first appearance."""
    _, first = np.unique(values.view(np.uint64), return_index=True)
    return values[np.sort(first)]


def _quiet(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _ordinals(fmt: Format, ordinals: npt.NDArray[np.int64]) -> Floats:
    """Go that many representable steps above zero (below where negative)."""
    return np.copysign(fmt.decode(np.abs(ordinals).astype(np.uint64)), ordinals)


def _last_finite(fmt: Format) -> int:
    return int(fmt.bit_patterns(fmt.max))


def _edges(fmt: Format) -> Floats:
    last = _last_finite(fmt)
    steps = np.array([1, 2, 3, last, last - 1, last - 2], dtype=np.int64)
    normal = int(fmt.bit_patterns(2.0**fmt.emin))
    around_normal = np.arange(normal - 2, normal + 3, dtype=np.int64)
    sizes = _ordinals(fmt, np.concatenate([steps, around_normal]))
    payload = fmt.decode(np.array([2**fmt.bits - 1, 2 ** (fmt.bits - 1) - 1], dtype=np.uint64))
    specials = np.array([0.0, -0.0, math.inf, -math.inf, math.nan])
    return np.concatenate([specials, sizes, -sizes, payload])


def _around(fmt: Format, point: float) -> Floats:
    near = nearest(Fraction(point), fmt)
    last = _last_finite(fmt)
    size = min(int(fmt.bit_patterns(abs(near))), last + 1)
    centre = -size if near < 0 else size
    steps = np.arange(-NEIGHBOURS, NEIGHBOURS + 1, dtype=np.int64)
    steps = steps[(centre + steps >= -last - 1) & (centre + steps <= last + 1)]
    return _ordinals(fmt, centre + steps)


def _subnormals(fmt: Format, rng: np.random.Generator) -> Floats:
    limit = 2 ** (fmt.precision - 1)
    steps = rng.integers(1, limit, SUBNORMALS, dtype=np.int64)
    return _ordinals(fmt, steps * rng.choice(np.array([-1, 1]), SUBNORMALS))


def _any_finite(fmt: Format, rng: np.random.Generator, count: int) -> Floats:
    last = _last_finite(fmt)
    return _ordinals(fmt, rng.integers(-last, last, count, dtype=np.int64, endpoint=True))


def _representable(fmt: Format, values: Floats) -> Floats:
    """Round to the format, for bfloat16 towards zero (a sample needs no more)."""
    if fmt.name == "bfloat16":
        return fmt.decode(values.astype(np.float32).view(np.uint32) >> 16)
    with np.errstate(over="ignore", under="ignore"):
        return values.astype(fmt.dtype).astype(np.float64)
