"""What the search finds: operands, and how far from a tie their exact result is."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from refacts.oracles import Format

from refacts import oracles

CLOSENESS = Fraction(1, 2**54)  # of a result to a tie, relative to the result


class Found(NamedTuple):
    """Operands (numbers of the format), and which element of the result lies beside a tie."""

    name: str
    quantity: str
    fmt: Format
    element: int
    operands: tuple[tuple[float, ...], ...]

    def line(self) -> str:
        """The entry as it is written: operands as the bits of their numbers, one after another."""
        digits = self.fmt.bits // 4
        codes = (self.fmt.bit_patterns(np.array(o)).tolist() for o in self.operands)
        bits = ("".join(f"{code:0{digits}x}" for code in each) for each in codes)
        return " ".join((self.name, self.quantity, self.fmt.name, str(self.element), *bits))


def to_tie(exact: oracles.Reference, element: int = 0) -> Fraction:
    """From an exact result to the nearest tie, relative to the result."""
    rounded, residual, ulp = (
        Fraction(float(field[element])) for field in (exact.rounded, exact.residual, exact.ulp)
    )
    return (Fraction(1, 2) - abs(residual)) * ulp / abs(rounded + residual * ulp)
