"""The rectified linear unit."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import where
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """Return x where x >= 0, else 0."""
    return where(x >= 0, x, 0), 0


def derivative(x: Any) -> tuple[Any, Any]:
    """Return 1 where x >= 0, else 0: at the kink from the right."""
    return where(x >= 0, 1, 0), 0


class ReLU(Elementwise):
    """relu(x) = max(x, 0).

    Special cases: relu(-0.0) = -0.0, relu(-inf) = 0, relu(inf) = inf, relu(NaN) = NaN. The
    derivative at 0 is 1, the one from the right.

    >>> import numpy as np
    >>> relu(np.array([-2.0, 3.0])).tolist(), relu.gradient(np.array([-2.0, 0.0])).tolist()
    ([0.0, 3.0], [0.0, 1.0])
    """

    spec = Spec(
        name="relu",
        definition="max(x, 0)",
        reference="Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010",
        range=(0.0, inf),
        kinks=(0.0,),
        convexity="convex",
        keeps_zero=True,
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda: (0.0, inf),
        derivative_limits=lambda: (0.0, 1.0),
    )


relu = ReLU()
