"""Gated units at exact ties, beside them, and far out, where only exact facts decide."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS, gated

from tests.oracles.enclosures import ENCLOSURES
from tests.oracles.independent import arb, bisected, enclosed, same
from tests.oracles.test_gated import EVERY, F16, F64, FORMULAS, HUGE, TINY, agrees, ask


@EVERY
def test_ties_of_rational_results(fmt):
    tiny = fmt.smallest_subnormal
    for k in range(1, 16):
        assert ask("glu", "value", k * tiny, 0.0, fmt) == bisected(Fraction(k * tiny) / 2, fmt)
        assert ask("swiglu", "vjp_b", 0.5, -0.0, fmt, k * tiny) == bisected(Fraction(k * tiny) / 4, fmt)
        assert ask("reglu", "value", k * tiny, 0.5, fmt) == bisected(Fraction(k * tiny) / 2, fmt)
        found = ask("glu", "jvp", k * tiny, 0.0, fmt, k * tiny, 1.0)
        assert found == bisected(Fraction(k * tiny) * 3 / 4, fmt)


@EVERY
def test_what_is_beside_a_tie_out_where_f_is_nearly_b(fmt):
    """g a silu'(b) with g a = 1.5 units: above it as far as one can go; gelu' alike."""
    tiny = fmt.smallest_subnormal
    for b in (50.0, 700.0, 5000.0, 6000.0, 1e30, 1e300):
        for name in ("swiglu", "geglu"):
            assert ask(name, "vjp_b", 0.5, b, fmt, 3 * tiny) == 2 * tiny
            assert ask(name, "vjp_b", 0.5, b, fmt, 5 * tiny) == 3 * tiny
        assert same(ask("glu", "vjp_b", 0.5, b, fmt, tiny), 0.0)
    assert bisected(Fraction(5 * tiny) / 2, fmt) == 2 * tiny, "control: the limit alone rounds to another"


@pytest.mark.parametrize("b", [47.0, 51.0, 63.0])
def test_the_second_order_decides(b):
    """(b - 1) silu(b) + b silu'(b) = b^2 - b^2 e^-2b + ..., and b^2 a tie of float16."""
    operands = (b, b, b - 1, 1.0)
    assert agrees("swiglu", "jvp", FORMULAS["jvp"], *operands, F16)
    assert ask("swiglu", "jvp", b, b, F16, b - 1, 1.0) == b * b - 1
    assert ask("swiglu", "jvp", -b, b, F16, 1 - b, 1.0) == 1 - b * b


def test_the_second_order_decides_far_out():
    for b in (2.0**27 - 1, 2.0**27 - 5, 2.0**27 - 7):
        square = Fraction(b) ** 2
        assert ask("swiglu", "jvp", b, b, F64, b - 1, 1.0) == square - 1
        assert ask("swiglu", "jvp", b, b, F64, 1 - b, -1.0) == 1 - square
    assert same(ask("swiglu", "jvp", -1e5, -1e5, F64, 1e5 - 1, 1.0), -0.0)
    assert same(ask("glu", "jvp", 1.0, -1e5, F64, -1.0, 1.0), -0.0)
    assert same(ask("glu", "jvp", 1.0, -1e5, F64, 1.0, -1.0), 0.0)


@given(
    p=st.integers(-9, 9), q=st.integers(-9, 9).filter(bool), t=st.integers(2, 60), tied=st.booleans(),
    apart=st.sampled_from([Fraction(0), Fraction(1, 10**9), Fraction(-1, 10**30)]),
)  # fmt: skip
def test_the_sign_of_a_sum_of_gelu_and_its_slope(p, q, t, tied, apart):
    """At t itself by convergents, with p = -q t, where two orders cancel, among the weights."""
    p = (-q * t if tied else Fraction(p)) + apart
    f, df = ENCLOSURES["gelu"]
    found = gated._side_of_gelu(Fraction(p), Fraction(q), Fraction(t))
    number = enclosed(lambda: arb(Fraction(p)) * f(arb(-t)) + q * df(arb(-t)), F64)
    assert found == math.copysign(1, number)
    assert -found == gated._side_of_gelu(-Fraction(p), Fraction(-q), Fraction(t))


@pytest.mark.parametrize("name", ["glu", "swiglu", "geglu"])
def test_far_out_goes_on_as_before_it(name):
    """Just beyond FAR nothing changes, at limits that are ties and at those that cancel to 0."""
    edge = gated.FAR[gated.GATES[name]]
    points = (edge, edge * (1 + 2.0**-52))
    weights = [
        (1.0, 1.0, 0),
        (1.0, -1.0, 0),
        (-1.0, 0.0, 2),
        (1.0, 0.0, -2),
        (3 * TINY, TINY, 0),
        (HUGE, -TINY, 0),
    ]
    for sign, (g, v, times) in itertools.product((1, -1), weights):
        for fmt in FORMATS.values():
            before, after = (ask(name, "jvp", 0.5, sign * b, fmt, g, v + times * b) for b in points)
            assert math.copysign(1, before) == math.copysign(1, after)
            assert before == after or 0.9999 < before / after < 1.0001
