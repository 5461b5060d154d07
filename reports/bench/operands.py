"""The arrays that bench calls activations with: N(0, 3), in rows where an activation wants rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from refacts.reports.quantities import reduces

ROW = 1000  # length of rows


def drawn(activation: Any, quantity: str, fmt: str, size: int) -> tuple[Any, ...]:
    """The operands of a quantity, each of ``size`` elements or a few less."""
    rowwise = activation.spec.kind == "rowwise"
    return in_shape(activation, quantity, fmt, rows_of(size, ROW) if rowwise else (size,))


def rows_of(size: int, length: int) -> tuple[int, int]:
    """The shape of ``size`` elements or a few less in rows of at most that length."""
    return max(size // length, 1), min(length, size)


def in_shape(activation: Any, quantity: str, fmt: str, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The operands of a quantity, all of this shape but the cotangents of a row's only result."""
    count = (2 if activation.spec.kind == "gated" else 1) + (quantity in ("vjp", "jvp"))
    *points, last = (np.random.default_rng(0).normal(size=(count, *shape)) * 3).astype(fmt)
    if quantity == "vjp" and reduces(activation, "value"):
        last = last[..., 0].copy()
    return (*points, last)
