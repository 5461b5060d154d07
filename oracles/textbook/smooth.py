"""The smooth activations as a textbook writes them, value and derivative, one line each.

``mp`` is any mpmath context: the lines ask for exp, log, sqrt, tanh, sech, erfc and pi. Decimals
are fractions of integers, so that they are the decimals. Derivatives at a kink are the ones from
the right.
"""

from __future__ import annotations

from typing import Any


def sigmoid(mp: Any, x: Any) -> Any:
    """Logistic function."""
    return 1 / (1 + mp.exp(-x))


def sigmoid_derivative(mp: Any, x: Any) -> Any:
    """Slope of the logistic function."""
    return mp.exp(-x) / (1 + mp.exp(-x)) ** 2


def log_sigmoid(mp: Any, x: Any) -> Any:
    """Logarithm of the logistic function."""
    return -mp.log(1 + mp.exp(-x))


def log_sigmoid_derivative(mp: Any, x: Any) -> Any:
    """Logistic function of -x."""
    return 1 / (1 + mp.exp(x))


def tanh(mp: Any, x: Any) -> Any:
    """Hyperbolic tangent."""
    return mp.tanh(x)


def tanh_derivative(mp: Any, x: Any) -> Any:
    """Slope of the hyperbolic tangent."""
    return mp.sech(x) ** 2


def tanhshrink(mp: Any, x: Any) -> Any:
    """What the hyperbolic tangent takes away."""
    return x - mp.tanh(x)


def tanhshrink_derivative(mp: Any, x: Any) -> Any:
    """One minus the slope of the hyperbolic tangent."""
    return mp.tanh(x) ** 2


def softplus(mp: Any, x: Any, beta: Any) -> Any:
    """Smooth ramp."""
    return mp.log(1 + mp.exp(beta * x)) / beta


def softplus_derivative(mp: Any, x: Any, beta: Any) -> Any:
    """Logistic function of beta x."""
    return 1 / (1 + mp.exp(-beta * x))


def swish(mp: Any, x: Any, beta: Any) -> Any:
    """x times the logistic function of beta x."""
    return x / (1 + mp.exp(-beta * x))


def swish_derivative(mp: Any, x: Any, beta: Any) -> Any:
    """Product rule."""
    return 1 / (1 + mp.exp(-beta * x)) + beta * x * mp.exp(-beta * x) / (1 + mp.exp(-beta * x)) ** 2


def silu(mp: Any, x: Any) -> Any:
    """x times the logistic function."""
    return x / (1 + mp.exp(-x))


def silu_derivative(mp: Any, x: Any) -> Any:
    """Product rule."""
    return 1 / (1 + mp.exp(-x)) + x * mp.exp(-x) / (1 + mp.exp(-x)) ** 2


def quick_gelu(mp: Any, x: Any) -> Any:
    """x times the logistic function of 1.702 x."""
    return x / (1 + mp.exp(-1702 * x / 1000))


def quick_gelu_derivative(mp: Any, x: Any) -> Any:
    """Product rule."""
    e = mp.exp(-1702 * x / 1000)
    return 1 / (1 + e) + 1702 * x / 1000 * e / (1 + e) ** 2


def gelu(mp: Any, x: Any) -> Any:
    """x times the normal distribution function."""
    return x * mp.erfc(-x / mp.sqrt(2)) / 2


def gelu_derivative(mp: Any, x: Any) -> Any:
    """Normal distribution function plus x times its density."""
    return mp.erfc(-x / mp.sqrt(2)) / 2 + x * mp.exp(-(x**2) / 2) / mp.sqrt(2 * mp.pi)


def gelu_tanh(mp: Any, x: Any) -> Any:
    """The hyperbolic tangent's likeness of gelu, with 0.044715."""
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + 44715 * x**3 / 1000000)))


def gelu_tanh_derivative(mp: Any, x: Any) -> Any:
    """Product and chain rule."""
    u = mp.sqrt(2 / mp.pi) * (x + 44715 * x**3 / 1000000)
    slope = mp.sqrt(2 / mp.pi) * (1 + 3 * 44715 * x**2 / 1000000)
    return (1 + mp.tanh(u)) / 2 + x / 2 * mp.sech(u) ** 2 * slope


def mish(mp: Any, x: Any) -> Any:
    """x times the hyperbolic tangent of softplus."""
    return x * mp.tanh(mp.log(1 + mp.exp(x)))


def mish_derivative(mp: Any, x: Any) -> Any:
    """Product and chain rule."""
    softplus = mp.log(1 + mp.exp(x))
    return mp.tanh(softplus) + x * mp.sech(softplus) ** 2 / (1 + mp.exp(-x))


def elu(mp: Any, x: Any, alpha: Any) -> Any:
    """Exponential linear unit."""
    return x if x > 0 else alpha * (mp.exp(x) - 1)


def elu_derivative(mp: Any, x: Any, alpha: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else alpha * mp.exp(x)


def selu_alpha(mp: Any) -> Any:
    """Solution of the fixed-point equations of Klambauer et al. (2017), 1.6732632423543772848..."""
    return -mp.sqrt(2 / mp.pi) / (mp.erfc(1 / mp.sqrt(2)) * mp.sqrt(mp.exp(1)) - 1)


def selu_lambda(mp: Any) -> Any:
    """Solution of the fixed-point equations of Klambauer et al. (2017), 1.0507009873554804934..."""
    tail, e = mp.erfc(1 / mp.sqrt(2)), mp.exp(1)
    square = 2 * mp.erfc(mp.sqrt(2)) * e**2 + mp.pi * tail**2 * e
    square = square - 2 * (2 + mp.pi) * tail * mp.sqrt(e) + mp.pi + 2
    return (1 - tail * mp.sqrt(e)) * mp.sqrt(2 * mp.pi) / mp.sqrt(square)


def selu(mp: Any, x: Any) -> Any:
    """Self-normalising exponential linear unit."""
    return selu_lambda(mp) * elu(mp, x, selu_alpha(mp))


def selu_derivative(mp: Any, x: Any) -> Any:
    """From the right at 0."""
    return selu_lambda(mp) * elu_derivative(mp, x, selu_alpha(mp))


def celu(mp: Any, x: Any, alpha: Any) -> Any:
    """Exponential linear unit with a continuous slope."""
    return x if x > 0 else alpha * (mp.exp(x / alpha) - 1)


def celu_derivative(mp: Any, x: Any, alpha: Any) -> Any:
    """From the right at 0."""
    return 1 if x >= 0 else mp.exp(x / alpha)


def squareplus(mp: Any, x: Any, b: Any) -> Any:
    """Larger root of the hyperbola y (y - x) = b/4."""
    return (x + mp.sqrt(x**2 + b)) / 2


def squareplus_derivative(mp: Any, x: Any, b: Any) -> Any:
    """Slope of the hyperbola."""
    return (1 + x / mp.sqrt(x**2 + b)) / 2
