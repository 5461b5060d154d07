"""How numbers are written: for machines in the document, for people in tables and sentences."""

from __future__ import annotations

import math
import re

import numpy as np
from refacts.oracles import Format
from refacts.reports import literals


def hexadecimal(value: float) -> str:
    """`value` as a hex float without trailing zeros, nan or ±inf; `float.fromhex` reads it."""
    return re.sub(r"\.?0+p", "p", float(value).hex())


def bits(value: float, fmt: Format) -> str:
    """The bit pattern of a format value in hex, all digits.

    Of every NaN that of the quiet one without a sign: a document keeps no more of it.
    """
    number = math.nan if math.isnan(value) else value
    return f"0x{int(fmt.bit_patterns(number)):0{fmt.bits // 4}x}"


def decimal(value: float, fmt: Format) -> str:
    """The shortest decimal whose nearest value of the format this is."""
    if not math.isfinite(value):
        return repr(float(value))
    if fmt.name == "bfloat16":  # NumPy knows none
        texts = (f"{value:.{digits}g}" for digits in range(1, 6))
        found = next(text for text in texts if literals.rounded(literals.read(text), fmt) == value)
        return repr(float(found))
    return str(np.asarray(value).astype(fmt.dtype)[()])


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
