"""Powers of e in fixed point, a million at a time.

A power is a product of tabulated ones, one for the whole part of the exponent and one for each of
its next six digits of 8 bits, and of a Taylor series for what is left, less than 2^-48. All are
integers in units of 2^-bits, and none is above 1: a floor is off by less than one unit, an entry of
a table too, and a product by what its two factors are off by and one unit more. So the exponent adds
1, each of the seven entries 2 and the series, with three floors and a next term of 2^-192 / 24, less
than 5 to what a power is off by: less than OFF together.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from mpmath import libmp
from refacts.oracles.numbers.precision import START_BITS

GUARD = 32
OFF = 32
DIGIT, DIGITS = 8, 6
TABULATED = START_BITS + GUARD
WHOLE = 134  # e^-133.5 is less than one unit of 2^-192


def powers(points: Iterable[float], lead: float, bits: int) -> list[int]:
    """Return e^(a - lead) 2^bits for every a <= lead of ``points``, each off by less than OFF.

    From tables where ``bits`` is TABULATED, from mpmath otherwise.
    """
    if bits != TABULATED:
        top = libmp.from_float(lead)
        return [_power(libmp.mpf_sub(libmp.from_float(a), top), lead - a, bits) for a in points]
    top = _fixed(lead)
    return [_tabulated(top - _fixed(a)) if lead - a < WHOLE - 0.5 else 0 for a in points]


def _power(exponent: tuple[int, int, int, int], size: float, bits: int) -> int:
    if size > bits:
        return 0
    return int(libmp.to_fixed(libmp.mpf_exp(exponent, bits + GUARD, "n"), bits))


def _fixed(number: float) -> int:
    top, bottom = number.as_integer_ratio()
    return (top << TABULATED) >> (bottom.bit_length() - 1)


@cache
def _tables() -> tuple[list[int], ...]:
    """e^-k for whole k, then e^(-k / 2^8), e^(-k / 2^16), ..."""
    steps = [(WHOLE, 0), *((2**DIGIT, -DIGIT * level) for level in range(1, DIGITS + 1))]
    return tuple([_entry(k, exponent) for k in range(count)] for count, exponent in steps)


def _entry(k: int, exponent: int) -> int:
    power = libmp.mpf_exp(libmp.from_man_exp(-k, exponent), TABULATED + GUARD, "n")
    return int(libmp.to_fixed(power, TABULATED))


def _tabulated(t: int) -> int:
    b = TABULATED
    whole, d1, d2, d3, d4, d5, d6 = _tables()
    p = whole[t >> b] * d1[t >> b - 8 & 255] >> b
    p = p * d2[t >> b - 16 & 255] >> b
    p = p * d3[t >> b - 24 & 255] >> b
    p = p * d4[t >> b - 32 & 255] >> b
    p = p * d5[t >> b - 40 & 255] >> b
    p = p * d6[t >> b - 48 & 255] >> b
    r = t & (1 << b - 48) - 1
    one = 1 << b
    return p * (one - (r * (one - (r * (one - r // 3) >> b + 1)) >> b)) >> b
