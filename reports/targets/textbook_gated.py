"""The textbook formulas of gated activations, a f(b), made of those of f in `reports.targets.textbook`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Formula = Callable[..., Any]


def value(f: Formula) -> Formula:
    """a f(b)."""
    return lambda a, b: a * f(b)


def vjp_a(f: Formula) -> Formula:
    """g f(b)."""
    return lambda a, b, g: g * f(b)


def jvp(f: Formula, derivative: Formula) -> Formula:
    """v_a f(b) + v_b a f'(b)."""
    return lambda a, b, v_a, v_b: v_a * f(b) + v_b * a * derivative(b).astype(b.dtype)


def vjp_b(derivative: Formula) -> Formula:
    """g a f'(b)."""
    return lambda a, b, g: g * a * derivative(b).astype(b.dtype)
