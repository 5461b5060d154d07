"""Every smooth line against Arb, which encloses another formula of the same function."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import DEFINITIONS, FORMATS, exact, inputs
from refacts.oracles.textbook import smooth

from tests.oracles.catalogue import SMOOTH, case_id, cases, defaults
from tests.oracles.enclosures import enclosure
from tests.oracles.independent import FAR, bisected, contains, enclosed, same

QUANTITY = pytest.mark.parametrize("quantity", ["value", "derivative"])
FORMAT = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
NAME = pytest.mark.parametrize("name", SMOOTH)
CASE = pytest.mark.parametrize(
    ("name", "parameters"),
    [case for case in cases(SMOOTH) if case[1] not in ({"alpha": 0.0}, {"b": 0.0})],
    ids=case_id,
)
# where formats end, functions turn, have roots of a derivative, or were seen to go wrong
HARD_POINTS = [
    *(5e-324, 1e-300, 1e-160, 2.0**-27, 1e-8, 1e-4, 0.02, 0.5, 0.7517915246935644, 0.7524614220710162),
    *(1.0, 1.1924312145154952, 1.2784645427610738, 2.0, 4.9, 8.0, 9.01, 13.2, 16.6, 17.3, 19.06, 20.1),
    *(27.9, 28.1, 36.7, 38.5, 44.0, 87.3, 88.7, 99.0, 101.0, 103.97, 312.0, 372.6, 708.4, 745.13, 745.2),
    *(1023.0, 1025.0, 1600.0, 4095.0, 4097.0, 1e5),
]


@cache
def context(bits: int) -> mpmath.MPContext:
    own = mpmath.MPContext()
    own.prec = bits
    return own


def in_context(mp, parameters):
    return {key: mp.mpf(n.numerator) / n.denominator for key, n in fractions(parameters).items()}


def fractions(parameters):
    return {key: Fraction(number) for key, number in parameters.items()}


def check_against_arb(name, quantity, x, fmt, parameters):
    found = exact(name, quantity, x, fmt, parameters)
    ball = enclosure(name, quantity, x, parameters)
    assert found.real is None or contains(ball, found.real), (x, found)
    assert same(found.rounded, enclosed(ball, fmt)), (x, found)


def away_from_zero(x: float) -> bool:
    return x != 0 and math.isfinite(x)


@CASE
@QUANTITY
def test_arb_encloses_the_hard_points(name, parameters, quantity):
    for fmt in FORMATS.values():
        for point in HARD_POINTS:
            for sign in (1.0, -1.0):
                x = sign * bisected(Fraction(point), fmt)
                if away_from_zero(x):
                    check_against_arb(name, quantity, x, fmt, parameters)


@NAME
@QUANTITY
@given(x=(st.floats(-1e6, 1e6) | st.floats(-40, 40)).filter(away_from_zero))
def test_arb_encloses_float64(name, quantity, x):  # beyond 1e6 Arb needs x bits for 1 - e^-x
    check_against_arb(name, quantity, x, FORMATS["float64"], defaults(name))


@NAME
@QUANTITY
@FORMAT
def test_arb_encloses_a_sample_of_every_format(name, quantity, fmt):
    for x in inputs.hard(fmt, 420, seed=5)[-80:].tolist():
        if away_from_zero(x) and abs(x) < 1e6 and not (name == "tanhshrink" and abs(x) > 8000):
            check_against_arb(name, quantity, x, fmt, defaults(name))


@pytest.mark.parametrize("x", [1e308, 1e30, 1e7])
def test_arb_at_huge_arguments(x):
    for at, name, quantity in (
        (-x, "sigmoid", "value"),
        (x, "sigmoid", "derivative"),
        (-x, "tanh", "derivative"),
        (x, "log_sigmoid", "value"),
        (-x, "mish", "value"),
        (-x, "mish", "derivative"),
        (-x, "gelu_tanh", "derivative"),
        (-x, "silu", "derivative"),
        (-x, "squareplus", "value"),
        (-x, "squareplus", "derivative"),
    ):
        check_against_arb(name, quantity, at, FORMATS["float64"], defaults(name))


MODERATE = [
    (name, parameters)
    for name, parameters in cases(DEFINITIONS)
    if all(n == 0 or 0.01 <= abs(n) <= 100 for n in parameters.values())
]


@pytest.mark.parametrize(("name", "parameters"), MODERATE, ids=case_id)
def test_derivative_is_what_differentiation_finds(name, parameters):
    """mpmath.diff at 600 bits takes a step of about 2^-300: agreement to 2^-250 times the largest
    slope is what it can show, and far more than any wrong formula passes."""
    assert not differs(DEFINITIONS[name].value, DEFINITIONS[name].derivative, parameters)


def differs(value, derivative, parameters):
    mp = context(600)
    numbers = in_context(mp, parameters)
    for x in np.random.default_rng(0).uniform(-30, 30, 40).tolist():
        slope = mp.diff(lambda t: value(mp, t, **numbers), mp.mpf(x))
        allowed = mp.mpf(2) ** -250 * max(1, abs(slope))
        if abs(derivative(mp, mp.mpf(x), **numbers) - slope) > allowed:
            return True
    return False


@pytest.mark.parametrize(("name", "parameters"), MODERATE, ids=case_id)
def test_limits_are_where_the_definitions_go(name, parameters):
    mp, definition = context(400), DEFINITIONS[name]
    numbers = in_context(mp, parameters)
    for line, limits in (
        (definition.value, definition.value_limits),
        (definition.derivative, definition.derivative_limits),
    ):
        for sign, limit in zip((-1, 1), limits(**parameters), strict=True):
            far, nearer = (line(mp, mp.mpf(sign * x), **numbers) for x in (1e30, 12))
            if math.isinf(limit):
                assert abs(far) > 1e25
                assert (far > 0) == (limit > 0)
            else:
                assert abs(far - in_context(mp, {"limit": limit})["limit"]) < 1e-25
            if limit == 0 and nearer != 0:
                assert (nearer > 0) == (math.copysign(1, limit) > 0)


def test_the_constants_of_selu_keep_mean_and_variance():
    """What they are made for: zero mean and unit variance of selu of a standard normal variable."""
    mp = context(200)
    bounds = [-40, -8, -1, 0, 1, 8, 40]
    for power, moment in ((1, 0), (2, 1)):
        found = mp.quad(lambda t, n=power: smooth.selu(mp, t) ** n * mp.npdf(t), bounds)
        assert abs(found - moment) < 1e-40
    assert mp.nstr(smooth.selu_alpha(mp), 20) == "1.6732632423543772848"
    assert mp.nstr(smooth.selu_lambda(mp), 20) == "1.0507009873554804934"


def test_far_stands_beyond_every_format():
    assert all(4 * Fraction(fmt.max) < FAR for fmt in FORMATS.values())
    assert all(Fraction(fmt.smallest_subnormal) / 2 > 1 / FAR for fmt in FORMATS.values())
