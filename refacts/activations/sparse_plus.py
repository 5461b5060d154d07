"""Sparse plus."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import added, nudged, product, small_part, split, tiny, where
from refacts.spec import Spec

TINY = 2.0**-56


def value(x: Any) -> tuple[Any, Any]:
    """Return 0 for x <= -1, (x + 1)^2/4 between, x for x >= 1."""
    s, units = added(x, 1)  # exact where its square could be a tie
    square, units = product(s, s, 2 * units)
    return where(x >= 1, x, where(x < -1, 0, square / 4)), where((x >= 1) | (x < -1), 0, units)


def derivative(x: Any) -> tuple[Any, Any]:
    """Return 0 for x < -1, (x + 1)/2 between, 1 for x >= 1."""

    def ordinary(x: Any) -> tuple[Any, Any]:
        s, units = added(x, 1)
        return s / 2, units

    middle, units = split(tiny(x, TINY), lambda x: nudged(0.5, small_part(x, 1.0), x), ordinary, x)
    return where(x >= 1, 1, where(x < -1, 0, middle)), where((x >= 1) | (x < -1), 0, units)


class SparsePlus(Elementwise):
    """sparse_plus(x) = 0 for x <= -1, (x + 1)^2/4 for -1 < x < 1, x for x >= 1.

    Special cases: sparse_plus(-inf) = 0, sparse_plus(inf) = inf, sparse_plus(NaN) = NaN.

    >>> sparse_plus(0.0), sparse_plus.gradient(0.5)
    (np.float64(0.25), np.float64(0.75))
    """

    spec = Spec(
        name="sparse_plus",
        definition="0 if x <= -1, (x + 1)^2/4 if |x| < 1, else x",
        reference="Martins and Astudillo, From Softmax to Sparsemax, 2016",
        range=(0.0, inf),
        convexity="convex",
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda: (0.0, inf),
        derivative_limits=lambda: (0.0, 1.0),
    )


sparse_plus = SparsePlus()
