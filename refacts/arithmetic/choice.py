"""Choices between formulas, element by element, whatever the arithmetic of the operand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import double
from refacts.arithmetic.errors import FLOATS
from refacts.arithmetic.exact import Real


def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b; exact."""
    if isinstance(condition, bool):
        return a if condition else b
    if hasattr(a, "select"):
        return a.select(condition, b, swap=False)
    if hasattr(b, "select"):
        return b.select(condition, a, swap=True)
    return np.where(condition, a, b).astype(np.float64, copy=False)


def split(
    condition: Any, inside: Callable[..., Any], outside: Callable[..., Any], *x: Any
) -> tuple[Any, Any]:
    """inside(*x) where the condition holds, else outside(*x): each a value and its error in units.

    Unlike with `where`, each is evaluated only where it is wanted.
    """
    if isinstance(condition, bool):
        return inside(*x) if condition else outside(*x)
    if not condition.any():
        return outside(*x)
    if condition.all():
        return inside(*x)
    first, second = (
        part(*(operand if np.isscalar(operand) else operand[chosen] for operand in x))
        for part, chosen in ((inside, condition), (outside, ~condition))
    )
    return merged(condition, first[0], second[0]), merged(condition, first[1], second[1])


def merged(condition: NDArray[np.bool_], a: Any, b: Any) -> Any:
    """What has a where the condition holds, in order, and b elsewhere."""
    if hasattr(a, "merged"):
        return a.merged(condition, b, merged)
    if hasattr(b, "merged"):
        return b.merged(~condition, a, merged)
    whole = np.empty(condition.shape, np.result_type(a, b))
    whole[condition] = a
    whole[~condition] = b
    return whole


def small(x: Any, below: float) -> Any:
    """|x| < below, a power of two: where a series serves better. Never so in exact arithmetic."""
    if isinstance(x, Real):
        return False
    return np.abs(x) < below if isinstance(x, FLOATS) else x.small(below)


def large(x: Any, least: float) -> Any:
    """|x| >= least, a power of two: where an asymptote does. Never so in exact arithmetic."""
    return False if isinstance(x, Real) else ~small(x, least)


def before(x: Any, limit: float) -> Any:
    """x < limit: where an asymptote does. Never so in exact arithmetic."""
    return False if isinstance(x, Real) else x < limit


def tiny(x: Any, below: float) -> Any:
    """|x| < below, a power of two: where no format shows more of a series than its first term.

    `below` is for 53 bits; half as many do for the shorter formats. Never so in exact arithmetic.
    """
    if isinstance(x, (Real, Fraction)):
        return False
    return double.tiny(x, below) if isinstance(x, FLOATS) else x.tiny(below)


def clamped(x: Any, limit: float) -> Any:
    """x, or the nearer of ±limit where x lies beyond."""
    return np.minimum(np.maximum(x, -limit), limit) if isinstance(x, FLOATS) else x.clamped(limit)
