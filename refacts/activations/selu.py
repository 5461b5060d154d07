"""The scaled exponential linear unit."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import exp, expm1, lifted, where
from refacts.arithmetic.constants import SELU_SCALE, SELU_SLOPE
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """Return lambda x where x >= 0, else lambda alpha (e^x - 1)."""
    m, units = expm1(x)
    y = where(x >= 0, lifted(SELU_SLOPE, x) * x, lifted(SELU_SCALE, x) * m)
    zero = x == 0
    return where(zero, x, y), where(zero, 0, units + 3)


def derivative(x: Any) -> tuple[Any, Any]:
    """Return lambda where x >= 0, else lambda alpha e^x: at the kink from the right."""
    return where(x >= 0, lifted(SELU_SLOPE, x), lifted(SELU_SCALE, x) * exp(x)), 11


class SELU(Elementwise):
    """selu(x) = lambda x for x >= 0, lambda alpha (e^x - 1) for x < 0.

    lambda = 1.0507... and alpha = 1.6732... are the exact solution of the paper's fixed-point
    equations for mean 0 and variance 1; frameworks round them, ONNX to float32.

    Special cases: selu(±0) = ±0, selu(-inf) = -lambda alpha, selu(inf) = inf, selu(NaN) = NaN. The
    derivative at 0 is lambda, the one from the right.

    >>> selu(1.0), selu(-1.0), selu.gradient(-700.0)
    (np.float64(1.0507009873554805), np.float64(-1.1113307378125628), np.float64(1.7334290832552396e-304))
    """

    spec = Spec(
        name="selu",
        definition="lambda x if x >= 0 else lambda alpha (e^x - 1)",
        reference="Klambauer et al., Self-Normalizing Neural Networks, 2017",
        range=(-1.7580993408473769, inf),
        kinks=(0.0,),
        keeps_zero=True,
        value=value,
        derivative=derivative,
        limits=lambda: (-SELU_SCALE, inf),
        derivative_limits=lambda: (0.0, SELU_SLOPE),
    )


selu = SELU()
