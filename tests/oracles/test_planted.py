"""Controls: definitions that are wrong, and the check that must reject each."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from refacts.oracles import DEFINITIONS
from refacts.oracles.textbook import piecewise, smooth

from tests.oracles.catalogue import defaults
from tests.oracles.enclosures import enclosure
from tests.oracles.independent import contains
from tests.oracles.test_definitions import context, differs, in_context
from tests.oracles.test_piecewise import is_by_hand


def gelu_tanh_with(coefficient):
    def value(mp, x):
        return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + coefficient * x**3)))

    return value


def slope_of(line):
    return lambda mp, x, **parameters: mp.diff(lambda t: line(mp, t, **parameters), x)


def softplus_in_torch(mp, x, beta):
    return x if beta * x > 20 else smooth.softplus(mp, x, beta)


SELU_DECIMALS = (1.0507009873554805, 1.6732632423543772)
# name, quantity, the wrong line, a point where it is wrong
WRONG = {
    "sign flipped": ("sigmoid", 1, lambda mp, x: -smooth.sigmoid_derivative(mp, x), 1.25),
    "of another": ("tanh", 1, smooth.sigmoid_derivative, 1.25),
    "not squared": ("tanh", 1, lambda mp, x: mp.sech(x), 1.25),
    "with a float64 constant": ("tanh", 1, lambda mp, x: (1 + mp.mpf(1e-17)) * mp.sech(x) ** 2, 1.25),
    "decimal selu": ("selu", 0, lambda mp, x: SELU_DECIMALS[0] * smooth.elu(mp, x, SELU_DECIMALS[1]), -1.0),
    "decimal lambda": ("selu", 0, lambda mp, x: SELU_DECIMALS[0] * x, 1.0),
    "decimal selu slope": ("selu", 1, lambda mp, x: math.prod(SELU_DECIMALS) * mp.exp(x), -1.0),
    "threshold 20": ("softplus", 0, softplus_in_torch, 20.5),
    "threshold 20 slope": ("softplus", 1, slope_of(softplus_in_torch), 20.5),
    "1 + erf in float64": ("gelu", 0, lambda mp, x: x * mp.mpf(1 + math.erf(float(x) / 2**0.5)) / 2, -5.0),
    "gelu of tanh": ("gelu", 0, smooth.gelu_tanh, 0.5),
    "tanh of gelu": ("gelu_tanh", 1, smooth.gelu_derivative, 0.5),
    "1.702 as a float64": ("quick_gelu", 0, lambda mp, x: smooth.swish(mp, x, mp.mpf(1.702)), -1.0),
    "1.702 left out": ("quick_gelu", 1, smooth.silu_derivative, -1.0),
    "0.044715 as a float64": ("gelu_tanh", 0, lambda mp, x: gelu_tanh_with(mp.mpf(0.044715))(mp, x), 0.5),
    "0.044715 as a float64 in the slope": (
        "gelu_tanh", 1, slope_of(lambda mp, x: gelu_tanh_with(mp.mpf(0.044715))(mp, x)), 0.5,
    ),
    "sigmoid's slope only": ("silu", 1, smooth.sigmoid, 0.3),
    "beta forgotten": ("swish", 1, lambda mp, x, beta: smooth.swish_derivative(mp, x, 1.5 * beta), 0.3),
    "1 - tanh": ("tanhshrink", 1, lambda mp, x: 1 - mp.tanh(x), 0.3),
    "exponent cut off": ("log_sigmoid", 0, lambda mp, x: min(x, 0) - mp.exp(-abs(x)), 0.3),
    "of softplus": ("mish", 1, lambda mp, x: mp.tanh(mp.log(1 + mp.exp(x))), 0.3),
    "e^x": ("elu", 0, lambda mp, x, alpha: alpha * mp.exp(x), -0.3),
    "alpha times": ("celu", 1, lambda mp, x, alpha: mp.exp(x) / 2, -0.3),
    "b off by 1e-20": ("squareplus", 0, lambda mp, x, b: (x + mp.sqrt(x**2 + b + 1e-20)) / 2, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_wrong_smooth_lines_are_caught_by_arb(case):
    name, which, wrong, x = case
    mp, quantity = context(2000), ("value", "derivative")[which]
    numbers = in_context(mp, defaults(name))
    ball = enclosure(name, quantity, x, defaults(name))
    right = getattr(smooth, f"{name}_derivative" if which else name)
    assert contains(ball, right(mp, mp.mpf(x), **numbers), precision=400)
    assert not contains(ball, wrong(mp, mp.mpf(x), **numbers), precision=400)


@pytest.mark.parametrize(
    "case", [case for case in WRONG.values() if case[1]], ids=[key for key, case in WRONG.items() if case[1]]
)
def test_wrong_derivatives_are_caught_by_differentiation(case):
    name, _, wrong, _ = case
    assert differs(DEFINITIONS[name].value, wrong, defaults(name))


def left(kinks, right):
    """The derivative from the left at a kink."""
    return lambda mp, x, **parameters: right(mp, x - (x in kinks) * Fraction(1, 2**60), **parameters)


WRONG_PIECEWISE = {
    "no cap": ("relu6", piecewise.relu, piecewise.relu6_derivative),
    "kink of relu6": ("relu6", piecewise.relu6, left([0, 6], piecewise.relu6_derivative)),
    "kink of relu": ("relu", piecewise.relu, lambda mp, x: 1 if x > 0 else 0),
    "slope of the left": (
        "leaky_relu", piecewise.leaky_relu, lambda mp, x, alpha: 1 if x > 0 else alpha,
    ),
    "kinks of hard_tanh": ("hard_tanh", piecewise.hard_tanh, left([-1, 1], piecewise.hard_tanh_derivative)),
    "kinks of hard_swish": (
        "hard_swish", piecewise.hard_swish, left([-3, 3], piecewise.hard_swish_derivative),
    ),
    "1/6 as a float64": ("hard_sigmoid", lambda mp, x, **p: min(max(x * 0.16666666666666666 + 0.5, 0), 1),
                         piecewise.hard_sigmoid_derivative),
    "kinks of hard_sigmoid": (
        "hard_sigmoid", piecewise.hard_sigmoid, left([-3, 3], piecewise.hard_sigmoid_derivative),
    ),
    "threshold reached": (
        "threshold", lambda mp, x, threshold, value: x if x >= threshold else value,
        piecewise.threshold_derivative,
    ),
    "hard for soft": ("softshrink", piecewise.hardshrink, piecewise.softshrink_derivative),
    "shrink the wrong way": (
        "shrink", lambda mp, x, lambd, bias: piecewise.shrink(mp, x, lambd, bias + 1),
        piecewise.shrink_derivative,
    ),
    "kinks of hardshrink": (
        "hardshrink", piecewise.hardshrink, lambda mp, x, lambd: 1 if abs(x) > lambd else 0,
    ),
    "softsign by x": ("softsign", lambda mp, x: x / (1 + x * x), piecewise.softsign_derivative),
    "parabola off": ("sparse_plus", lambda mp, x: max((x + 1), 0) ** 2 / 4, piecewise.sparse_plus_derivative),
    "sparse kinks": (
        "sparse_sigmoid", piecewise.sparse_sigmoid, left([-1, 1], piecewise.sparse_sigmoid_derivative),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_PIECEWISE.values(), ids=WRONG_PIECEWISE)
def test_wrong_piecewise_lines_are_caught_by_hand(case):
    name, value, derivative = case
    right = DEFINITIONS[name]
    assert is_by_hand(name, right.value, right.derivative, defaults(name))
    assert not is_by_hand(name, value, derivative, defaults(name))
