"""The logistic sigmoid."""

from __future__ import annotations

from typing import Any

import numpy as np

from refacts.activation import Elementwise
from refacts.arithmetic import exp, nudged, small_part, split, tiny
from refacts.arithmetic.pairs import LEAST_STEP
from refacts.spec import Spec

TINY = 2.0**-54


def value(x: Any) -> tuple[Any, Any]:
    """1/(1 + e^-x): where e^-x overflows, 1/inf = 0 is right for the formats float64 serves."""
    return 1 / (1 + exp(-x)), 16  # e^-x 8, sum 9, quotient 10


def derivative(x: Any) -> tuple[Any, Any]:
    """e^-|x|/(1 + e^-|x|)^2, even in x; for tiny x (1 - x^2/4)/4."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        t = exp(-abs(x))  # in (0, 1]: cannot overflow
        u = 1 + t
        return t / (u * u), 20  # t 8, u·u 11, quotient 1

    def first_terms(x: Any) -> tuple[Any, Any]:
        half = small_part(x, 0.5)
        return nudged(0.25, np.where(half == 0, half, -np.maximum(half * half, LEAST_STEP)), x)

    return split(tiny(x, TINY), first_terms, ordinary, x)


class Sigmoid(Elementwise):
    """sigmoid(x) = 1/(1 + e^-x).

    Special cases: sigmoid(-inf) = 0, sigmoid(inf) = 1, sigmoid(NaN) = NaN; the derivative is 0 at
    both infinities.

    >>> import numpy as np
    >>> sigmoid(np.array([-800.0, 0.0, 40.0])).tolist()
    [0.0, 0.5, 1.0]
    >>> sigmoid.gradient(40.0)
    np.float64(4.248354255291589e-18)
    """

    spec = Spec(
        name="sigmoid",
        definition="1/(1 + e^-x)",
        reference="Verhulst, Recherches mathematiques sur la loi d'accroissement de la population, 1845",
        range=(0.0, 1.0),
        symmetry="point",
        value=value,
        derivative=derivative,
        limits=lambda: (0.0, 1.0),
        derivative_limits=lambda: (0.0, 0.0),
    )


sigmoid = Sigmoid()
