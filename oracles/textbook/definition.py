"""What the oracle knows of an elementwise activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

Number = float | Fraction
Limits = tuple[Number, Number]
Known = tuple[Fraction | None, Fraction | None]


class Far(NamedTuple):
    """A real strictly between ``limit`` and limit + side * |limit| / 2^2200; ``side`` is 1 or -1.

    Or closer to 0 than 2^-2200 if that is the limit, or larger than 2^2200 if that is infinite: no
    float64 cotangent brings such a product back.
    """

    limit: Number
    side: int


def _positive_zero(x: float, **parameters: Number) -> float:
    return 0.0


def _nothing_known(x: float, **parameters: Number) -> Known:
    return None, None


def _not_far(x: float, **parameters: Number) -> tuple[Far | None, Far | None]:
    return None, None


@dataclass(frozen=True)
class Definition:
    """An elementwise activation.

    ``value(mp, x, **parameters)`` and ``derivative(mp, x, **parameters)`` are the textbook lines.
    ``value_limits(**parameters)`` and ``derivative_limits(**parameters)`` give the limits at
    (-inf, +inf), exact numbers with the sign of zero the function approaches through.
    ``zero(x, **parameters)`` is the signed zero to return where the value is exactly 0.
    ``rational``: evaluate on Fractions. The others have, of their value and their derivative,
    ``known(x, **parameters)``: the rational numbers they are, None where they are irrational; and
    ``far(x, **parameters)``: where finite x is as good as infinite, None where it is not.
    """

    name: str
    value: Callable[..., Any]
    derivative: Callable[..., Any]
    value_limits: Callable[..., Limits]
    derivative_limits: Callable[..., Limits]
    zero: Callable[..., float] = _positive_zero
    rational: bool = False
    known: Callable[..., Known] = _nothing_known
    far: Callable[..., tuple[Far | None, Far | None]] = _not_far
