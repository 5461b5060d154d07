"""ONNX's shrinkage."""

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


def value_of(x: Any, lambd: Any, bias: Any, above: float) -> tuple[Any, Any]:
    """Return sign(x)·(|x| - bias) where |x| > lambd, else 0 with the sign of x."""
    return shrunk(x, bias, above)


@dataclass(frozen=True)
class Shrink(Elementwise):
    """shrink(x) = x + bias for x < -lambd, x - bias for x > lambd, else 0 with the sign of x.

    `lambd` must not be negative (ValueError). With bias = 0 it is hardshrink, with bias = lambd
    softshrink.

    Special cases: shrink(±0) = ±0, shrink(±inf) = ±inf, shrink(NaN) = NaN; an exact zero has the
    sign of x. The derivative at -lambd is 0 and at lambd is 1, the limits from the right.

    >>> import numpy as np
    >>> shrink(-0.75), Shrink(lambd=1.5, bias=1.5)(np.array([-2.0, 0.0, 4.0])).tolist()
    (np.float64(-0.75), [-0.5, 0.0, 2.5])
    """

    lambd: float | Fraction = 0.5
    bias: float | Fraction = 0.0

    spec = Spec(
        name="shrink",
        definition="x + bias if x < -lambd, x - bias if x > lambd, else 0",
        reference="ONNX operator Shrink, opset 9, 2018",
        range=(-inf, inf),
        kinks=lambda lambd, bias: (-lambd, lambd) if lambd else (),
        symmetry="odd",
        monotone=lambda lambd, bias: bias <= lambd,
        keeps_zero=True,
        rational=True,
        rules=(("lambd", "at least 0", lambda lambd, bias: lambd >= 0),),
        limits=lambda lambd, bias: (-inf, inf),
        derivative_limits=lambda lambd, bias: (1.0, 1.0),
    )

    def _formula(self, quantity: str) -> Formula:
        if quantity == "value":
            return partial(value_of, above=float_above(self.lambd))
        return shrinking_derivative(self.lambd)


shrink = Shrink()
