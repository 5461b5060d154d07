"""The rectified linear unit, capped at 6."""

from __future__ import annotations

from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import where
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """Return 0 for x < 0, 6 for x >= 6, x between."""
    return where(x >= 6, 6, where(x >= 0, x, 0)), 0


def derivative(x: Any) -> tuple[Any, Any]:
    """Return 1 for 0 <= x < 6, else 0: at the kinks from the right."""
    return where(x >= 6, 0, where(x >= 0, 1, 0)), 0


class ReLU6(Elementwise):
    """relu6(x) = min(max(x, 0), 6).

    Special cases: relu6(-0.0) = -0.0, relu6(-inf) = 0, relu6(inf) = 6, relu6(NaN) = NaN. The
    derivative at 0 is 1 and at 6 is 0, those from the right.

    >>> relu6(7.0), relu6.gradient(0.0)
    (np.float64(6.0), np.float64(1.0))
    """

    spec = Spec(
        name="relu6",
        definition="min(max(x, 0), 6)",
        reference="Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010",
        range=(0.0, 6.0),
        kinks=(0.0, 6.0),
        keeps_zero=True,
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda: (0.0, 6.0),
        derivative_limits=lambda: (0.0, 0.0),
    )


relu6 = ReLU6()
