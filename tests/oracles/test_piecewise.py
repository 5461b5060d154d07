"""The rational activations against formulas in |x|, and their derivatives against exact differences."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import DEFINITIONS, FORMATS, exact

from tests.oracles.catalogue import RATIONAL, case_id, cases
from tests.oracles.independent import bisected, same

HALF = Fraction(1, 2)
STEP = Fraction(1, 2**3000)  # no kink that is no multiple of 2^-1074 lies so close to a float
CASE = pytest.mark.parametrize(("name", "parameters"), cases(RATIONAL), ids=case_id)


def between(x, low, high):
    return (low + high + abs(x - low) - abs(x - high)) / 2


def above(x, threshold):
    """1 above the threshold, 0 at it and below."""
    return Fraction(int(x > threshold))


BY_HAND = {
    "relu": lambda x: (x + abs(x)) / 2,
    "relu6": lambda x: between(x, 0, Fraction(6)),
    "leaky_relu": lambda x, alpha: (1 + alpha) / 2 * x + (1 - alpha) / 2 * abs(x),
    "prelu": lambda x, weight: (1 + weight) / 2 * x + (1 - weight) / 2 * abs(x),
    "threshold": lambda x, threshold, value: value + (x - value) * above(x, threshold),
    "hard_tanh": lambda x, min_val, max_val: between(x, min_val, max_val),
    "hard_sigmoid": lambda x, slope, offset: between(slope * x + offset, 0, Fraction(1)),
    "hard_swish": lambda x: x * between(x + 3, 0, Fraction(6)) / 6,
    "hardshrink": lambda x, lambd: x * (above(x, lambd) + above(-x, lambd)),
    "softshrink": lambda x, lambd: x - between(x, -lambd, lambd),
    "shrink": lambda x, lambd, bias: (x - bias) * above(x, lambd) + (x + bias) * above(-x, lambd),
    "softsign": lambda x: (2 * above(x, 0) - 1) * (1 - 1 / (1 + abs(x))),
    "sparse_sigmoid": lambda x: HALF + between(x, Fraction(-1), Fraction(1)) / 2,
    "sparse_plus": lambda x: (1 + between(x, -1, Fraction(1))) ** 2 / 4 + (x - 1 + abs(x - 1)) / 2,
}


def slope_by_hand(name, x, parameters):
    """Exact for a parabola through the three points to the right of x; softsign is none."""
    if name == "softsign":
        return (1 - abs(BY_HAND[name](x))) ** 2
    one, two, three = (BY_HAND[name](x + k * STEP, **parameters) for k in (1, 2, 3))
    return (-5 * one + 8 * two - 3 * three) / (2 * STEP)


def fractions(parameters):
    return {key: Fraction(number) for key, number in parameters.items()}


def points(parameters):
    """Around the kinks of every line, as far as they are floats."""
    sizes = [0.0, 0.5, 1.0, 2.0, 3.0, 6.0, 100.0, *map(float, parameters.values())]
    nearby = [size * near for size in sizes for near in (1, 1 - 2.0**-40, 1 + 2.0**-40)]
    return [sign * x for sign, x in itertools.product((1, -1), nearby)]


def is_by_hand(name, value, derivative, parameters):
    exactly = fractions(parameters)
    return all(
        Fraction(value(None, x, **exactly)) == BY_HAND[name](x, **exactly)
        and Fraction(derivative(None, x, **exactly)) == slope_by_hand(name, x, exactly)
        for x in map(Fraction, points(parameters))
    )


def check(name, x, parameters, fmt):
    exactly, point = fractions(parameters), Fraction(x)
    reals = BY_HAND[name](point, **exactly), slope_by_hand(name, point, exactly)
    for quantity, real in zip(("value", "derivative"), reals, strict=True):
        found = exact(name, quantity, x, fmt, parameters)
        assert found.real == real, quantity
        assert real == 0 or same(found.rounded, bisected(real, fmt))


def test_every_rational_one_is_written_by_hand():
    assert set(BY_HAND) == set(RATIONAL)


@CASE
def test_around_the_kinks(name, parameters):
    assert is_by_hand(name, DEFINITIONS[name].value, DEFINITIONS[name].derivative, parameters)
    for fmt in FORMATS.values():
        for x in points(parameters):
            check(name, x, parameters, fmt)


@CASE
@given(
    x=st.floats(allow_nan=False, allow_infinity=False) | st.floats(-10, 10),
    fmt=st.sampled_from(list(FORMATS.values())),
)
def test_anywhere(name, parameters, x, fmt):
    check(name, x, parameters, fmt)
