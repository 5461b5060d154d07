"""Inputs that no floating-point function touched: bit patterns from a counter, seen as floats."""

from __future__ import annotations

from typing import Any, NamedTuple

import ml_dtypes
import numpy as np


class Layout(NamedTuple):
    """How a format lays out its bits: the sign, `exponent` bits, `mantissa` bits."""

    name: str
    dtype: Any
    exponent: int
    mantissa: int

    @property
    def bits(self) -> int:
        return 1 + self.exponent + self.mantissa

    @property
    def unsigned(self) -> Any:
        return np.dtype(f"uint{self.bits}")

    @property
    def bias(self) -> int:
        return (1 << (self.exponent - 1)) - 1

    @property
    def infinity(self) -> int:
        """The bits of +inf; with the sign masked out, larger ones are NaN."""
        return ((1 << self.exponent) - 1) << self.mantissa

    @property
    def minus_infinity(self) -> int:
        return self.infinity | 1 << (self.bits - 1)

    def floats(self, patterns: Any) -> Any:
        """The numbers with these bits."""
        return patterns.astype(self.unsigned).view(self.dtype)

    def canonical_bytes(self, floats: Any) -> bytes:
        """The bits, least byte first; every NaN has those of the positive quiet NaN."""
        patterns = np.ascontiguousarray(floats).reshape(-1).view(self.unsigned)
        magnitude = patterns & self.unsigned.type((1 << (self.bits - 1)) - 1)
        quiet = self.unsigned.type(self.infinity | 1 << (self.mantissa - 1))
        patterns = np.where(magnitude > self.unsigned.type(self.infinity), quiet, patterns)
        return patterns.astype(self.unsigned.newbyteorder("<")).tobytes()


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("float16", np.dtype(np.float16), 5, 10),
        Layout("bfloat16", np.dtype(ml_dtypes.bfloat16), 8, 7),
        Layout("float32", np.dtype(np.float32), 8, 23),
        Layout("float64", np.dtype(np.float64), 11, 52),
    )
}


def words(seed: int, count: int) -> Any:
    """SplitMix64 at `count` consecutive counters (Steele, Lea and Flood 2014); seeds do not overlap."""
    z = np.arange(count, dtype=np.uint64) + np.uint64(seed << 32)  # products wrap round at 2^64
    z = z * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def below(drawn: Any, limit: int, shift: int) -> Any:
    """Integers in [0, limit) from the bits of words above `shift`."""
    return (drawn >> np.uint64(shift)) % np.uint64(limit)


def moderate(layout: Layout, seed: int, count: int, lowest: int = -8, highest: int = 4) -> Any:
    """Bits of numbers of either sign with exponents from `lowest` to `highest`."""
    drawn, mantissas = words(seed, count), words(seed + 1, count)
    mantissa = mantissas & np.uint64((1 << layout.mantissa) - 1)
    exponent = below(drawn, highest - lowest + 1, 8) + np.uint64(layout.bias + lowest)
    sign = drawn & np.uint64(1)
    return sign << np.uint64(layout.bits - 1) | exponent << np.uint64(layout.mantissa) | mantissa


def beside_powers(layout: Layout, seed: int, count: int) -> Any:
    """Bits within 8 of those of powers of two, and so beside 1, 2, 4 and half an ulp of them."""
    patterns = moderate(layout, seed, count, -13, 14)
    powers = patterns & ~np.uint64((1 << layout.mantissa) - 1)
    return powers + below(words(seed + 2, count), 17, 8) - np.uint64(8)


def short(layout: Layout, seed: int, count: int) -> Any:
    """Bits of numbers with at most four leading ones in the mantissa: many of their results are ties."""
    kept = np.uint64((1 << (layout.mantissa - 4)) - 1)
    return moderate(layout, seed, count, -10, 7) & ~kept


def anything(layout: Layout, seed: int, count: int) -> Any:
    """Any bits: every exponent alike, subnormal numbers, infinities and NaN."""
    return words(seed, count) >> np.uint64(64 - layout.bits)


def mixed(layout: Layout, seed: int, count: int) -> Any:
    """Numbers of all four kinds, in turn."""
    kinds = [moderate, beside_powers, short, anything]
    drawn = [kind(layout, seed + 8 * k, count) for k, kind in enumerate(kinds)]
    return layout.floats(np.stack(drawn, -1).reshape(-1)[:count])


def rows(layout: Layout, seed: int, count: int, n: int) -> Any:
    """Rows of n: logits, every third with -inf among them, and every eleventh of any bits."""
    patterns = moderate(layout, seed, count * n).reshape(count, n)
    row = np.arange(count, dtype=np.uint64)[:, np.newaxis]
    masked = (words(seed + 2, count * n).reshape(count, n) % np.uint64(4) == 0) & (row % np.uint64(3) == 0)
    patterns = np.where(masked, np.uint64(layout.minus_infinity), patterns)
    wild = anything(layout, seed + 3, count * n).reshape(count, n)
    return layout.floats(np.where(row % np.uint64(11) == 10, wild, patterns))
