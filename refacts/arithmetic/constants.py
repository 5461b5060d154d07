"""Irrational constants: two words from a table for the vectorised arithmetics, mpmath for the exact one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from refacts.arithmetic.tables import table


@dataclass(frozen=True)
class Constant:
    """A real number; `lifted(c, x)` of `refacts.arithmetic` is the number in the arithmetic of x."""

    row: int
    exact: Callable[[Any], Any]
    factor: float = 1.0

    @property
    def words(self) -> tuple[float, float]:
        """The number to 2^-107, as an unevaluated sum."""
        hi, lo = table("constants")
        return self.factor * float(hi[self.row]), self.factor * float(lo[self.row])

    def __neg__(self) -> Constant:
        return Constant(self.row, lambda mp: -self.exact(mp), -self.factor)

    def doubled(self) -> Constant:
        """Twice the number."""
        return Constant(self.row, lambda mp: 2 * self.exact(mp), 2 * self.factor)

    def __float__(self) -> float:
        return self.words[0]


def _selu_slope(mp: Any) -> Any:
    """Lambda of Klambauer et al. 2017: mean 0 and variance 1 are a fixed point (their equation 14)."""
    q, e = mp.erfc(1 / mp.sqrt(2)), mp.e
    under = 2 * mp.erfc(mp.sqrt(2)) * e**2 + mp.pi * q**2 * e - 2 * (2 + mp.pi) * q * mp.sqrt(e) + mp.pi + 2
    return (1 - q * mp.sqrt(e)) * mp.sqrt(2 * mp.pi) / mp.sqrt(under)


def _selu_scale(mp: Any) -> Any:
    """Lambda times alpha."""
    q = mp.erfc(1 / mp.sqrt(2))
    return _selu_slope(mp) * mp.sqrt(2 / mp.pi) / (1 - q * mp.sqrt(mp.e))


NORMAL_PEAK = Constant(0, lambda mp: 1 / mp.sqrt(2 * mp.pi))  # of the normal density
GELU_TANH_SLOPE = Constant(1, lambda mp: mp.sqrt(8 / mp.pi))
SELU_SLOPE = Constant(2, _selu_slope)
SELU_SCALE = Constant(3, _selu_scale)
CONSTANTS = (NORMAL_PEAK, GELU_TANH_SLOPE, SELU_SLOPE, SELU_SCALE)
