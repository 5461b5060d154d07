"""Arb's enclosure of every smooth activation, from another formula than the oracle's."""

from __future__ import annotations

import flint

from tests.oracles.independent import arb


def logistic(u):
    return (u / 2).exp() / (2 * (u / 2).cosh())


def gate(x, beta):
    return x * logistic(beta * x)


def gate_slope(x, beta):
    return logistic(beta * x) * (1 + beta * x * logistic(-beta * x))


def phi(x):
    """The normal distribution function; 1 + erf only where that leaves something."""
    t = x / flint.arb(2).sqrt()
    return (-t).erfc() / 2 if x < -8 else (1 + t.erf()) / 2


def density(x):
    return (-x * x / 2).exp() / flint.arb.const_sqrt_pi() / flint.arb(2).sqrt()


def tanh_argument(x):
    return (2 / flint.arb.pi()).sqrt() * x * (1 + flint.arb("0.044715") * x * x)


def tanh_argument_slope(x):
    return (2 / flint.arb.pi()).sqrt() * (1 + flint.arb("0.134145") * x * x)


def gelu_tanh_slope(x):
    u = 2 * tanh_argument(x)
    return logistic(u) * (1 + 2 * x * tanh_argument_slope(x) * logistic(-u))


def mish(x):
    e = x.exp()
    return x * e * (e + 2) / (e * (e + 2) + 2)


def mish_slope(x):
    """As in the paper (Misra 2019)."""
    e = x.exp()
    omega = 4 * (x + 1) + 4 * e**2 + e**3 + e * (4 * x + 6)
    return e * omega / (2 * e + e**2 + 2) ** 2


def selu_scale():
    """1/lambda^2 and alpha from the two moments that the paper keeps at 0 and 1."""
    below = [(1 - (flint.arb(k) / flint.arb(2).sqrt()).erf()) / 2 for k in (1, 2)]  # Phi(-1), Phi(-2)
    root, square = flint.arb("0.5").exp(), flint.arb(2).exp()
    alpha = density(flint.arb(0)) / (flint.arb("0.5") - root * below[0])
    second = flint.arb("0.5") + alpha**2 * (square * below[1] - 2 * root * below[0] + flint.arb("0.5"))
    return 1 / second.sqrt(), alpha


def selu(x):
    scale, alpha = selu_scale()
    return scale * (x if x > 0 else alpha * x.expm1())


def selu_slope(x):
    scale, alpha = selu_scale()
    return scale * (1 if x >= 0 else alpha * x.exp())


def squareplus(x, b):
    root = (x * x + b).sqrt()
    return b / 2 / (root - x) if x < 0 else (root + x) / 2


def squareplus_slope(x, b):
    return squareplus(x, b) / (x * x + b).sqrt()


ENCLOSURES = {
    "sigmoid": (logistic, lambda x: 1 / (2 * (x / 2).cosh()) ** 2),
    "log_sigmoid": (lambda x: -(-x).exp().log1p(), lambda x: logistic(-x)),
    "tanh": (lambda x: x.tanh(), lambda x: 1 / x.cosh() ** 2),
    "tanhshrink": (
        lambda x: (x * x.cosh() - x.sinh()) / x.cosh(),
        lambda x: 1 - 1 / x.cosh() ** 2,
    ),
    "softplus": (lambda x, beta: (beta * x).exp().log1p() / beta, lambda x, beta: logistic(beta * x)),
    "silu": (lambda x: gate(x, 1), lambda x: gate_slope(x, 1)),
    "swish": (gate, gate_slope),
    "quick_gelu": (
        lambda x: gate(x, flint.arb("1.702")),
        lambda x: gate_slope(x, flint.arb("1.702")),
    ),
    "gelu": (lambda x: x * phi(x), lambda x: phi(x) + x * density(x)),
    "gelu_tanh": (lambda x: x * logistic(2 * tanh_argument(x)), gelu_tanh_slope),
    "mish": (mish, mish_slope),
    "elu": (
        lambda x, alpha: x if x > 0 else alpha * x.expm1(),
        lambda x, alpha: flint.arb(1) if x >= 0 else alpha * x.exp(),
    ),
    "selu": (selu, selu_slope),
    "celu": (
        lambda x, alpha: x if x > 0 else alpha * (x / alpha).expm1(),
        lambda x, alpha: flint.arb(1) if x >= 0 else (x / alpha).exp(),
    ),
    "squareplus": (squareplus, squareplus_slope),
}


def enclosure(name, quantity, x, parameters):
    """A function of no arguments that evaluates at Arb's current precision."""
    formula = ENCLOSURES[name][quantity == "derivative"]
    return lambda: formula(arb(x), **{key: arb(number) for key, number in parameters.items()})
