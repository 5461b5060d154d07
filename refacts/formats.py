"""The four floating-point formats and rounding a float64 or a dyadic rational to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, ldexp
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary format: `precision` counts the hidden bit, `emin` is the least normal exponent."""

    name: str
    precision: int
    emin: int
    emax: int
    dtype: np.dtype[Any]

    @property
    def tabulated(self) -> bool:
        """Whether all values of the format are few enough for a table of results."""
        return self.dtype.itemsize == 2

    def cast(self, x: Float64) -> NDArray[Any]:
        """Round float64 `x` to the format, to nearest, ties to even."""
        if self.name == "bfloat16":
            return self._quantised(x).astype(self.dtype)  # the cast itself may round twice
        return x.astype(self.dtype, copy=False)

    def quantum(self, exponent: NDArray[np.int64]) -> NDArray[np.int64]:
        """Exponent of the spacing at values in [2^(exponent-1), 2^exponent)."""
        return np.maximum(exponent - self.precision, self.emin - self.precision + 1)

    def _quantised(self, x: Float64) -> Float64:
        quantum = self.quantum(np.frexp(x)[1].astype(np.int64)).astype(np.intc)
        y = np.ldexp(np.rint(np.ldexp(x, -quantum)), quantum)
        return np.where(np.abs(y) >= 2.0 ** (self.emax + 1), np.copysign(np.inf, y), y)

    def round_pair(self, hi: Float64, lo: Float64, exponent: NDArray[np.int64]) -> NDArray[np.float64]:
        """Round (hi + lo)·2^exponent; |hi| in [1/2, 1) or 0, |lo| <= ulp(hi)/2. Exact ties go to even."""
        quantum = self.quantum(exponent)
        shift = np.maximum(exponent - quantum, -2).astype(np.intc)  # below -1 all round to zero
        scaled = np.ldexp(hi, shift)
        whole = np.rint(scaled)
        rest = scaled - whole
        whole += (rest == 0.5) & (lo > 0)  # only a tie of hi leaves the decision to lo
        whole -= (rest == -0.5) & (lo < 0)
        y = np.ldexp(whole, np.clip(quantum, -1100, 1100).astype(np.intc))
        y = np.where(np.abs(y) >= 2.0**self.emax * 2, np.copysign(np.inf, y), y)
        return np.copysign(y, hi)

    def round_fraction(self, q: Fraction) -> float:
        """Round the rational `q` to the format, as a Python float; ties go to even."""
        if q == 0:
            return 0.0
        magnitude = abs(q)
        exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
        exponent += magnitude >= Fraction(2) ** exponent  # now 2^(exponent-1) <= |q| < 2^exponent
        quantum = max(exponent - self.precision, self.emin - self.precision + 1)
        multiple = round(magnitude / Fraction(2) ** quantum)  # round() takes ties to even
        if multiple * Fraction(2) ** quantum >= Fraction(2) ** (self.emax + 1):
            y = float("inf")
        else:
            y = float(multiple * Fraction(2) ** quantum)
        return -y if q < 0 else y

    def round_dyadic(self, m: int, exponent: int) -> float:
        """Round m·2^exponent to the format, as a Python float; ties go to even."""
        size, sign = abs(m), -1.0 if m < 0 else 1.0
        top = size.bit_length() + exponent  # 2^(top-1) <= |m|·2^exponent < 2^top
        if not m or top > self.emax + 1:
            return sign * (inf if m else 0.0)
        quantum = max(top - self.precision, self.emin - self.precision + 1)
        if top < quantum:  # below half of the least subnormal
            return sign * 0.0
        shift = quantum - exponent
        if shift > 0:
            whole = size >> shift
            twice_rest = (size - (whole << shift)) << 1
            size = whole + (twice_rest > (1 << shift) or (twice_rest == (1 << shift) and whole & 1))
        else:
            size <<= -shift
        overflows = size.bit_length() + quantum > self.emax + 1
        return sign * (inf if overflows else ldexp(size, quantum))


class _Sign(Format):
    """The target of questions that ask for a sign only: every real rounds to -1, 0 or 1."""

    def round_pair(self, hi: Float64, lo: Float64, exponent: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.sign(hi)

    def round_fraction(self, q: Fraction) -> float:
        return float((q > 0) - (q < 0))

    def round_dyadic(self, m: int, exponent: int) -> float:
        return float((m > 0) - (m < 0))


FLOAT16 = Format("float16", 11, -14, 15, np.dtype(np.float16))
FLOAT32 = Format("float32", 24, -126, 127, np.dtype(np.float32))
FLOAT64 = Format("float64", 53, -1022, 1023, np.dtype(np.float64))
SIGN = _Sign("sign", 1, 0, 0, np.dtype(np.float64))


def format_of(dtype: np.dtype[Any]) -> Format:
    """The format of results for inputs of `dtype`; TypeError names a dtype that has none."""
    if dtype.kind in "biu":
        return FLOAT64
    native = dtype.newbyteorder("=")
    for known in (FLOAT16, FLOAT32, FLOAT64):
        if native == known.dtype and dtype.char != "g":
            return known
    if native.name == "bfloat16" and dtype.type.__module__.startswith("ml_dtypes"):
        return Format("bfloat16", 8, -126, 127, native)
    raise TypeError(
        f"dtype {dtype} is not supported: x must be float16, bfloat16, float32, float64, integer or bool"
    )
