"""The tanh approximation of the Gaussian error linear unit."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import clamped, lifted
from refacts.arithmetic.constants import GELU_TANH_SLOPE
from refacts.far import beside
from refacts.gated import gated, gated_derivative
from refacts.spec import Spec

CUBIC = Fraction(44715, 1000000)
FAR = 64.0  # there w = 19,000 and more: e^-w is 0 in every format, whatever it is multiplied by


def argument(x: Any) -> Any:
    """w = c(x + 0.044715 x^3) with c = sqrt(8/pi), to 8 units, for (1 + tanh(w/2))/2 = sigma(w)."""
    return lifted(GELU_TANH_SLOPE, x) * x * (1 + lifted(CUBIC, x) * x * x)


def value(x: Any) -> tuple[Any, Any]:
    """x·sigma(w)."""
    return gated(x, argument(clamped(x, FAR)), 8)


def derivative(x: Any) -> tuple[Any, Any]:
    """sigma(w)(1 + v·sigma(-w)) with v = x·w'(x) = c(x + 3·0.044715 x^3)."""
    x = clamped(x, FAR)
    v = lifted(GELU_TANH_SLOPE, x) * x * (1 + lifted(3 * CUBIC, x) * x * x)
    return gated_derivative(argument(x), v, 8)


class GELUTanh(Elementwise):
    """gelu_tanh(x) = x/2 (1 + tanh(sqrt(2/pi)(x + 0.044715 x^3))), 0.044715 being the decimal number.

    JAX's default, and PyTorch's gelu(approximate="tanh").

    Special cases: gelu_tanh(±0) = ±0, gelu_tanh(-inf) = -0, gelu_tanh(inf) = inf,
    gelu_tanh(NaN) = NaN; the derivative is -0 at -inf and 1 at inf.

    >>> gelu_tanh(-1.0), gelu_tanh.gradient(1e300)
    (np.float64(-0.1588080093917233), np.float64(1.0))
    """

    spec = Spec(
        name="gelu_tanh",
        definition="x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
        reference="Hendrycks and Gimpel, Gaussian Error Linear Units, 2016",
        range=(-0.1700407505712540506391, inf),
        monotone=False,
        keeps_zero=True,
        stationary=(-0.752461422071016258488,),
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: x >= 12, -1, 1),  # x - x e^-w, 1 + (x w' - 1) e^-w; w(12) > 142
        limits=lambda: (-0.0, inf),
        derivative_limits=lambda: (-0.0, 1.0),
    )


gelu_tanh = GELUTanh()
