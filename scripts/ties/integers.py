"""Random integers, the same everywhere, and numbers of a format made of them."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256

from refacts.oracles import Format


class Integers:
    """SplitMix64 (Steele, Lea and Flood 2014), seeded by a name."""

    def __init__(self, name: str):
        self.state = int.from_bytes(sha256(name.encode()).digest()[:8], "big")

    def below(self, limit: int) -> int:
        """The next integer in [0, limit)."""
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return (z ^ (z >> 31)) % limit

    def number(self, fmt: Format, lowest: int, highest: int) -> float:
        """A number of the format, of either sign, with an exponent in [lowest, highest]."""
        scale = 2 ** (fmt.precision - 1)
        mantissa, exponent = scale + self.below(scale), lowest + self.below(highest - lowest + 1)
        size = float(Fraction(mantissa, scale) * Fraction(2) ** exponent)
        return size * (1 - 2 * self.below(2))
