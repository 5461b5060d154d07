"""The formulas of the seed, in the input's dtype: what refacts is measured against.

They are meant to be wrong where a textbook formula is wrong. Warnings are suppressed by the caller.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def relu(x: Any) -> Any:
    """max(x, 0)."""
    return np.where(x >= 0, x, 0)


def relu_derivative(x: Any) -> Any:
    """1 or 0."""
    return np.where(x >= 0, 1, 0)


def relu_vjp(x: Any, g: Any) -> Any:
    """G f'(x)."""
    return g * relu_derivative(x).astype(x.dtype)


def leaky_relu(x: Any, alpha: float = 0.2) -> Any:
    """X or alpha x."""
    return np.where(x >= 0, x, alpha * x)


def leaky_relu_derivative(x: Any, alpha: float = 0.2) -> Any:
    """1 or alpha."""
    return np.where(x >= 0, 1, alpha)


def leaky_relu_vjp(x: Any, g: Any, alpha: float = 0.2) -> Any:
    """G f'(x)."""
    return g * leaky_relu_derivative(x, alpha).astype(x.dtype)


def sigmoid(x: Any) -> Any:
    """1/(1 + e^-x)."""
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Any) -> Any:
    """S (1 - s)."""
    s = sigmoid(x)
    return s * (1 - s)


def sigmoid_vjp(x: Any, g: Any) -> Any:
    """G f'(x)."""
    return g * sigmoid_derivative(x)


def tanh(x: Any) -> Any:
    """2/(1 + e^-2x) - 1."""
    return 2 / (1 + np.exp(-2 * x)) - 1


def tanh_derivative(x: Any) -> Any:
    """1 - t^2."""
    t = tanh(x)
    return 1 - t**2


def tanh_vjp(x: Any, g: Any) -> Any:
    """G f'(x)."""
    return g * tanh_derivative(x)


def softmax(x: Any) -> Any:
    """e^x / sum e^x along the last axis."""
    e = np.exp(x)
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_derivative(x: Any) -> Any:
    """P (1 - p), the Jacobian's diagonal."""
    p = softmax(x)
    return p * (1 - p)


def softmax_vjp(x: Any, g: Any) -> Any:
    """P (g - sum g p)."""
    p = softmax(x)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))


def softmax_jacobian(x: Any) -> Any:
    """diag(p) - p p^T of one row."""
    p = softmax(x)
    return np.diag(p) - np.outer(p, p)
