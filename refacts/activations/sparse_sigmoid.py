"""Sparse sigmoid."""

from __future__ import annotations

from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import added, where
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """Return (x + 1)/2 between 0 and 1."""
    s, units = added(x, 1)
    outside = (x >= 1) | (x < -1)
    return where(x >= 1, 1, where(x < -1, 0, s / 2)), where(outside, 0, units)


def derivative(x: Any) -> tuple[Any, Any]:
    """Return 1/2 for -1 <= x < 1, else 0: at the kinks from the right."""
    return where(x >= 1, 0, where(x < -1, 0, where(x >= 0, 1, 1) / 2)), 0


class SparseSigmoid(Elementwise):
    """sparse_sigmoid(x) = (x + 1)/2, held within 0 and 1.

    Special cases: sparse_sigmoid(-inf) = 0, sparse_sigmoid(inf) = 1, sparse_sigmoid(NaN) = NaN. The
    derivative at -1 is 1/2 and at 1 is 0, those from the right.

    >>> sparse_sigmoid(0.5), sparse_sigmoid.gradient(-1.0)
    (np.float64(0.75), np.float64(0.5))
    """

    spec = Spec(
        name="sparse_sigmoid",
        definition="min(max((x + 1)/2, 0), 1)",
        reference="Martins and Astudillo, From Softmax to Sparsemax, 2016",
        range=(0.0, 1.0),
        kinks=(-1.0, 1.0),
        symmetry="point",
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda: (0.0, 1.0),
        derivative_limits=lambda: (0.0, 0.0),
    )


sparse_sigmoid = SparseSigmoid()
