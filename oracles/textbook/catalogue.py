"""The catalogue: every activation's textbook lines, and what holds at 0, at infinity and far out."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath import libmp
from refacts.oracles.numbers.precision import at
from refacts.oracles.numbers.real import Real
from refacts.oracles.textbook import facts, piecewise, smooth
from refacts.oracles.textbook.definition import Definition, Limits, Number
from refacts.oracles.textbook.facts import HALF, at_zero

__all__ = ["DEFINITIONS", "Definition", "Limits", "Number"]

INF = math.inf
ZERO, ONE = Fraction(0), Fraction(1)


def _same(x: float, **parameters: Number) -> float:
    """Return the zero that x is; +0 where the value is 0 elsewhere."""
    return x if x == 0 else 0.0


def _same_or_negative(x: float, **parameters: Number) -> float:
    return x if x == 0 else -0.0


def _odd(x: float, **parameters: Number) -> float:
    return math.copysign(0.0, x)


def _times_minus_infinity(number: Number) -> Number:
    return -0.0 if number == 0 else -INF if number > 0 else INF


def _swish_limits(beta: Number) -> Limits:
    return (-INF, INF) if beta == 0 else (-0.0, INF) if beta > 0 else (-INF, 0.0)


def _swish_derivative_limits(beta: Number) -> Limits:
    return (HALF, HALF) if beta == 0 else (-0.0, 1.0) if beta > 0 else (1.0, -0.0)


def _to_500_bits(real: Real) -> Fraction:
    return Fraction(*libmp.to_rational(real._mpf_))


def _selu_limits() -> Limits:
    return -_to_500_bits(smooth.selu_lambda(at(512)) * smooth.selu_alpha(at(512))), INF


def _selu_derivative_limits() -> Limits:
    return 0.0, _to_500_bits(smooth.selu_lambda(at(512)))


def _hard_sigmoid_limits(slope: Number, offset: Number) -> Limits:
    level = min(max(offset, 0.0), 1.0)
    return (level, level) if slope == 0 else (0.0, 1.0) if slope > 0 else (1.0, 0.0)


def _smooth(
    name: str, values: Callable[..., Limits], slopes: Callable[..., Limits], **facts: Any
) -> Definition:
    value, derivative = getattr(smooth, name), getattr(smooth, f"{name}_derivative")
    return Definition(name, value, derivative, values, slopes, **facts)


def _rational(
    name: str, values: Callable[..., Limits], slopes: Callable[..., Limits], **facts: Any
) -> Definition:
    value, derivative = getattr(piecewise, name), getattr(piecewise, f"{name}_derivative")
    return Definition(name, value, derivative, values, slopes, rational=True, **facts)


_CATALOGUE = (
    _smooth("sigmoid", lambda: (0.0, 1.0), lambda: (0.0, 0.0), known=at_zero(HALF, HALF**2)),
    _smooth(
        "log_sigmoid",
        lambda: (-INF, -0.0),
        lambda: (1.0, 0.0),
        known=at_zero(None, HALF),
        far=facts.far_log_sigmoid,
    ),
    _smooth("tanh", lambda: (-1.0, 1.0), lambda: (0.0, 0.0), zero=_same, known=at_zero(ZERO, ONE)),
    _smooth(
        "tanhshrink",
        lambda: (-INF, INF),
        lambda: (1.0, 1.0),
        zero=_same,
        known=at_zero(ZERO, ZERO),
        far=facts.far_tanhshrink,
    ),
    _smooth(
        "softplus",
        lambda beta: (0.0, INF),
        lambda beta: (0.0, 1.0),
        known=at_zero(None, HALF),
        far=facts.far_softplus,
    ),
    _smooth(
        "silu",
        lambda: (-0.0, INF),
        lambda: (-0.0, 1.0),
        zero=_same,
        known=at_zero(ZERO, HALF),
        far=facts.far_silu,
    ),
    _smooth(
        "swish",
        _swish_limits,
        _swish_derivative_limits,
        zero=_same,
        known=facts.known_swish,
        far=facts.far_swish,
    ),
    _smooth(
        "quick_gelu",
        lambda: (-0.0, INF),
        lambda: (-0.0, 1.0),
        zero=_same,
        known=at_zero(ZERO, HALF),
        far=facts.far_quick_gelu,
    ),
    _smooth(
        "gelu",
        lambda: (-0.0, INF),
        lambda: (-0.0, 1.0),
        zero=_same,
        known=at_zero(ZERO, HALF),
        far=facts.far_gelu,
    ),
    _smooth(
        "gelu_tanh",
        lambda: (-0.0, INF),
        lambda: (-0.0, 1.0),
        zero=_same,
        known=at_zero(ZERO, HALF),
        far=facts.far_gelu_tanh,
    ),
    _smooth(
        "mish",
        lambda: (-0.0, INF),
        lambda: (-0.0, 1.0),
        zero=_same,
        known=at_zero(ZERO, Fraction(3, 5)),
        far=facts.far_mish,
    ),
    _smooth(
        "elu",
        lambda alpha: (-alpha if alpha else -0.0, INF),
        lambda alpha: (0.0 if alpha >= 0 else -0.0, 1.0),
        zero=_same_or_negative,
        known=facts.known_elu,
        far=facts.far_elu,
    ),
    _smooth("selu", _selu_limits, _selu_derivative_limits, zero=_same, known=at_zero(ZERO, None)),
    _smooth(
        "celu",
        lambda alpha: (-alpha if alpha > 0 else -INF, INF),
        lambda alpha: (0.0 if alpha > 0 else INF, 1.0),
        zero=_same,
        known=facts.known_elu,
        far=facts.far_celu,
    ),
    _smooth(
        "squareplus", lambda b: (0.0, INF), lambda b: (0.0, 1.0), zero=_same, known=facts.known_squareplus
    ),
    _rational("softsign", lambda: (-1.0, 1.0), lambda: (0.0, 0.0), zero=_same),
    _rational("sparse_plus", lambda: (0.0, INF), lambda: (0.0, 1.0)),
    _rational("sparse_sigmoid", lambda: (0.0, 1.0), lambda: (0.0, 0.0)),
    _rational("relu", lambda: (0.0, INF), lambda: (0.0, 1.0), zero=_same),
    _rational("relu6", lambda: (0.0, 6.0), lambda: (0.0, 0.0), zero=_same),
    _rational(
        "leaky_relu",
        lambda alpha: (_times_minus_infinity(alpha), INF),
        lambda alpha: (alpha, 1.0),
        zero=_same_or_negative,
    ),
    _rational(
        "prelu",
        lambda weight: (_times_minus_infinity(weight), INF),
        lambda weight: (weight, 1.0),
        zero=_same_or_negative,
    ),
    _rational(
        "threshold",
        lambda threshold, value: (value, INF),
        lambda threshold, value: (0.0, 1.0),
        zero=lambda x, threshold, value: x if x > threshold else 0.0,
    ),
    _rational(
        "hard_tanh",
        lambda min_val, max_val: (min_val, max_val),
        lambda min_val, max_val: (0.0, 0.0),
        zero=_same,
    ),
    _rational("hard_sigmoid", _hard_sigmoid_limits, lambda slope, offset: (0.0, 0.0)),
    _rational("hard_swish", lambda: (-0.0, INF), lambda: (0.0, 1.0), zero=_same_or_negative),
    _rational("hardshrink", lambda lambd: (-INF, INF), lambda lambd: (1.0, 1.0), zero=_odd),
    _rational("softshrink", lambda lambd: (-INF, INF), lambda lambd: (1.0, 1.0), zero=_odd),
    _rational("shrink", lambda lambd, bias: (-INF, INF), lambda lambd, bias: (1.0, 1.0), zero=_odd),
)

DEFINITIONS: dict[str, Definition] = {entry.name: entry for entry in _CATALOGUE}
