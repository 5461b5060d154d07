"""The four floating-point formats and rounding a float64 or a dyadic rational to each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf, isinf, ldexp
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Format:
    """A binary format of results: `precision` counts the hidden bit, `emin` is the least normal exponent.

    `of_float64`: operands may be float64 numbers, although results have fewer bits. Results are certain
    where a bound on the error relative to them is at most `loosest` and both ends round to one number.
    """

    name: str
    precision: int
    emin: int
    emax: int
    dtype: np.dtype[Any]
    of_float64: bool = False
    loosest: ClassVar[float] = 1.0

    def of(self, *operands: Format) -> Format:
        """The format, for operands of these formats."""
        wider = self.precision < FLOAT64.precision and FLOAT64 in operands
        return replace(self, of_float64=True) if wider else self

    @property
    def short(self) -> bool:
        """Whether neither results nor operands have more bits or larger exponents than float32 has."""
        return self.precision <= FLOAT32.precision and not self.of_float64

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

    def certain(self, lower: Float64, upper: Float64, ratio: Any) -> NDArray[np.bool_]:
        """Where both ends of an interval of this relative half width leave one result."""
        certain: NDArray[np.bool_] = (lower == upper) & (ratio < self.loosest)
        return certain

    def signed(self, y: Float64, like: Float64) -> Float64:
        """Results with the signs of what they are rounded from, zeros too."""
        return np.copysign(y, like)

    def round_pair(self, hi: Float64, lo: Float64, exponent: NDArray[np.int64]) -> NDArray[np.float64]:
        """Round (hi + lo)·2^exponent; |hi| in [1/2, 1) or 0, |lo| <= ulp(hi)/2. Exact ties go to even."""
        quantum = self.quantum(exponent)
        shift = np.maximum(exponent - quantum, -2).astype(np.intc)  # below -1 all round to zero
        whole = _nearest(np.ldexp(hi, shift), lo)
        y = np.ldexp(whole, np.clip(quantum, -1100, 1100).astype(np.intc))
        y = np.where(np.abs(y) >= 2.0**self.emax * 2, np.copysign(np.inf, y), y)
        return np.copysign(y, hi)

    def quantum_of(self, q: Fraction) -> int:
        """Exponent of the spacing at a rational other than 0."""
        exponent = q.numerator.bit_length() - q.denominator.bit_length()
        exponent += abs(q) >= Fraction(2) ** exponent  # now 2^(exponent-1) <= |q| < 2^exponent
        return max(exponent - self.precision, self.emin - self.precision + 1)

    def round_fraction(self, q: Fraction) -> float:
        """Round the rational `q` to the format, as a Python float; ties go to even."""
        if q == 0:
            return 0.0
        quantum = self.quantum_of(q)
        multiple = round(abs(q) / Fraction(2) ** quantum)  # round() takes ties to even
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


def _nearest(hi: Float64, lo: Float64) -> Float64:
    """The integer nearest to hi + lo, for |lo| at most half an ulp of hi; exact ties go to even."""
    whole = np.rint(hi)
    rest = hi - whole
    whole += (rest == 0.5) & (lo > 0)  # only a tie of hi leaves the decision to lo
    whole -= (rest == -0.5) & (lo < 0)
    return whole


class _Sign(Format):
    """The target of questions that ask for a sign only: every real rounds to -1, 0 or 1."""

    def round_pair(self, hi: Float64, lo: Float64, exponent: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.sign(hi)

    def round_fraction(self, q: Fraction) -> float:
        return float((q > 0) - (q < 0))

    def round_dyadic(self, m: int, exponent: int) -> float:
        return float((m > 0) - (m < 0))


class _Remainder(Format):
    """What rounding to float64 leaves of a real r: (r - RN(r))/ulp(r), to a multiple of 2^-30.

    It is in [-1/2, 1/2]; ulp(r) is the spacing of float64 at r. ±inf says that RN(r) is infinite; zeros
    are +0. What lies within 2^-32 ulp of the middle between two multiples may go to either. Remainders
    repeat with every ulp, so that a bound must be small beside it.
    """

    loosest = 2.0**-56

    def certain(self, lower: Float64, upper: Float64, ratio: Any) -> NDArray[np.bool_]:
        """Where that is so, or leaves two multiples, both within 2^-30 of the remainder."""
        either = (np.abs(lower - upper) <= 2.0**-FINEST) & (ratio < 2.0**-86)
        return super().certain(lower, upper, ratio) | either

    def cast(self, x: Float64) -> NDArray[Any]:
        """0: nothing is left of special results."""
        return np.zeros_like(x, np.float64)

    def signed(self, y: Float64, like: Float64) -> Float64:
        """Remainders have signs of their own."""
        return y

    def round_pair(self, hi: Float64, lo: Float64, exponent: NDArray[np.int64]) -> NDArray[np.float64]:
        shift = np.clip(exponent - self.quantum(exponent), -100, None).astype(np.intc)
        scaled = np.ldexp(hi, shift)
        rest = scaled - _nearest(scaled, lo)  # 0 but for subnormal results
        below = (np.abs(hi) == 0.5) & (np.sign(hi) * lo < 0) & (exponent > self.emin + 1)
        shift = shift + FINEST + below  # just below a power of two ulps are half as large
        a, b = np.ldexp(rest, FINEST), np.ldexp(lo, shift)
        hi_sum = a + b
        part = hi_sum - a
        lo_sum = (a - (hi_sum - part)) + (b - part)  # what a + b rounds off
        y = np.ldexp(_nearest(hi_sum, lo_sum), -FINEST) + 0.0
        return np.where(exponent > self.emax + 1, np.copysign(np.inf, hi), y)

    def round_fraction(self, q: Fraction) -> float:
        y = FLOAT64.round_fraction(q)
        if not q or isinf(y):
            return y
        least = Fraction(2) ** (FLOAT64.quantum_of(q) - FINEST)
        return ldexp(round((q - Fraction(y)) / least), -FINEST)

    def round_dyadic(self, m: int, exponent: int) -> float:
        top = abs(m).bit_length() + exponent
        if not m or top < self.emin - self.precision - FINEST:
            return 0.0
        if top > self.emax + 1:
            return -inf if m < 0 else inf
        return self.round_fraction(Fraction(m) * Fraction(2) ** exponent)


FINEST = 30  # remainders are multiples of 2^-30
FLOAT16 = Format("float16", 11, -14, 15, np.dtype(np.float16))
FLOAT32 = Format("float32", 24, -126, 127, np.dtype(np.float32))
FLOAT64 = Format("float64", 53, -1022, 1023, np.dtype(np.float64))
SIGN = _Sign("sign", 1, 0, 0, np.dtype(np.float64))
REMAINDER = _Remainder("remainder", 53, -1022, 1023, np.dtype(np.float64))


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
