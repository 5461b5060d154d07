"""The activations as a textbook writes them, value and derivative, one line each.

``mp`` is an mpmath context (any: the lines ask only for exp, tanh, sech and fsum). The rational
ones never touch it and are evaluated on ``fractions.Fraction``. Derivatives at a kink are the
ones from the right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Number = float | Fraction
Limits = tuple[Number, Number]


def relu(mp: Any, x: Any) -> Any:
    """Rectified linear unit."""
    return max(x, 0)


def relu_derivative(mp: Any, x: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else 0


def leaky_relu(mp: Any, x: Any, alpha: Any) -> Any:
    """Rectified linear unit that lets a share alpha through."""
    return x if x >= 0 else alpha * x


def leaky_relu_derivative(mp: Any, x: Any, alpha: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else alpha


def sigmoid(mp: Any, x: Any) -> Any:
    """Logistic function."""
    return 1 / (1 + mp.exp(-x))


def sigmoid_derivative(mp: Any, x: Any) -> Any:
    """Slope of the logistic function."""
    return mp.exp(-x) / (1 + mp.exp(-x)) ** 2


def tanh(mp: Any, x: Any) -> Any:
    """Hyperbolic tangent."""
    return mp.tanh(x)


def tanh_derivative(mp: Any, x: Any) -> Any:
    """Slope of the hyperbolic tangent."""
    return mp.sech(x) ** 2


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


def _positive_zero(x: float, **parameters: Number) -> float:
    return 0.0


@dataclass(frozen=True)
class Definition:
    """An elementwise activation.

    ``value(mp, x, **parameters)`` and ``derivative(mp, x, **parameters)`` are the lines above.
    ``value_limits(**parameters)`` and ``derivative_limits(**parameters)`` give the limits at
    (-inf, +inf), exact numbers with the sign of zero the function approaches through.
    ``zero(x, **parameters)`` is the signed zero to return where the value is exactly 0.
    ``rational``: evaluate on Fractions. ``exact_points``: arguments of a transcendental function
    where every operation of the two lines is exact in mpmath, so that ties there are honest.
    """

    name: str
    value: Callable[..., Any]
    derivative: Callable[..., Any]
    value_limits: Callable[..., Limits]
    derivative_limits: Callable[..., Limits]
    zero: Callable[..., float] = _positive_zero
    rational: bool = False
    exact_points: frozenset[float] = frozenset()


def _leaky_relu_limits(alpha: Number) -> Limits:
    if alpha == 0:
        return -math.copysign(0.0, alpha), math.inf
    return -math.copysign(math.inf, alpha), math.inf


def _leaky_relu_zero(x: float, alpha: Number) -> float:
    return x if x == 0 else -math.copysign(0.0, alpha)


DEFINITIONS: dict[str, Definition] = {
    entry.name: entry
    for entry in (
        Definition(
            name="relu",
            value=relu,
            derivative=relu_derivative,
            value_limits=lambda: (0.0, math.inf),
            derivative_limits=lambda: (0.0, 1.0),
            zero=lambda x: x if x == 0 else 0.0,
            rational=True,
        ),
        Definition(
            name="leaky_relu",
            value=leaky_relu,
            derivative=leaky_relu_derivative,
            value_limits=_leaky_relu_limits,
            derivative_limits=lambda alpha: (alpha, 1.0),
            zero=_leaky_relu_zero,
            rational=True,
        ),
        Definition(
            name="sigmoid",
            value=sigmoid,
            derivative=sigmoid_derivative,
            value_limits=lambda: (0.0, 1.0),
            derivative_limits=lambda: (0.0, 0.0),
            exact_points=frozenset({0.0}),
        ),
        Definition(
            name="tanh",
            value=tanh,
            derivative=tanh_derivative,
            value_limits=lambda: (-1.0, 1.0),
            derivative_limits=lambda: (0.0, 0.0),
            zero=lambda x: x,
            exact_points=frozenset({0.0}),
        ),
    )
}
