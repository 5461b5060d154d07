"""Hard shrinkage."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arguments import float_above
from refacts.arithmetic import product, where
from refacts.rounding import Formula
from refacts.shrinkage import shrinking_derivative
from refacts.spec import Spec


def value_of(x: Any, lambd: Any, above: float) -> tuple[Any, Any]:
    """Return x where |x| >= `above`, the least float64 above lambd, else 0 with the sign of x."""
    zero, _ = product(x, 0)
    return where(abs(x) >= above, x, zero), 0


@dataclass(frozen=True)
class Hardshrink(Elementwise):
    """hardshrink(x) = x for |x| > lambd, else 0 with the sign of x.

    `lambd` must not be negative (ValueError).

    Special cases: hardshrink(±0) = ±0, hardshrink(±inf) = ±inf, hardshrink(NaN) = NaN. The
    derivative at -lambd is 0 and at lambd is 1, the limits from the right.

    >>> hardshrink(0.5), hardshrink(-0.7), hardshrink.gradient(0.5)
    (np.float64(0.0), np.float64(-0.7), np.float64(1.0))
    """

    lambd: float | Fraction = 0.5

    spec = Spec(
        name="hardshrink",
        definition="x if |x| > lambd else 0",
        reference="Donoho and Johnstone, Ideal Spatial Adaptation by Wavelet Shrinkage, 1994",
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


hardshrink = Hardshrink()
