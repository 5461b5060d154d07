"""Gated units against Arb, by hand at special operands, and wrong formulas that must fail."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS, GATED, exact, gated, reference_gated

from tests.oracles.enclosures import ENCLOSURES
from tests.oracles.independent import arb, bisected, enclosed, same

INF, NAN, TINY, HUGE = math.inf, math.nan, 5e-324, 1.7976931348623157e308
F64, F16 = FORMATS["float64"], FORMATS["float16"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
NAMES = pytest.mark.parametrize("name", GATED)
FUNCTIONS = {
    "glu": ENCLOSURES["sigmoid"],
    "swiglu": ENCLOSURES["silu"],
    "geglu": ENCLOSURES["gelu"],
    "reglu": (lambda b: max(b, Fraction(0)), lambda b: Fraction(int(b >= 0))),
}
FORMULAS = {
    "value": lambda f, df, a, g, v: a * f,
    "vjp_a": lambda f, df, a, g, v: g * f,
    "vjp_b": lambda f, df, a, g, v: g * a * df,
    "derivative_a": lambda f, df, a, g, v: f,
    "derivative_b": lambda f, df, a, g, v: a * df,
    "jvp": lambda f, df, a, g, v: g * f + v * a * df,
}
EACH = pytest.mark.parametrize("quantity", FORMULAS)


def ask(name, quantity, a, b, fmt=F64, g=1.0, v=1.0):
    """One result."""
    given = {"g": [g]} if quantity in ("vjp_a", "vjp_b", "jvp") else {}
    given |= {"v": [v]} if quantity == "jvp" else {}
    return reference_gated(name, quantity, [a], [b], fmt, **given).rounded.item()


def expected(name, formula, a, b, g, v, fmt):
    """The formula in Fractions or in Arb; every operand finite and the result not 0."""
    f, df = FUNCTIONS[name]
    if name == "reglu" or b == 0:
        known = {"glu": (0.5, 0.25), "swiglu": (0, 0.5), "geglu": (0, 0.5)}
        parts = known[name] if name in known else (f(Fraction(b)), df(Fraction(b)))
        return bisected(Fraction(formula(*map(Fraction, (*parts, a, g, v)))), fmt)
    return enclosed(lambda: formula(f(arb(b)), df(arb(b)), arb(a), arb(g), arb(v)), fmt)


def agrees(name, quantity, formula, a, b, g, v, fmt):
    return same(ask(name, quantity, a, b, fmt, g, v), expected(name, formula, a, b, g, v, fmt))


FACTORS = (
    st.floats(-9, 9).filter(bool)
    | st.integers(1, 7).map(lambda k: k * TINY)
    | st.sampled_from([1e300, -1e300, 1e-300, HUGE, 0.5, -1.0, 3.0])
)
POINTS = st.floats(-60, 60) | st.floats(-700, 700) | st.sampled_from([0.0, -0.0, TINY, -TINY, 1e-200])


@NAMES
@EACH
@given(a=FACTORS, b=POINTS, g=FACTORS, v=FACTORS, fmt=st.sampled_from(list(FORMATS.values())))
def test_formulas(name, quantity, a, b, g, v, fmt):
    f = 0 if name != "glu" and (b == 0 or (name == "reglu" and b < 0)) else 1
    if f or (quantity == "jvp" and b == 0) or ("b" in quantity and b >= 0):
        assert agrees(name, quantity, FORMULAS[quantity], a, b, g, v, fmt)
    else:
        assert ask(name, quantity, a, b, fmt, g, v) == 0


WRONG = {
    "a left out": ("vjp_b", lambda f, df, a, g, v: g * df),
    "f for f'": ("derivative_b", lambda f, df, a, g, v: a * f),
    "f' for f": ("vjp_a", lambda f, df, a, g, v: g * df),
    "not gated": ("value", lambda f, df, a, g, v: a * df),
    "no product rule": ("jvp", lambda f, df, a, g, v: g * f + v * df),
    "tangents exchanged": ("jvp", lambda f, df, a, g, v: v * f + g * a * df),
    "minus": ("jvp", lambda f, df, a, g, v: g * f - v * a * df),
    "of a": ("derivative_a", lambda f, df, a, g, v: a * f),
}


@NAMES
@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_control_wrong_formulas_are_caught(name, case):
    quantity, wrong = case
    operands = (0.75, 1.5, 3.0, -2.0)
    assert agrees(name, quantity, FORMULAS[quantity], *operands, F64)
    assert not agrees(name, quantity, wrong, *operands, F64)


SPECIALS = [0.0, -0.0, 1.0, -2.0, INF, -INF, NAN]
# f and f' at -inf, -3, -0.0, 0.0, 3, inf: exact zeros, infinities and signs are what counts
AT = {
    "glu": ((0.0, 0.05, 0.5, 0.5, 0.95, 1.0), (0.0, 0.05, 0.25, 0.25, 0.05, 0.0)),
    "swiglu": ((-0.0, -0.14, -0.0, 0.0, 2.86, INF), (-0.0, -0.09, 0.5, 0.5, 1.09, 1.0)),
    "geglu": ((-0.0, -0.004, -0.0, 0.0, 2.996, INF), (-0.0, -0.01, 0.5, 0.5, 1.01, 1.0)),
    "reglu": ((0.0, 0.0, -0.0, 0.0, 3.0, INF), (0.0, 0.0, 1.0, 1.0, 1.0, 1.0)),
}


@NAMES
@EACH
def test_special_operands(name, quantity):
    columns = []
    for place, b in enumerate((-INF, -3.0, -0.0, 0.0, 3.0, INF)):
        f, df = (row[place] for row in AT[name])
        columns += [(b, f, df, *rest) for rest in itertools.product(SPECIALS, repeat=3)]
    b, f, df, a, g, v = (np.array(column) for column in zip(*columns, strict=True))
    given = {"g": g} if quantity in ("vjp_a", "vjp_b", "jvp") else {}
    given |= {"v": v} if quantity == "jvp" else {}
    found = reference_gated(name, quantity, a, b, F64, **given).rounded
    with np.errstate(invalid="ignore"):
        products = FORMULAS[quantity](f, df, a, g, v)
    products = products + 0.0 if quantity == "jvp" else products
    special = ~np.isfinite(products) | (products == 0)
    assert all(map(same, found[special], products[special]))
    assert np.isfinite(found[~special]).all()
    assert (found[~special] != 0).all()


@NAMES
@EACH
def test_nan_counts_where_it_is_used(name, quantity):
    used = {"value": "a", "vjp_a": "g", "vjp_b": "ga", "derivative_a": "", "derivative_b": "a", "jvp": "gva"}
    for letter in "agv":
        operands = {"a": 1.0, "g": 1.0, "v": 1.0} | {letter: NAN}
        assert math.isnan(ask(name, quantity, b=1.0, **operands)) == (letter in used[quantity])
    assert math.isnan(ask(name, quantity, 1.0, NAN))


def test_products_that_are_huge_are_not_infinite_and_tiny_ones_not_zero():
    assert ask("swiglu", "vjp_b", HUGE, 1e-300, F64, HUGE) == INF
    assert ask("reglu", "jvp", HUGE, 1.0, F64, -HUGE, HUGE) == INF
    assert ask("reglu", "jvp", HUGE, 1.0, F64, -INF, HUGE) == -INF
    assert same(ask("reglu", "vjp_b", TINY, 1.0, F64, -TINY), -0.0)
    assert same(ask("glu", "vjp_b", HUGE, -1e5, F64, -HUGE), -0.0)
    assert same(ask("glu", "vjp_b", INF, -1e308, F64, -TINY), -INF)
    assert math.isnan(ask("glu", "vjp_b", 0.0, -1e308, F64, INF))
    assert same(ask("reglu", "jvp", 0.5, 2.0, F64, -1.0, 4.0), 0.0)
    assert ask("reglu", "jvp", 2.0**-600, 2.0**-900, F64, 2.0**900, -(2.0**700)) == 1 - 2.0**100


@NAMES
@EVERY
def test_derivatives_are_those_of_the_gate(name, fmt):
    x = fmt.decode(np.random.default_rng(0).integers(0, 2**fmt.bits, 60, dtype=np.uint64))
    for b in x.tolist():
        gate = gated.GATES[name]
        assert same(ask(name, "derivative_a", NAN, b, fmt), exact(gate, "value", b, fmt).rounded)
        assert same(ask(name, "derivative_b", 1.0, b, fmt), exact(gate, "derivative", b, fmt).rounded)
        for a in (3.0, 0.0, -INF):
            assert same(ask(name, "derivative_b", a, b, fmt), exact(gate, "vjp", b, fmt, {}, a).rounded)


def test_control_rounding_the_product_of_operands_first_is_caught():
    rng = np.random.default_rng(0)
    a, b, g = (rng.normal(size=50) for _ in range(3))
    right = reference_gated("swiglu", "vjp_b", a, b, F64, g).rounded
    wrong = reference_gated("swiglu", "derivative_b", g * a, b, F64).rounded
    assert (right != wrong).any()
    assert ask("swiglu", "vjp_b", 0.5, 0.0, F64, 5 * TINY) == TINY
    assert ask("swiglu", "derivative_b", 0.5 * (5 * TINY), 0.0) == 0.5 * (0.5 * (5 * TINY))


def test_empty_and_repeated():
    assert reference_gated("glu", "value", [], [], F64).rounded.shape == (0,)
    assert reference_gated("reglu", "value", [2.0, 2.0], [3.0, 3.0], F64).rounded.tolist() == [6.0, 6.0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("tanhglu", "value", [1.0], [1.0], F64), "name: 'tanhglu'"),
        (("glu", "vjp", [1.0], [1.0], F64), "quantity: 'vjp'"),
        (("glu", "vjp_a", [1.0], [1.0], F64), "vjp_a takes a, b, g, not a, b"),
        (("glu", "jvp", [1.0], [1.0], F64, [1.0]), "jvp takes a, b, g, v"),
        (("glu", "value", [1.0], [1.0], F64, [1.0]), "value takes a, b, not a, b, g"),
        (("glu", "value", [1.0], [1.0, 2.0], F64), "b: shape"),
        (("glu", "value", [[1.0]], [[1.0]], F64), "a: shape"),
    ],
)
def test_bad_requests(arguments, text):
    with pytest.raises(ValueError, match=text):
        reference_gated(*arguments)
