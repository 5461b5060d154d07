"""Numbers as a user types them, read exactly: a decimal need not be a float64."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from refacts.oracles import Format, nearest

_DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_HEXADECIMAL = re.compile(
    r"[-+]?0x(?P<whole>[0-9a-f]*)\.?(?P<rest>[0-9a-f]*)(p(?P<power>[-+]?\d+))?", re.ASCII | re.IGNORECASE
)
_LARGEST_POWER = 5000  # of 10 or 2: beyond it, every format overflows or underflows
Number = float | Fraction


def read(text: str) -> Number:
    """A decimal or hex float as the exact number it says; infinity, NaN and zeros as floats.

    ValueError for anything else. Numbers of absurd magnitude come out as some number of their
    sign that all formats round to the same value.
    """
    text = text.strip()
    if re.fullmatch(r"[-+]?(inf|infinity|nan)", text, re.IGNORECASE):
        return float(text)
    if _DECIMAL.fullmatch(text):
        size = _decimal(text.lstrip("+-").lower())
    elif (found := _HEXADECIMAL.fullmatch(text)) and found["whole"] + found["rest"]:
        digits = int(found["whole"] + found["rest"], 16)
        size = _scaled(digits, 2, int(found["power"] or 0) - 4 * len(found["rest"]))
    else:
        raise ValueError(f"{text!r} is not a decimal, hex float, inf or nan")
    sign = -1 if text.startswith("-") else 1
    return size * sign if size else math.copysign(0.0, sign)


def rounded(number: Number, fmt: Format) -> float:
    """The value of the format nearest to ``number``, with its sign."""
    return nearest(number, fmt) if isinstance(number, Fraction) else number


def _decimal(text: str) -> Fraction:
    digits, _, power = text.partition("e")
    whole, _, rest = digits.partition(".")
    return _scaled(_integer(whole + rest), 10, int(power or 0) - len(rest))


def _integer(digits: str) -> int:
    """Any number of digits; int() takes a few thousand at once."""
    number = 0
    for start in range(0, len(digits), 1000):
        part = digits[start : start + 1000]
        number = number * 10 ** len(part) + int(part)
    return number


def _scaled(digits: int, base: int, power: int) -> Fraction:
    """Digits * base^power, in reach of what a Fraction can hold."""
    span = _LARGEST_POWER + digits.bit_length()
    return digits * Fraction(base) ** max(-span, min(power, span))
