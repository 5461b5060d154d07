"""Soft shrinkage."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arguments import float_above
from refacts.rounding import Formula
from refacts.shrinkage import shrinking_derivative, shrunk
from refacts.spec import Spec


def value_of(x: Any, lambd: Any, above: float) -> tuple[Any, Any]:
    """Return sign(x)·(|x| - lambd) where |x| > lambd, else 0 with the sign of x."""
    return shrunk(x, lambd, above)


@dataclass(frozen=True)
class Softshrink(Elementwise):
    """softshrink(x) = sign(x)·max(|x| - lambd, 0), a zero having the sign of x.

    `lambd` must not be negative (ValueError).

    Special cases: softshrink(±0) = ±0, softshrink(±inf) = ±inf, softshrink(NaN) = NaN. The
    derivative at -lambd is 0 and at lambd is 1, those from the right.

    >>> softshrink(0.25), softshrink(-0.75), softshrink.gradient(0.5)
    (np.float64(0.0), np.float64(-0.25), np.float64(1.0))
    """

    lambd: float | Fraction = 0.5

    spec = Spec(
        name="softshrink",
        definition="sign(x) max(|x| - lambd, 0)",
        reference="Donoho, De-Noising by Soft-Thresholding, 1995",
        range=(-inf, inf),
        kinks=lambda lambd: (-lambd, lambd) if lambd else (),
        symmetry="odd",
        keeps_zero=True,
        rational=True,
        rules=(("lambd", "at least 0", lambda lambd: lambd >= 0),),
        limits=lambda lambd: (-inf, inf),
        derivative_limits=lambda lambd: (1.0, 1.0),
    )

    def _formula(self, quantity: str) -> Formula:
        if quantity == "value":
            return partial(value_of, above=float_above(self.lambd))
        return shrinking_derivative(self.lambd)


softshrink = Softshrink()
