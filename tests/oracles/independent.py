"""What the oracle is held against: rounding by bisection over bit patterns, and Arb enclosures."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
from refacts.oracles import Format

FAR = Fraction(2) ** 2100  # beyond every format; 1 / FAR is below half of every subnormal


def fraction_of(fmt: Format, pattern: int) -> Fraction:
    """The value of a non-negative pattern; infinity's pattern stands for 2^(emax+1)."""
    mantissa_bits = fmt.precision - 1
    exponent, fraction = pattern >> mantissa_bits, pattern % 2**mantissa_bits
    if exponent:
        fraction += 2**mantissa_bits
    return fraction * Fraction(2) ** (fmt.emin - mantissa_bits + max(exponent - 1, 0))


def bisected(real: Fraction, fmt: Format) -> float:
    """Nearest, ties to the even pattern, found among the patterns from 0 to infinity."""
    size, low = abs(real), 0
    infinity = (2 ** (fmt.bits - fmt.precision) - 1) << (fmt.precision - 1)
    high = infinity
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fraction_of(fmt, middle) <= size else (low, middle)
    below, above = size - fraction_of(fmt, low), fraction_of(fmt, high) - size
    chosen = low if below < above or (below == above and low % 2 == 0) else high
    found = math.inf if chosen == infinity else float(fraction_of(fmt, chosen))
    return -found if real < 0 else found


def arb(number: Any) -> flint.arb:
    """An int, float, Fraction or mpf as an Arb ball (exact but for Fractions)."""
    if hasattr(number, "_mpf_"):
        sign, man, exp, _ = number._mpf_
        return flint.arb(-int(man) if sign else int(man)) * flint.arb(2) ** flint.fmpz(exp)
    if isinstance(number, Fraction):
        return flint.arb(number.numerator) / flint.arb(number.denominator)
    return flint.arb(number)


def _end(ball: flint.arb) -> Fraction:
    """An exact ball as a Fraction, moved to +-FAR or +-1/FAR where it is farther out."""
    man, exp = (int(part) for part in ball.man_exp())
    if not man:
        return Fraction(0)
    sign = 1 if man > 0 else -1
    if man.bit_length() + exp > 2100:
        return sign * FAR
    if man.bit_length() + exp < -2100:
        return sign / FAR
    return man * Fraction(2) ** exp


def enclosed(ball: Callable[[], flint.arb], fmt: Format, most: int = 2**14) -> float:
    """The one float that everything in the ball rounds to, at whatever precision shows it."""
    precision = 128
    while precision <= most:
        with flint.ctx.workprec(precision):
            found = ball()
            if found.is_finite():
                low, high = _end(found.lower()), _end(found.upper())
                one = (low < 0) == (high < 0) and low != 0 != high
                if one and bisected(low, fmt) == bisected(high, fmt):
                    return bisected(low, fmt)
        precision *= 2
    raise AssertionError(f"Arb does not decide at {most} bits")


def contains(ball: Callable[[], flint.arb], number: Any, precision: int = 100) -> bool:
    """Whether Arb's enclosure, narrowed to 80 bits and no further, holds ``number``.

    Where the enclosure is narrower still, 80 bits of ``number`` are what is asked for."""
    while True:
        with flint.ctx.workprec(precision):
            found = ball()
        if found.rel_accuracy_bits() > 80:
            break
        precision *= 2
    with flint.ctx.workprec(80):
        rounded = found * flint.arb(1, flint.arb(2) ** -80)
    with flint.ctx.workprec(max(4096, 2 * precision)):
        return bool(rounded.contains(arb(number)))


def same(a: float, b: float) -> bool:
    """The same bits, any NaN for any NaN."""
    return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (a != a and b != b)
