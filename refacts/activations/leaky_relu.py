"""The leaky rectified linear unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import copysign, inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import product, where
from refacts.spec import Spec


def value(x: Any, alpha: Any) -> tuple[Any, Any]:
    """Return x where x >= 0, else alpha·x."""
    y, units = product(alpha, x)
    return where(x >= 0, x, y), where(x >= 0, 0, units)


def derivative(x: Any, alpha: Any) -> tuple[Any, Any]:
    """Return 1 where x >= 0, else alpha: at the kink from the right."""
    slope, units = product(alpha, 1)
    return where(x >= 0, 1, slope), where(x >= 0, 0, units)


def limits(alpha: float | Fraction) -> tuple[float, float]:
    """At -inf, +inf; alpha = 0 keeps the sign that 0·x has for x < 0."""
    return (copysign(inf, -alpha) if alpha else -float(alpha)), inf


@dataclass(frozen=True)
class LeakyReLU(Elementwise):
    """leaky_relu(x) = x for x >= 0, alpha·x for x < 0.

    The default, 0.2, is that of TensorFlow's and Keras's functions; PyTorch, JAX and ONNX have 0.01,
    Keras's layer 0.3.

    Special cases: leaky_relu(±0) = ±0, leaky_relu(±inf) = the limit, leaky_relu(NaN) = NaN. The
    derivative at 0 is 1, the one from the right.

    >>> LeakyReLU(alpha=0.5)(-3.0), leaky_relu.gradient(-3.0)
    (np.float64(-1.5), np.float64(0.2))
    """

    alpha: float | Fraction = 0.2

    spec = Spec(
        name="leaky_relu",
        definition="x if x >= 0 else alpha x",
        reference="Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Models, 2013",
        range=lambda alpha: (-inf if alpha > 0 else 0.0, inf),
        kinks=lambda alpha: () if alpha == 1 else (0.0,),
        monotone=lambda alpha: alpha >= 0,
        convexity=lambda alpha: "convex" if alpha <= 1 else "concave",
        keeps_zero=True,
        rational=True,
        value=value,
        derivative=derivative,
        limits=limits,
        derivative_limits=lambda alpha: (alpha, 1.0),
    )


leaky_relu = LeakyReLU()
