"""Exact ties, and results so close to one that only hundreds of bits tell."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from refacts.oracles import FORMATS, exact
from refacts.oracles.textbook import facts

from tests.oracles.catalogue import defaults
from tests.oracles.independent import bisected, same

EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
ODD = (1, 3, 5, 7, 9, 11)


@EVERY
@pytest.mark.parametrize("alpha", [0.5, 1.5])
def test_exact_ties_of_leaky_relu_go_to_even(fmt, alpha):
    tiny = fmt.smallest_subnormal
    for odd in (1, 3, 5, 7):
        found = exact("leaky_relu", "value", -odd * tiny, fmt, {"alpha": alpha})
        assert abs(found.residual) == 0.5
        assert found.rounded == -2 * round(odd * alpha / 2 + 1e-9 * (odd * alpha % 2 - 1)) * tiny
        assert same(found.rounded, bisected(-odd * Fraction(tiny) * Fraction(alpha), fmt))


@EVERY
def test_sigmoid_vjp_ties_at_zero_and_just_beside_it(fmt):
    tiny = fmt.smallest_subnormal
    for steps in range(1, 40):
        g = steps * tiny
        at_zero = exact("sigmoid", "vjp", 0.0, fmt, {}, g)
        assert at_zero.real == Fraction(g) / 4
        assert same(at_zero.rounded, bisected(Fraction(g) / 4, fmt))
    below = exact("sigmoid", "vjp", tiny, fmt, {}, 6 * tiny)  # a hair below 1.5 tiny
    assert at_zero.rounded == 10 * tiny
    assert below.rounded == tiny
    assert exact("sigmoid", "vjp", 0.0, fmt, {}, 6 * tiny).rounded == 2 * tiny


@EVERY
@pytest.mark.parametrize("name", ["silu", "swish", "quick_gelu", "gelu", "gelu_tanh"])
def test_half_of_an_odd_subnormal_is_a_tie_that_the_next_term_breaks(fmt, name):
    """x/2 + c x^2 with c > 0: up, whatever the sign of x; 2100 bits away in float64."""
    tiny = Fraction(fmt.smallest_subnormal)
    for odd in (*ODD, -1, -3, -5, -7):
        found = exact(name, "value", float(odd * tiny), fmt, defaults(name)).rounded
        assert same(found, float(math.ceil(Fraction(odd, 2)) * tiny) if odd != -1 else -0.0)


@EVERY
@pytest.mark.parametrize(("beta", "side"), [(5e-324, 1), (-5e-324, -1)])
def test_swish_with_the_smallest_parameters(fmt, beta, side):
    """x/2 + beta x^2/4: 3200 bits away from the tie in float64."""
    tiny = Fraction(fmt.smallest_subnormal)
    for odd in ODD[1:]:
        found = exact("swish", "value", float(odd * tiny), fmt, {"beta": beta}).rounded
        assert found == Fraction(odd + side, 2) * tiny


def test_swish_with_the_largest_parameter():
    """beta x is 2^-52 for the smallest float64, far from small for that of float32."""
    for name, x, value in (
        ("float64", 5e-324, 5e-324),
        ("float64", 1.5e-323, 1e-323),
        ("float64", -1.5e-323, -5e-324),
        ("float32", 2.0**-149, 2.0**-149),
    ):
        assert exact("swish", "value", x, FORMATS[name], {"beta": 2.0**1022}).rounded == value


@EVERY
@pytest.mark.parametrize("name", ["silu", "swish", "quick_gelu", "gelu", "gelu_tanh"])
def test_half_of_an_odd_cotangent_is_a_tie_at_zero_and_broken_beside_it(fmt, name):
    tiny = fmt.smallest_subnormal
    for odd in ODD:
        parameters, g = defaults(name), odd * tiny
        for zero in (0.0, -0.0):
            found = exact(name, "vjp", zero, fmt, parameters, g)
            assert found.real == Fraction(g) / 2
            assert abs(found.residual) == 0.5
            assert same(found.rounded, bisected(Fraction(g) / 2, fmt))
        assert exact(name, "vjp", tiny, fmt, parameters, g).rounded == (odd + 1) / 2 * tiny
        assert same(exact(name, "vjp", -tiny, fmt, parameters, g).rounded, (odd - 1) / 2 * tiny)


@EVERY
def test_the_slope_of_mish_at_zero_is_three_fifths(fmt):
    for k, g in itertools.product((1, 2, 3, 5, 10, 15), (fmt.smallest_subnormal, 1.0, 2.0**fmt.emax / 16)):
        found = exact("mish", "vjp", -0.0, fmt, {}, k * g)
        assert found.real == Fraction(3, 5) * k * Fraction(g)
        assert same(found.rounded, bisected(found.real, fmt))


@EVERY
def test_log_sigmoid_and_softplus_have_half_a_slope_at_zero(fmt):
    g = 3 * fmt.smallest_subnormal
    for name in ("log_sigmoid", "softplus"):
        assert exact(name, "vjp", 0.0, fmt, defaults(name), g).real == Fraction(g) / 2
        assert exact(name, "value", 0.0, fmt, defaults(name)).residual not in (0.0, 0.5, -0.5)
    assert exact("log_sigmoid", "vjp", fmt.smallest_subnormal, fmt, {}, g).rounded == g / 3


@pytest.mark.parametrize("k", range(1, 12))
def test_squareplus_is_rational_where_the_root_is(k):
    """x^2 + b = 2^22: the derivative and the value are ties of float16 for odd x of 11 bits."""
    fmt = FORMATS["float16"]
    for p in (1025 + 2 * k, -1025 - 2 * k):
        b = {"b": float(2**22 - p * p)}
        slope = exact("squareplus", "derivative", float(p), fmt, b)
        assert slope.real == Fraction(2**11 + p, 2**12)
        value = exact("squareplus", "value", float(p), fmt, b)
        assert value.real == Fraction(2**11 + p, 2)
        for found in (slope, value):
            assert p < 0 or abs(found.residual) == 0.5
            assert same(found.rounded, bisected(found.real, fmt))
        g = 3.0 * 2.0**-24
        product = exact("squareplus", "vjp", float(p), fmt, b, g)
        assert product.real == slope.real * Fraction(g)


def test_squareplus_is_irrational_elsewhere_and_known_to_be():
    for x, b, rational in (
        (3.0, 16.0, True), (3.0, 7.0, True), (1.0, 1.0, False), (0.0, 4.0, True), (0.0, 5.0, False),
        (0.75, Fraction(1, 1), True), (0.75, 1.0000000000000002, False), (0.0, Fraction(4, 9), True),
        (0.0, Fraction(4, 8), False), (1e308, 4.0, False), (5e-324, 4.0, False), (0.0, 2.0**-1074, True),
        (0.0, 2.0**-1073, False),
    ):  # fmt: skip
        value, slope = facts.known_squareplus(x, b)
        assert (value is not None) == rational
        assert (slope is not None) == (rational or x == 0)
        if value is not None:
            assert (2 * value - Fraction(x)) ** 2 == Fraction(x) ** 2 + Fraction(b)
            assert slope == value / (2 * value - Fraction(x))
    assert facts.known_squareplus(-0.0, 5.0) == (None, Fraction(1, 2))


@pytest.mark.parametrize(
    ("name", "x"),
    [("float16", 2050.0), ("float16", 4094.0), ("float16", 65504.0), ("bfloat16", 258.0),
     ("float32", 2.0**24 + 2), ("float32", 2.0**24 + 4), ("float64", 2.0**53 + 2), ("float64", 1e300)],
)  # fmt: skip
def test_tanhshrink_lies_beside_a_tie_far_out(name, x):
    """x - 1 + 2 e^-2x with x - 1 half-way between x - 2 and x: up in size, even or odd."""
    for sign in (1, -1):
        assert exact("tanhshrink", "value", sign * x, FORMATS[name]).rounded == sign * x


@pytest.mark.parametrize("x", [-200.0, -700.0, -4000.0, -5000.0, -65504.0])
@pytest.mark.parametrize("units", [1, 3])
def test_elu_and_celu_approach_a_tie_from_one_side(x, units):
    """-alpha + alpha e^u with alpha a tie of float16: towards 0, at any distance."""
    fmt, up = FORMATS["float16"], 2.0**-11
    alpha, nearest = 1 + units * up, 1 + (units - 1) * up
    assert exact("elu", "value", x, fmt, {"alpha": alpha}).rounded == -nearest
    assert exact("elu", "value", x, fmt, {"alpha": -alpha}).rounded == nearest
    assert exact("celu", "value", x, fmt, {"alpha": alpha}).rounded == -nearest
    assert exact("celu", "value", x, fmt, {"alpha": -alpha}).rounded == -math.inf


@EVERY
@pytest.mark.parametrize("name", ["elu", "celu"])
def test_elu_near_zero_is_x_and_a_little_more(fmt, name):
    tiny = fmt.smallest_subnormal
    for odd in ODD:
        assert exact(name, "value", -odd * tiny, fmt, {"alpha": 1.0}).rounded == -odd * tiny
    for odd in ODD:  # 1.5 x + 0.75 x^2, a tie but for the square
        found = exact("elu", "value", -odd * tiny, fmt, {"alpha": 1.5}).rounded
        assert found == -float(Fraction(3 * odd - 1, 2)) * tiny


@pytest.mark.parametrize("fmt", list(FORMATS.values()), ids=FORMATS)
def test_control_the_leading_term_alone_is_caught(fmt):
    """x/2 rounded to even is wrong for half of the odd subnormals of either sign."""
    tiny = fmt.smallest_subnormal
    for sign in (1, -1):
        leading = [bisected(Fraction(sign * odd * tiny) / 2, fmt) for odd in ODD]
        assert leading != [exact("silu", "value", sign * odd * tiny, fmt).rounded for odd in ODD]


@pytest.mark.parametrize("below", [2.0**24, 5001 * 2.0**20, 1.5 * 2.0**127])
def test_a_midpoint_of_another_format_is_left_on_the_side_of_the_rest(below):
    """x in float64 half-way between two values of float32: silu falls short of it, softplus does not."""
    fmt = FORMATS["float32"]
    above = float(fmt.decode(fmt.bit_patterns(below) + 1))
    x = (below + above) / 2
    for name in ("silu", "gelu", "mish", "quick_gelu"):
        assert exact(name, "value", x, fmt).rounded == below
    assert exact("softplus", "value", x, fmt, {"beta": 1.0}).rounded == above
    assert exact("log_sigmoid", "value", -x, fmt).rounded == -above
