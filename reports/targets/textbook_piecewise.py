"""The textbook formulas of functions that are put together from pieces, or algebraic.

As in `reports.targets.textbook`; at a kink the derivative is the one from the right, as in refacts, so that
conventions are not counted as errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_SELU_ALPHA, _SELU_LAMBDA = 1.6732632423543772, 1.0507009873554805


def relu(x: Any) -> Any:
    """As the seed writes it."""
    return np.where(x >= 0, x, 0)


def relu_derivative(x: Any) -> Any:
    """1 or 0."""
    return np.where(x >= 0, 1, 0)


def relu6(x: Any) -> Any:
    """Clipped at 0 and 6."""
    return np.minimum(np.maximum(x, 0), 6)


def relu6_derivative(x: Any) -> Any:
    """1 between the kinks."""
    return np.where((x >= 0) & (x < 6), 1, 0)


def leaky_relu(x: Any, alpha: float = 0.2) -> Any:
    """x or alpha x."""
    return np.where(x >= 0, x, alpha * x)


def leaky_relu_derivative(x: Any, alpha: float = 0.2) -> Any:
    """1 or alpha."""
    return np.where(x >= 0, 1, alpha)


def prelu(x: Any, weight: float = 0.25) -> Any:
    """x or weight x."""
    return leaky_relu(x, weight)


def prelu_derivative(x: Any, weight: float = 0.25) -> Any:
    """1 or the weight."""
    return leaky_relu_derivative(x, weight)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x or alpha (e^x - 1)."""
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def elu_derivative(x: Any, alpha: float = 1.0) -> Any:
    """1 or alpha e^x."""
    return np.where(x >= 0, 1, alpha * np.exp(x))


def selu(x: Any) -> Any:
    """lambda elu(x), with the constants as decimals."""
    return _SELU_LAMBDA * elu(x, _SELU_ALPHA)


def selu_derivative(x: Any) -> Any:
    """lambda elu'(x)."""
    return _SELU_LAMBDA * elu_derivative(x, _SELU_ALPHA)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """x or alpha (e^(x/alpha) - 1)."""
    return np.where(x > 0, x, alpha * (np.exp(x / alpha) - 1))


def celu_derivative(x: Any, alpha: float = 1.0) -> Any:
    """1 or e^(x/alpha)."""
    return np.where(x >= 0, 1, np.exp(x / alpha))


def softsign(x: Any) -> Any:
    """x/(1 + |x|)."""
    return x / (1 + np.abs(x))


def softsign_derivative(x: Any) -> Any:
    """1/(1 + |x|)^2."""
    return 1 / (1 + np.abs(x)) ** 2


def squareplus(x: Any, b: float = 4.0) -> Any:
    """(x + sqrt(x^2 + b))/2."""
    return (x + np.sqrt(x**2 + b)) / 2


def squareplus_derivative(x: Any, b: float = 4.0) -> Any:
    """(1 + x/sqrt(x^2 + b))/2."""
    return (1 + x / np.sqrt(x**2 + b)) / 2


def sparse_plus(x: Any) -> Any:
    """A parabola between -1 and 1."""
    return np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4))


def sparse_plus_derivative(x: Any) -> Any:
    """sparse_sigmoid."""
    return sparse_sigmoid(x)


def sparse_sigmoid(x: Any) -> Any:
    """Linear between -1 and 1."""
    return np.clip((x + 1) / 2, 0, 1)


def sparse_sigmoid_derivative(x: Any) -> Any:
    """1/2 between the kinks."""
    return np.where((x >= -1) & (x < 1), 0.5, 0)


def threshold(x: Any, threshold: float = 1.0, value: float = 0.0) -> Any:
    """x above the threshold, else value."""
    return np.where(x > threshold, x, value)


def threshold_derivative(x: Any, threshold: float = 1.0, value: float = 0.0) -> Any:
    """1 or 0."""
    return np.where(x >= threshold, 1, 0)


def hard_tanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """Clipped at both bounds."""
    return np.clip(x, min_val, max_val)


def hard_tanh_derivative(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """1 between the bounds."""
    return np.where((x >= min_val) & (x < max_val), 1, 0)


def hard_sigmoid(x: Any, slope: float = 1 / 6, offset: float = 0.5) -> Any:
    """A line clipped at 0 and 1."""
    return np.clip(slope * x + offset, 0, 1)


def hard_sigmoid_derivative(x: Any, slope: float = 1 / 6, offset: float = 0.5) -> Any:
    """The slope where the line is not clipped."""
    line = slope * x + offset
    return np.where((line >= 0) & (line < 1), slope, 0)


def hard_swish(x: Any) -> Any:
    """x relu6(x + 3)/6."""
    return x * relu6(x + 3) / 6


def hard_swish_derivative(x: Any) -> Any:
    """(2x + 3)/6 between 0 and 1."""
    return np.where(x < -3, 0, np.where(x < 3, (2 * x + 3) / 6, 1))


def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """x outside of the middle."""
    return np.where(np.abs(x) > lambd, x, 0)


def hardshrink_derivative(x: Any, lambd: float = 0.5) -> Any:
    """0 in the middle."""
    return np.where((x >= -lambd) & (x < lambd), 0, 1)


def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """The magnitude less lambd."""
    return np.sign(x) * np.maximum(np.abs(x) - lambd, 0)


def softshrink_derivative(x: Any, lambd: float = 0.5) -> Any:
    """0 in the middle."""
    return hardshrink_derivative(x, lambd)


def shrink(x: Any, lambd: float = 0.5, bias: float = 0.0) -> Any:
    """x moved by bias towards 0 outside of the middle."""
    return np.where(x < -lambd, x + bias, np.where(x > lambd, x - bias, 0))


def shrink_derivative(x: Any, lambd: float = 0.5, bias: float = 0.0) -> Any:
    """0 in the middle."""
    return hardshrink_derivative(x, lambd)
