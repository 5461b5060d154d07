"""The rational activations as a textbook writes them, value and derivative, one line each.

Evaluated on ``fractions.Fraction``; ``mp`` is not used. Derivatives at a kink are the ones from
the right.
"""

from __future__ import annotations

from typing import Any


def _clip(x: Any, low: Any, high: Any) -> Any:
    return min(max(x, low), high)


def relu(mp: Any, x: Any) -> Any:
    """Rectified linear unit."""
    return max(x, 0)


def relu_derivative(mp: Any, x: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else 0


def relu6(mp: Any, x: Any) -> Any:
    """Rectified linear unit with a cap."""
    return min(max(x, 0), 6)


def relu6_derivative(mp: Any, x: Any) -> Any:
    """From the right at 0 and 6."""
    return 1 if 0 <= x < 6 else 0


def leaky_relu(mp: Any, x: Any, alpha: Any) -> Any:
    """Rectified linear unit that lets a share alpha through."""
    return x if x >= 0 else alpha * x


def leaky_relu_derivative(mp: Any, x: Any, alpha: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else alpha


def prelu(mp: Any, x: Any, weight: Any) -> Any:
    """Rectified linear unit that lets a learned share through."""
    return x if x >= 0 else weight * x


def prelu_derivative(mp: Any, x: Any, weight: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else weight


def threshold(mp: Any, x: Any, threshold: Any, value: Any) -> Any:
    """x above a threshold, a constant below."""
    return x if x > threshold else value


def threshold_derivative(mp: Any, x: Any, threshold: Any, value: Any) -> Any:
    """From the right at the threshold."""
    return 1 if x >= threshold else 0


def hard_tanh(mp: Any, x: Any, min_val: Any, max_val: Any) -> Any:
    """x between two bounds."""
    return _clip(x, min_val, max_val)


def hard_tanh_derivative(mp: Any, x: Any, min_val: Any, max_val: Any) -> Any:
    """From the right at the bounds."""
    return 1 if min_val <= x < max_val else 0


def hard_sigmoid(mp: Any, x: Any, slope: Any, offset: Any) -> Any:
    """A straight line between 0 and 1."""
    return _clip(slope * x + offset, 0, 1)


def hard_sigmoid_derivative(mp: Any, x: Any, slope: Any, offset: Any) -> Any:
    """From the right at the kinks: rising from 0, or falling from 1."""
    line = slope * x + offset
    return slope if (slope > 0 and 0 <= line < 1) or (slope < 0 and 0 < line <= 1) else 0


def hard_swish(mp: Any, x: Any) -> Any:
    """x times a straight line between 0 and 1."""
    return x * _clip(x + 3, 0, 6) / 6


def hard_swish_derivative(mp: Any, x: Any) -> Any:
    """From the right at -3 and 3."""
    return 0 if x < -3 else (2 * x + 3) / 6 if x < 3 else 1


def hardshrink(mp: Any, x: Any, lambd: Any) -> Any:
    """Nothing near 0, x elsewhere."""
    return x if abs(x) > lambd else 0


def hardshrink_derivative(mp: Any, x: Any, lambd: Any) -> Any:
    """From the right at the kinks."""
    return 0 if -lambd <= x < lambd else 1


def softshrink(mp: Any, x: Any, lambd: Any) -> Any:
    """x moved towards 0 by lambd, and no further than 0."""
    return (1 if x >= 0 else -1) * max(abs(x) - lambd, 0)


def softshrink_derivative(mp: Any, x: Any, lambd: Any) -> Any:
    """From the right at the kinks."""
    return 0 if -lambd <= x < lambd else 1


def shrink(mp: Any, x: Any, lambd: Any, bias: Any) -> Any:
    """Nothing near 0, x moved towards 0 by bias elsewhere."""
    return x + bias if x < -lambd else x - bias if x > lambd else 0


def shrink_derivative(mp: Any, x: Any, lambd: Any, bias: Any) -> Any:
    """From the right at the kinks."""
    return 0 if -lambd <= x < lambd else 1


def softsign(mp: Any, x: Any) -> Any:
    """x on the scale of 1 + |x|."""
    return x / (1 + abs(x))


def softsign_derivative(mp: Any, x: Any) -> Any:
    """The same on either side of 0."""
    return 1 / (1 + abs(x)) ** 2


def sparse_plus(mp: Any, x: Any) -> Any:
    """0, a parabola, x."""
    return 0 if x <= -1 else (x + 1) ** 2 / 4 if x < 1 else x


def sparse_plus_derivative(mp: Any, x: Any) -> Any:
    """sparse_sigmoid."""
    return _clip((x + 1) / 2, 0, 1)


def sparse_sigmoid(mp: Any, x: Any) -> Any:
    """A straight line between 0 and 1."""
    return _clip((x + 1) / 2, 0, 1)


def sparse_sigmoid_derivative(mp: Any, x: Any) -> Any:
    """From the right at -1 and 1."""
    return 0.5 if -1 <= x < 1 else 0
