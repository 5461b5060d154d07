"""Softmax as a textbook writes it, on any mpmath context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def softmax(mp: Any, x: Sequence[Any], i: int) -> Any:
    """Entry i of the softmax of a row."""
    return mp.exp(x[i]) / mp.fsum(mp.exp(t) for t in x)


def softmax_derivative(mp: Any, x: Sequence[Any], i: int) -> Any:
    """Entry (i, i) of softmax's Jacobian, s_i (1 - s_i)."""
    return softmax(mp, x, i) * mp.fsum(softmax(mp, x, j) for j in range(len(x)) if j != i)


def softmax_jacobian(mp: Any, x: Sequence[Any], i: int, j: int) -> Any:
    """Entry (i, j) of softmax's Jacobian."""
    if i == j:
        return softmax_derivative(mp, x, i)
    return -softmax(mp, x, i) * softmax(mp, x, j)


def softmax_vjp(mp: Any, x: Sequence[Any], g: Sequence[Any], i: int) -> Any:
    """Entry i of the product of softmax's Jacobian and g."""
    return softmax(mp, x, i) * mp.fsum(softmax(mp, x, j) * (g[i] - g[j]) for j in range(len(x)))
