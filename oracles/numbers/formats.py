"""The floating-point formats, their bit patterns, and the way between bits and float64.

Every value of every format is a float64 value, so the oracles carry format values as float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Format:
    """A binary interchange format with gradual underflow, infinities and NaN.

    ``precision`` counts the hidden bit; ``emin`` and ``emax`` are the exponents of the smallest
    normal and of the largest finite value, a value of exponent e lying in [2^e, 2^(e+1)).
    """

    name: str
    precision: int
    emin: int
    emax: int

    @property
    def bits(self) -> int:
        """Storage width in bits."""
        return self.precision + (self.emax + 1).bit_length()

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy type; bfloat16 needs ml_dtypes (ImportError without it)."""
        if self.name == "bfloat16":
            import ml_dtypes

            bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
            return bfloat16
        return np.dtype(self.name)

    @property
    def max(self) -> float:
        """The largest finite value, (2 - 2^(1-precision)) 2^emax."""
        return (2.0 - 2.0 ** (1 - self.precision)) * 2.0**self.emax

    @property
    def smallest_subnormal(self) -> float:
        """The smallest positive value, 2^(emin-precision+1)."""
        return 2.0 ** (self.emin - self.precision + 1)

    @property
    def unsigned(self) -> np.dtype[np.unsignedinteger[Any]]:
        """The unsigned integer type as wide as the format."""
        return np.dtype(f"uint{self.bits}")

    def decode(self, bits: npt.ArrayLike) -> Floats:
        """Turn bit patterns (unsigned integers of any shape) into float64 values.

        Exact; a signalling NaN comes out quiet.
        """
        patterns = np.asarray(bits).astype(self.unsigned)
        with np.errstate(invalid="ignore"):
            if self.name == "bfloat16":
                return (patterns.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
            return patterns.view(self.dtype).astype(np.float64)

    def bit_patterns(self, values: npt.ArrayLike) -> Bits:
        """Return the bit patterns of float64 ``values``; ValueError if one is foreign."""
        given = np.asarray(values, dtype=np.float64)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            if self.name == "bfloat16":
                wide = given.astype(np.float32).view(np.uint32)
                patterns: Bits = (wide >> 16).astype(np.uint16)
            else:
                patterns = given.astype(self.dtype).view(self.unsigned)
        back = self.decode(patterns)
        foreign = given[(back != given) & ~(np.isnan(back) & np.isnan(given))]
        if foreign.size:
            raise ValueError(f"values: {float(foreign[0])!r} is not a {self.name} value")
        return patterns

    def encode(self, values: npt.ArrayLike) -> npt.NDArray[Any]:
        """Turn float64 values that the format holds into an array of ``dtype``; else ValueError."""
        return self.bit_patterns(values).view(self.dtype)


FORMATS: dict[str, Format] = {
    fmt.name: fmt
    for fmt in (
        Format("float16", precision=11, emin=-14, emax=15),
        Format("bfloat16", precision=8, emin=-126, emax=127),
        Format("float32", precision=24, emin=-126, emax=127),
        Format("float64", precision=53, emin=-1022, emax=1023),
    )
}
