"""Formulas as a blog post or a framework's reference writes them: what refacts is measured against.

In NumPy, in the input's dtype (Python numbers keep float32; bfloat16 goes on in float32 where NumPy
says so). They are meant to be wrong where a textbook formula is wrong. Warnings are suppressed by
the caller. Functions with a kink or a corner are in `reports.targets.textbook_piecewise`, those of rows in
`reports.targets.textbook_rowwise`, gated ones in `reports.targets.textbook_gated`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

_ERF = np.frompyfunc(math.erf, 1, 1)
_GELU_TANH = math.sqrt(2 / math.pi)


def vjp(derivative: Callable[..., Any]) -> Callable[..., Any]:
    """The product of a cotangent and an elementwise derivative."""
    return lambda x, g, **parameters: g * derivative(x, **parameters).astype(x.dtype)


def sigmoid(x: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Any) -> Any:
    """s (1 - s)."""
    s = sigmoid(x)
    return s * (1 - s)


def log_sigmoid(x: Any) -> Any:
    """The logarithm of the logistic function."""
    return -np.log(1 + np.exp(-x))


def log_sigmoid_derivative(x: Any) -> Any:
    """1 - s."""
    return 1 - sigmoid(x)


def tanh(x: Any) -> Any:
    """The seed's formula."""
    return 2 / (1 + np.exp(-2 * x)) - 1


def tanh_derivative(x: Any) -> Any:
    """1 - t^2."""
    t = tanh(x)
    return 1 - t**2


def tanhshrink(x: Any) -> Any:
    """Difference of two numbers that are nearly equal near 0."""
    return x - np.tanh(x)


def tanhshrink_derivative(x: Any) -> Any:
    """t^2."""
    return np.tanh(x) ** 2


def softplus(x: Any, beta: float = 1.0) -> Any:
    """Without the threshold some frameworks add."""
    return np.log(1 + np.exp(beta * x)) / beta


def softplus_derivative(x: Any, beta: float = 1.0) -> Any:
    """The logistic function of beta x."""
    return sigmoid(beta * x)


def silu(x: Any) -> Any:
    """x s."""
    return x * sigmoid(x)


def silu_derivative(x: Any) -> Any:
    """s + x s (1 - s)."""
    s = sigmoid(x)
    return s + x * s * (1 - s)


def swish(x: Any, beta: float = 1.0) -> Any:
    """x s, where s is the logistic function of beta x."""
    return x * sigmoid(beta * x)


def swish_derivative(x: Any, beta: float = 1.0) -> Any:
    """s + beta x s (1 - s)."""
    s = sigmoid(beta * x)
    return s + beta * x * s * (1 - s)


def quick_gelu(x: Any) -> Any:
    """The approximation of gelu by swish."""
    return swish(x, 1.702)


def quick_gelu_derivative(x: Any) -> Any:
    """That of swish."""
    return swish_derivative(x, 1.702)


def gelu(x: Any) -> Any:
    """x Phi(x) by erf."""
    return x / 2 * (1 + _erf(x / math.sqrt(2)))


def gelu_derivative(x: Any) -> Any:
    """Phi + x phi."""
    normal_density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return (1 + _erf(x / math.sqrt(2))) / 2 + x * normal_density


def _erf(x: Any) -> Any:
    return _ERF(x).astype(x.dtype)


def gelu_tanh(x: Any) -> Any:
    """The approximation of gelu by tanh."""
    return x / 2 * (1 + np.tanh(_GELU_TANH * (x + 0.044715 * x**3)))


def gelu_tanh_derivative(x: Any) -> Any:
    """(1 + t)/2 + x/2 (1 - t^2) u', where t = tanh u."""
    t = np.tanh(_GELU_TANH * (x + 0.044715 * x**3))
    return (1 + t) / 2 + x / 2 * (1 - t**2) * _GELU_TANH * (1 + 3 * 0.044715 * x**2)


def mish(x: Any) -> Any:
    """x tanh(softplus(x))."""
    return x * np.tanh(softplus(x))


def mish_derivative(x: Any) -> Any:
    """t + x (1 - t^2) s, where t = tanh(softplus(x))."""
    t = np.tanh(softplus(x))
    return t + x * (1 - t**2) * sigmoid(x)
