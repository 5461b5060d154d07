"""Every textbook line against Arb, which encloses another formula of the same function."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles import DEFINITIONS, FORMATS, exact, inputs, smooth
from tests.oracles.independent import FAR, arb, bisected, contains, enclosed, same

SMOOTH = ("sigmoid", "tanh")
QUANTITY = pytest.mark.parametrize("quantity", ["value", "derivative"])
FORMAT = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
ARB = {
    ("sigmoid", "value"): lambda x: 1 / ((-x / 2).exp() * (x / 2).cosh() * 2),
    ("sigmoid", "derivative"): lambda x: 1 / (2 * (x / 2).cosh()) ** 2,
    ("tanh", "value"): lambda x: x.tanh(),
    ("tanh", "derivative"): lambda x: 1 / x.cosh() ** 2,
}
HARD_POINTS = [
    *(0.0, 5e-324, 1e-300, 1e-160, 2.0**-27, 1e-8, 1e-4, 0.02, 0.5, 1.0, 2.0, 8.0, 9.01, 16.6),
    *(17.3, 19.06, 36.7, 44.0, 87.3, 88.7, 103.97, 312.0, 372.6, 708.4, 745.13, 745.2, 1600.0, 1e5),
]


def context(bits: int) -> mpmath.MPContext:
    own = mpmath.MPContext()
    own.prec = bits
    return own


def check_against_arb(name, quantity, x, fmt, found=None):
    found = exact(name, quantity, x, fmt) if found is None else found
    assert contains(lambda: ARB[name, quantity](arb(x)), found.real)
    assert same(found.rounded, enclosed(lambda: ARB[name, quantity](arb(x)), fmt))


def away_from_zero(x: float) -> bool:
    return x != 0 and math.isfinite(x)


@pytest.mark.parametrize("name", SMOOTH)
@QUANTITY
@FORMAT
def test_arb_encloses_the_hard_points(name, quantity, fmt):
    for point in HARD_POINTS[1:]:
        for sign in (1.0, -1.0):
            x = sign * bisected(Fraction(point), fmt)
            if away_from_zero(x):
                check_against_arb(name, quantity, x, fmt)


@pytest.mark.parametrize("name", SMOOTH)
@QUANTITY
@given(x=(st.floats(-1e6, 1e6) | st.floats(-40, 40)).filter(away_from_zero))
def test_arb_encloses_float64(name, quantity, x):  # beyond 1e6 Arb needs x bits for 1 - e^-x
    check_against_arb(name, quantity, x, FORMATS["float64"])


@pytest.mark.parametrize("name", SMOOTH)
@QUANTITY
@FORMAT
def test_arb_encloses_a_sample_of_every_format(name, quantity, fmt):
    for x in inputs.hard(fmt, 500, seed=5, points=(9.01, -88.7))[-200:].tolist():
        if away_from_zero(x) and abs(x) < 1e6:
            check_against_arb(name, quantity, x, fmt)


@pytest.mark.parametrize("x", [1e308, 1e30, 1e7])
def test_arb_at_huge_arguments(x):
    for at, name, quantity in (
        (-x, "sigmoid", "value"),
        (x, "sigmoid", "derivative"),
        (-x, "tanh", "derivative"),
    ):
        check_against_arb(name, quantity, at, FORMATS["float64"])


def test_at_zero_by_hand():
    expected = {"sigmoid": (Fraction(1, 2), Fraction(1, 4)), "tanh": (Fraction(0), Fraction(1))}
    for name, (value, derivative) in expected.items():
        for fmt in FORMATS.values():
            assert exact(name, "value", 0.0, fmt).real == value
            assert exact(name, "derivative", -0.0, fmt).real == derivative


def relu_by_hand(x, alpha):
    return (x, Fraction(1)) if x >= 0 else (alpha * x, alpha)


@given(
    x=st.floats(allow_nan=False, allow_infinity=False),
    alpha=st.sampled_from([0.2, 0.01, 1.5, 0.5, -0.3, 5e-324, 1e300, Fraction(1, 3)]),
    fmt=st.sampled_from(list(FORMATS.values())),
)
def test_rational_ones_by_hand(x, alpha, fmt):
    for name, slope, parameters in (("relu", 0, {}), ("leaky_relu", alpha, {"alpha": alpha})):
        value, derivative = relu_by_hand(Fraction(x), Fraction(slope))
        for quantity, real in (("value", value), ("derivative", derivative)):
            found = exact(name, quantity, x, fmt, parameters)
            assert found.real == real
            assert real == 0 or same(found.rounded, bisected(real, fmt))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_derivative_is_what_differentiation_finds(name):
    """mpmath.diff at 600 bits takes a step of about 2^-300: agreement to 2^-250 times the largest
    slope is what it can show, and far more than any wrong formula passes."""
    assert not differs(DEFINITIONS[name].value, DEFINITIONS[name].derivative, name)


def differs(value, derivative, name):
    mp = context(600)
    parameters = {"alpha": mp.mpf(0.2)} if name == "leaky_relu" else {}
    for x in np.random.default_rng(0).uniform(-30, 30, 40).tolist():
        slope = mp.diff(lambda t: value(mp, t, **parameters), mp.mpf(x))
        if abs(derivative(mp, mp.mpf(x), **parameters) - slope) > mp.mpf(2) ** -250:
            return True
    return False


WRONG = {
    "sign flipped": ("sigmoid", lambda mp, x: -smooth.sigmoid_derivative(mp, x)),
    "of another": ("tanh", smooth.sigmoid_derivative),
    "not squared": ("tanh", lambda mp, x: mp.sech(x)),
    "from float constants": ("tanh", lambda mp, x: (1 + mp.mpf(1e-17)) * mp.sech(x) ** 2),
    "slope of the left": ("leaky_relu", lambda mp, x, alpha: alpha),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_control_wrong_derivatives_are_caught_by_differentiation(case):
    name, wrong = case
    assert differs(DEFINITIONS[name].value, wrong, name)


@pytest.mark.parametrize("case", list(WRONG.values())[:4], ids=list(WRONG)[:4])
def test_control_wrong_definitions_are_caught_by_arb(case):
    name, wrong = case
    number = wrong(context(256), context(256).mpf(1.25))
    assert not contains(lambda: ARB[name, "derivative"](arb(1.25)), number, precision=400)
    right = DEFINITIONS[name].derivative(context(2000), context(2000).mpf(1.25))
    assert contains(lambda: ARB[name, "derivative"](arb(1.25)), right, precision=400)


def test_limits_are_where_the_definitions_go():
    mp = context(200)
    for name, definition in DEFINITIONS.items():
        parameters = {"alpha": 0.25} if name == "leaky_relu" else {}
        for line, limits in (
            (definition.value, definition.value_limits),
            (definition.derivative, definition.derivative_limits),
        ):
            for sign, limit in zip((-1, 1), limits(**parameters), strict=True):
                far = line(mp, mp.mpf(sign * 1e6), **parameters)
                near_limit = abs(far) >= 1e5 if math.isinf(limit) else abs(far - limit) < 1e-9
                assert near_limit
                assert far == 0 or limit == 0 or (far > 0) == (limit > 0)


def test_far_stands_beyond_every_format():
    assert all(4 * Fraction(fmt.max) < FAR for fmt in FORMATS.values())
    assert all(Fraction(fmt.smallest_subnormal) / 2 > 1 / FAR for fmt in FORMATS.values())
