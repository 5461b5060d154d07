"""How numbers are written: for machines in the document, for people in tables and sentences."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
from refacts.oracles import Format, nearest

_MOST_DIGITS = 4  # that tell numbers of bfloat16 apart


def hexadecimal(value: float) -> str:
    """`value` as a hex float without trailing zeros, nan or ±inf; `float.fromhex` reads it."""
    return re.sub(r"\.?0+p", "p", float(value).hex())


def bits(value: float, fmt: Format) -> str:
    """The bit pattern of a format value in hex, all digits."""
    return f"0x{int(fmt.bit_patterns(value)):0{fmt.bits // 4}x}"


def decimal(value: float, fmt: Format) -> str:
    """The shortest decimal that is nearer to the value than to any other number of its format."""
    if fmt.name != "bfloat16" or not math.isfinite(value):
        return str(np.asarray(value).astype(fmt.dtype)[()]) if math.isfinite(value) else repr(float(value))
    for digits in range(1, _MOST_DIGITS + 1):
        text = f"{value:.{digits}g}"
        if float(text) == value or nearest(Fraction(text), fmt) == value:
            return repr(float(text))
    return repr(float(value))  # no number of bfloat16


def counted(number: int, one: str, many: str = "") -> str:
    """So many things: "1 row", "2,000 rows"; ``many``: where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def percent(part: int, whole: int) -> str:
    """`part` of `whole` in percent, cut off after four decimals: 100.0000 only if nothing lacks."""
    if not 0 <= part <= whole:
        raise ValueError(f"part must be in [0, {whole}] (got {part})")
    if whole == 0:
        raise ValueError("whole must be positive (got 0)")
    units = part * 1_000_000 // whole
    return f"{units // 10_000}.{units % 10_000:04d}"


def upper_percent(part: int, whole: int) -> str:
    """`part` of `whole` in percent, rounded up to three digits: 0 only if there is nothing."""
    if not 0 <= part <= whole or not whole:
        raise ValueError(f"part must be in [0, {whole}] and whole positive (got {part})")
    return ulps(100 * part / whole)


def json_number(value: float) -> float | str | None:
    """`value` for strict JSON: infinity as "inf", NaN (nothing measured) as null."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else "inf"


def ulps(value: float | str | None) -> str:
    """An error in ulp for people: rounded up to three significant digits, never below the truth."""
    if value is None:
        return "-"
    number = float(value)
    if number == 0 or math.isinf(number):
        return f"{number:g}"
    scale = 10.0 ** (math.floor(math.log10(number)) - 2)
    return f"{_up(number, scale):.3g}"


def _up(number: float, scale: float) -> float:
    shown = float(f"{number:.3g}")
    return shown if shown >= number else float(f"{number + scale * 0.5:.3g}")
