"""From the numbers that a target returned to the format it should have returned, rounded once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles import Format, nearest
from refacts.oracles.numbers.formats import Bits, Floats

from refacts.environment import standard_environment

EXACT_INTEGERS = 2.0**53  # of float64


def rounded(numbers: npt.NDArray[Any], fmt: Format) -> Bits:
    """The bit patterns of the values of ``fmt`` nearest to real numbers of another NumPy type.

    Ties to even. Rounded once also where float64 does not hold the number: integers, long doubles.
    """
    with standard_environment(), np.errstate(all="ignore"):
        wide: Floats = numbers.astype(np.float64)
        values = to_format(wide, fmt)
        for place in zip(*np.nonzero(_inexact(numbers, wide)), strict=True):
            exact = Fraction(*numbers[place].item().as_integer_ratio())
            values[place] = nearest(exact, fmt)
        return fmt.bit_patterns(values)


def to_format(values: Floats, fmt: Format) -> Floats:
    """The values of ``fmt`` nearest to float64 numbers, ties to even."""
    if fmt.name == "float64":
        return values.copy()
    exponent = np.frexp(values)[1]
    quantum = np.maximum(exponent, fmt.emin + 1) - fmt.precision
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        near = np.ldexp(np.rint(np.ldexp(values, -quantum)), quantum)
    beyond = np.abs(near) > fmt.max
    return np.where(beyond, np.copysign(np.inf, near), near)


def _inexact(numbers: npt.NDArray[Any], wide: Floats) -> npt.NDArray[np.bool_]:
    if numbers.dtype.kind in "iu":
        return np.abs(wide) >= EXACT_INTEGERS
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize > 8:
        return (wide != numbers) & np.isfinite(numbers)
    return np.zeros(numbers.shape, np.bool_)
