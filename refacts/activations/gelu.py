"""The Gaussian error linear unit."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import clamped, combined, exp, lifted, mills, nudged, small_part, split, tiny, where
from refacts.arithmetic.constants import NORMAL_PEAK
from refacts.far import beside
from refacts.spec import Spec

FAR = 68.0  # 68 e^(-68^2/2) rounds to 0 whatever two float64 multiply it
TINY = 2.0**-56
SLOPE = 0.7978845608028654  # 2 phi(0): x Phi(x) = x/2 (1 + 2 phi(0) x - ...)


def density(x: Any) -> Any:
    """phi(x) = e^(-x^2/2)/sqrt(2 pi), to 10 units and what x^2 errs: nothing for one-word x."""
    return lifted(NORMAL_PEAK, x) * exp(-(x * x) / 2)


def value(x: Any) -> tuple[Any, Any]:
    """x·Phi(x), where Phi(-a) = phi(a)·M(a) with Mills' ratio M, and Phi(a) = 1 - Phi(-a) >= 1/2."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        a = clamped(abs(x), FAR)
        ratio, units = mills(a)
        tail = density(a) * ratio
        return where(x < 0, -a * tail, x * (1 - tail)), units + 14  # x < -68 gives the same 0

    return split(tiny(x, TINY), lambda x: nudged(0.5 * x, small_part(x, SLOPE), x), ordinary, x)


def derivative(x: Any) -> tuple[Any, Any]:
    """Phi(x) + x·phi(x), which at -a is phi(a)(M(a) - a), and at a is 1 minus that."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        a = clamped(abs(x), FAR)
        ratio, units = mills(a)
        difference, units = combined(ratio, units, -a, 0)
        tail = density(a) * difference  # in (-0.13, 0.5]
        return where(x < 0, tail, 1 - tail), units + 13

    return split(tiny(x, TINY), lambda x: nudged(0.5, small_part(x, 2 * SLOPE), x), ordinary, x)


class GELU(Elementwise):
    """gelu(x) = x Phi(x) = x erfc(-x/sqrt 2)/2, Phi being the normal distribution function.

    The default of PyTorch, Keras and ONNX; JAX's default is `gelu_tanh`.

    Special cases: gelu(±0) = ±0, gelu(-inf) = -0, gelu(inf) = inf, gelu(NaN) = NaN; the derivative
    is -0 at -inf and 1 at inf. It changes its sign at -0.7517...

    >>> gelu(-10.0), gelu.gradient(-0.75), gelu(-38.4)
    (np.float64(-7.619853024160526e-23), np.float64(0.0007742782607648957), np.float64(-2.535e-321))
    """

    spec = Spec(
        name="gelu",
        definition="x Phi(x)",
        reference="Hendrycks and Gimpel, Gaussian Error Linear Units, 2016",
        range=(-0.1699712074799036616939, inf),
        monotone=False,
        keeps_zero=True,
        stationary=(-0.7517915246935644574579,),
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: x >= 14, -1, 1),  # x - x phi M, 1 + phi (x - M); phi(14) < 2^-142
        limits=lambda: (-0.0, inf),
        derivative_limits=lambda: (-0.0, 1.0),
    )


gelu = GELU()
