"""Wrong kernels. Every check is shown to reject at least one of them.

The first are the blog post's own formulas, as it gives them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import refacts


@dataclass(eq=False)
class Planted:
    """A kernel with the protocol of an activation, and whatever is wrong with it."""

    like: Any
    value: Callable[..., Any]
    derivative: Callable[..., Any]
    product: Callable[..., Any] | None = None
    loud: bool = False  # whether its floating-point warnings are let through
    stated: Any = None  # a spec other than that of `like`

    @property
    def spec(self) -> Any:
        return self.stated or self.like.spec

    def fact(self, name: str) -> Any:
        known = getattr(self.spec, name)
        return known(**self.parameters) if callable(known) else known

    @property
    def parameters(self) -> Any:
        return self.like.parameters

    def _run(self, x: Any, result: Callable[[], Any], out: Any) -> Any:
        x = np.asarray(x)
        quiet: Any = np.errstate() if self.loud else np.errstate(all="ignore")
        with quiet:
            y = np.asarray(result()).astype(x.dtype.newbyteorder("="))
        if out is not None:
            out[...] = y
            return out
        return y

    def __call__(self, x: Any, out: Any = None) -> Any:
        return self._run(x, lambda: self.value(x), out)

    def gradient(self, x: Any, out: Any = None) -> Any:
        return self._run(x, lambda: self.derivative(x), out)

    def vjp(self, x: Any, g: Any, out: Any = None) -> Any:
        if self.product is not None:
            return self._run(x, lambda: self.product(x, g), out)
        return self._run(x, lambda: g * np.asarray(self.derivative(x)).astype(x.dtype), out)

    jvp = vjp


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _sigmoid_gradient(x: Any) -> Any:
    s = _sigmoid(x)
    return s * (1 - s)


def _tanh(x: Any) -> Any:
    return 2 / (1 + np.exp(-2 * x)) - 1


def _tanh_gradient(x: Any) -> Any:
    t = _tanh(x)
    return 1 - t**2


SEED = {
    "relu": Planted(
        refacts.relu, lambda x: np.where(x >= 0, x, 0), lambda x: np.where(x >= 0, 1, 0)
    ),
    "leaky_relu": Planted(
        refacts.leaky_relu,
        lambda x: np.where(x >= 0, x, 0.2 * x),
        lambda x: np.where(x >= 0, 1, 0.2),
    ),
    "sigmoid": Planted(refacts.sigmoid, _sigmoid, _sigmoid_gradient),
    "tanh": Planted(refacts.tanh, _tanh, _tanh_gradient),
}
SEED_LOUD = Planted(refacts.sigmoid, _sigmoid, _sigmoid_gradient, loud=True)


def _via_float64(method: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, *g: method(np.asarray(x, np.float64), *(np.asarray(a, np.float64) for a in g))


ROUNDED_TWICE = Planted(  # float64 results cast to the input's format
    refacts.sigmoid,
    _via_float64(refacts.sigmoid),
    _via_float64(refacts.sigmoid.gradient),
    _via_float64(refacts.sigmoid.vjp),
)


def _flushed(y: Any) -> Any:
    return np.where(np.abs(y) < np.finfo(y.dtype).smallest_normal, y.dtype.type(0), y)


FLUSHES_TO_ZERO = Planted(
    refacts.sigmoid,
    lambda x: _flushed(np.asarray(refacts.sigmoid(x))),
    lambda x: _flushed(np.asarray(refacts.sigmoid.gradient(x))),
)
LEFT_DERIVATIVE = Planted(refacts.relu, refacts.relu, lambda x: np.where(x > 0, 1.0, 0.0))
LOSES_ZERO_SIGN = Planted(refacts.tanh, lambda x: refacts.tanh(x) + 0.0, refacts.tanh.gradient)
LOSES_NAN = Planted(
    refacts.sigmoid, lambda x: np.nan_to_num(refacts.sigmoid(x)), refacts.sigmoid.gradient
)
OUT_OF_RANGE = Planted(
    refacts.tanh, lambda x: refacts.tanh(x) * np.float32(1.0000002), refacts.tanh.gradient
)
NOT_ODD = Planted(
    refacts.tanh, lambda x: np.nextafter(refacts.tanh(x), np.inf), refacts.tanh.gradient
)
NOT_MONOTONE = Planted(
    refacts.tanh, lambda x: refacts.tanh(x) - 1e-3 * np.sin(1e4 * np.nan_to_num(x)), lambda x: x
)


def _phi(x: Any) -> Any:
    return np.vectorize(lambda v: (1 + math.erf(v / math.sqrt(2))) / 2, otypes=[float])(x)


def _density(x: Any) -> Any:
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


ONE_PLUS_ERF = Planted(refacts.gelu, lambda x: x * _phi(x), lambda x: _phi(x) + x * _density(x))
EXP_MINUS_ONE = Planted(
    refacts.elu,
    lambda x: np.where(x >= 0, x, np.exp(x) - 1),
    lambda x: np.where(x >= 0, 1, refacts.elu(np.asarray(x)) + 1),
)
THRESHOLD_20 = Planted(
    refacts.softplus,
    lambda x: np.where(x > 20, x, refacts.softplus(x)),
    refacts.softplus.gradient,
)
_SCALE, _ALPHA = 1.0507, 1.67326  # as printed in the paper
DECIMAL_SELU = Planted(
    refacts.selu,
    lambda x: np.where(x >= 0, _SCALE * x, _SCALE * _ALPHA * np.expm1(x)),
    lambda x: np.where(x >= 0, _SCALE, _SCALE * _ALPHA * np.exp(x)),
)
BINARY_1702 = Planted(refacts.quick_gelu, refacts.Swish(1.702), refacts.Swish(1.702).gradient)
NO_CAP = Planted(refacts.relu6, refacts.relu, refacts.relu.gradient)
ELU_LEFT = Planted(
    refacts.selu, refacts.selu, lambda x: refacts.selu.gradient(np.where(x == 0, -1e-30, x).astype(x.dtype))
)
SQUARE_OF_TANH = Planted(
    refacts.tanhshrink, refacts.tanhshrink, lambda x: np.asarray(refacts.tanh(x)) ** 2
)
CANCELLING_SHRINK = Planted(refacts.tanhshrink, lambda x: x - np.asarray(refacts.tanh(x)), lambda x: x)


def _first_changed(x: Any) -> Any:
    y = refacts.sigmoid(x)
    if np.ndim(x) and np.size(x):
        np.asarray(x).flat[0] = 0
    return y


CHANGES_INPUT = Planted(refacts.sigmoid, _first_changed, _first_changed)


def _by_length(x: Any) -> Any:
    y = np.asarray(refacts.sigmoid(x))
    return np.nextafter(y, y.dtype.type(2)) if y.size > 4 else y


DEPENDS_ON_LENGTH = Planted(refacts.sigmoid, _by_length, _by_length)


@dataclass
class IgnoresOut(Planted):
    """Returns a new array whatever `out` is."""

    def _run(self, x: Any, result: Callable[[], Any], out: Any) -> Any:
        return super()._run(x, result, None)


IGNORES_OUT = IgnoresOut(refacts.sigmoid, refacts.sigmoid, refacts.sigmoid.gradient)
