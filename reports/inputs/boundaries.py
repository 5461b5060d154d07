"""Inputs of a wider format whose results lie beside a rounding boundary of a narrower one.

There a result that is first rounded to the wider format, or worked out in it, is rounded to the wrong side.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.rows import finite_patterns, to_format

from refacts.activation import Activation

STARTS = 256
LIVELY = 20.0


@lru_cache(maxsize=64)
def boundaries(activation: Activation, quantity: str, source: Format, result: Format) -> tuple[float, ...]:
    """Neighbouring inputs on either side of a midpoint of ``result``, beside some 256 points; sorted.

    quantity: "value" or "derivative". None where ``source`` is not the wider format.
    """
    if source.precision <= result.precision:
        return ()
    method: Callable[[Floats], Any] = activation if quantity == "value" else activation.gradient  # type: ignore[assignment,attr-defined]

    def function(ordinals: Any) -> Floats:
        return np.asarray(method(_value(source, ordinals)))

    rng = np.random.default_rng([source.bits, source.precision, result.bits, result.precision])
    dense = to_format(source, rng.uniform(-LIVELY, LIVELY, STARTS // 2))
    starts = np.concatenate([dense, finite_patterns(source, STARTS - len(dense), rng)])
    ordinals = np.copysign(source.bit_patterns(np.abs(starts)).astype(np.int64), starts).astype(np.int64)
    midpoints = _midpoints(function(ordinals), result)
    low, high, midpoints = _bracketed(function, ordinals, midpoints, source, result)
    for _ in range(source.bits):
        middle = low + (high - low) // 2
        below = _side(function(low), midpoints) == _side(function(middle), midpoints)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    last = int(source.bit_patterns(source.max))
    beside = np.clip(np.concatenate([low - 1, low, high, high + 1]), -last, last)
    return tuple(_value(source, np.unique(beside)).tolist())


def _value(fmt: Format, ordinals: Any) -> Floats:
    """That many representable steps above zero, or below."""
    return np.where(ordinals < 0, -1.0, 1.0) * fmt.decode(np.abs(ordinals).astype(np.uint64))


def _midpoints(y: Floats, fmt: Format) -> Floats:
    """Of the neighbours in the format around each y, or NaN where it has none."""
    with np.errstate(all="ignore"):
        exponents = np.clip(np.frexp(y)[1] - 1, fmt.emin, fmt.emax)
        spacing = np.ldexp(1.0, exponents - fmt.precision + 1)
        inside = np.isfinite(y) & (y != 0) & (np.abs(y) < fmt.max)
        return np.where(inside, (np.floor(np.abs(y) / spacing) + 0.5) * spacing * np.sign(y), np.nan)


def _side(y: Floats, midpoints: Floats) -> Any:
    return y < midpoints


def _bracketed(
    function: Callable[[Any], Floats], ordinals: Any, midpoints: Floats, source: Format, result: Format
) -> tuple[Any, Any, Floats]:
    """Two ordinals with the midpoint between their results, where widening steps meet such."""
    last = int(source.bit_patterns(source.max))
    low, high = ordinals.copy(), ordinals.copy()
    start, found = _side(function(ordinals), midpoints), np.isnan(midpoints)
    missing = found.copy()
    for bits in range(source.precision - result.precision + 4):
        for step in (-(2**bits), 2**bits):
            other = np.clip(ordinals + step, -last, last)
            y = function(other)
            crossed = (_side(y, midpoints) != start) & np.isfinite(y) & ~found
            low, high = np.where(crossed, ordinals, low), np.where(crossed, other, high)
            found |= crossed
    kept = found & ~missing
    return low[kept], high[kept], midpoints[kept]
