"""Signed zeros, infinities, NaN and special cotangents, written out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from refacts.oracles import DEFINITIONS, FORMATS, exact

from tests.oracles.catalogue import TINY, case_id, cases, defaults
from tests.oracles.independent import bisected, same
from tests.oracles.special import SPECIAL

INF, NAN = math.inf, math.nan
F64 = FORMATS["float64"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
ROWS = [(name, *row) for name, rows in SPECIAL.items() for row in rows]


def rounded(number, fmt):
    return bisected(Fraction(number), fmt) if number and math.isfinite(number) else number


def test_the_table_has_every_activation():
    assert set(SPECIAL) == set(DEFINITIONS)


@EVERY
@pytest.mark.parametrize(("name", "parameters", "values", "derivatives"), ROWS, ids=case_id)
def test_special_inputs(fmt, name, parameters, values, derivatives):
    for quantity, expected in (("value", values), ("derivative", derivatives)):
        for x, result in zip((-INF, INF, -0.0, 0.0), expected, strict=True):
            found = exact(name, quantity, x, fmt, parameters).rounded
            assert same(found, rounded(result, fmt)), (quantity, x)
        assert math.isnan(exact(name, quantity, NAN, fmt, parameters).rounded)


def product(g, slope):
    """IEEE 754's where one of the two is special, else rounded once."""
    special = slope == 0 or g == 0 or not math.isfinite(slope) or not math.isfinite(g)
    return g * float(slope) if special else bisected(Fraction(g) * Fraction(slope), F64)


@pytest.mark.parametrize(("name", "parameters", "values", "derivatives"), ROWS, ids=case_id)
def test_products_with_the_slopes_at_infinity_and_zero(name, parameters, values, derivatives):
    for x, slope in zip((-INF, INF, -0.0, 0.0), derivatives, strict=True):
        for g in (0.0, -0.0, 2.0, -0.5, 1e308, TINY, INF, -INF, NAN):
            assert same(exact(name, "vjp", x, F64, parameters, g).rounded, product(g, slope)), (x, g)
    assert math.isnan(exact(name, "vjp", NAN, F64, parameters, 2.0).rounded)


# name, parameters, x, the zero that its value is or rounds to
ZEROS = [
    ("relu", {}, -3.0, 0.0),
    ("relu6", {}, -3.0, 0.0),
    ("leaky_relu", {"alpha": 0.0}, -3.0, -0.0),
    ("leaky_relu", {"alpha": Fraction(0)}, -3.0, -0.0),
    ("leaky_relu", {"alpha": -0.0}, -3.0, -0.0),
    ("leaky_relu", {"alpha": 1e-300}, -1e-300, -0.0),
    ("leaky_relu", {"alpha": -1e-300}, -1e-300, 0.0),
    ("prelu", {"weight": 0}, -3.0, -0.0),
    ("elu", {"alpha": 0.0}, -3.0, -0.0),
    ("elu", {"alpha": -TINY}, -0.1, 0.0),
    ("elu", {"alpha": TINY}, -0.1, -0.0),
    ("squareplus", {"b": 0.0}, -3.0, 0.0),
    ("squareplus", {"b": TINY}, -3.0, 0.0),
    ("sparse_plus", {}, -1.0, 0.0),
    ("sparse_plus", {}, -5.0, 0.0),
    ("sparse_sigmoid", {}, -1.0, 0.0),
    ("hard_sigmoid", {"slope": Fraction(1, 6), "offset": 0.5}, -3.0, 0.0),
    ("hard_sigmoid", {"slope": -1.0, "offset": 0.0}, 5.0, 0.0),
    ("hard_swish", {}, -3.0, -0.0),
    ("hard_swish", {}, -4.0, -0.0),
    ("hard_swish", {}, -TINY, -0.0),
    ("hardshrink", {"lambd": 0.5}, -0.5, -0.0),
    ("hardshrink", {"lambd": 0.5}, 0.25, 0.0),
    ("softshrink", {"lambd": 0.5}, -0.5, -0.0),
    ("softshrink", {"lambd": 0.5}, 0.5, 0.0),
    ("shrink", {"lambd": 0.5, "bias": 1.0}, -1.0, -0.0),
    ("shrink", {"lambd": 0.5, "bias": 1.0}, 1.0, 0.0),
    ("shrink", {"lambd": 0.5, "bias": 1.0}, -0.25, -0.0),
    ("hard_tanh", {"min_val": 0.0, "max_val": 1.0}, -3.0, 0.0),
    ("hard_tanh", {"min_val": -1.0, "max_val": -0.0}, 3.0, 0.0),
    ("threshold", {"threshold": 1.0, "value": -0.0}, -3.0, 0.0),
    ("threshold", {"threshold": 1.0, "value": 0.0}, 1.0, 0.0),
    ("log_sigmoid", {}, 5000.0, -0.0),
    ("softplus", {"beta": 1.0}, -5000.0, 0.0),
    ("tanhshrink", {}, -1e-200, -0.0),
    ("tanhshrink", {}, 1e-200, 0.0),
    *((name, {}, x, -0.0) for name in ("silu", "quick_gelu", "gelu", "gelu_tanh", "mish")
      for x in (-2000.0, -1e300)),
    *((name, {}, -TINY, -0.0) for name in ("silu", "quick_gelu", "gelu", "gelu_tanh")),
    ("swish", {"beta": -1.0}, 2000.0, 0.0),
    ("swish", {"beta": -1.0}, 1e300, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "x", "zero"), ZEROS)
def test_signs_of_zero(name, parameters, x, zero):
    assert same(exact(name, "value", x, F64, parameters).rounded, zero)


# name, x, g, the product
PRODUCTS = [
    ("relu", -2.0, INF, NAN),
    ("relu", -2.0, 3.0, 0.0),
    ("relu", -2.0, -3.0, -0.0),
    ("relu", 2.0, -INF, -INF),
    ("sigmoid", 1e308, INF, INF),
    ("sigmoid", -1e308, -INF, -INF),
    ("sigmoid", 1e308, 1e308, 0.0),
    ("sigmoid", 1e308, -1e308, -0.0),
    ("sigmoid", 3.0, -0.0, -0.0),
    ("tanh", 5.0, 0.0, 0.0),
    ("tanh", 0.0, NAN, NAN),
    *((name, x, *product) for name in ("silu", "gelu", "gelu_tanh", "mish", "quick_gelu")
      for x in (-3.0, -40.0, -1e300)
      for product in ((INF, -INF), (-INF, INF), (0.0, -0.0), (-0.0, 0.0))),
    *((name, -1e300, *product) for name in ("silu", "gelu", "gelu_tanh", "mish", "quick_gelu", "swish")
      for product in ((1e308, -0.0), (-1e308, 0.0))),
    *((name, 1e300, *product) for name in ("silu", "gelu", "gelu_tanh", "mish", "quick_gelu", "swish")
      for product in ((INF, INF), (-0.0, -0.0), (3.0, 3.0), (-1e308, -1e308), (TINY, TINY))),
    ("tanhshrink", 0.0, INF, NAN),
    ("tanhshrink", -0.0, -3.0, -0.0),
    ("tanhshrink", TINY, INF, INF),
    ("tanhshrink", -TINY, -3.0, -0.0),
    ("elu", -1e300, INF, INF),
    ("elu", -1e300, -1e308, -0.0),
    ("selu", -1e300, -INF, -INF),
    ("celu", -1e300, -INF, -INF),
    ("celu", -1e300, 0.0, 0.0),
    ("softsign", 1e300, INF, INF),
    ("squareplus", -1e300, INF, INF),
    ("hard_swish", -1.5, INF, NAN),
    ("hard_swish", -2.0, INF, -INF),
]  # fmt: skip


@pytest.mark.parametrize(("name", "x", "g", "product"), PRODUCTS)
def test_products_with_special_cotangents(name, x, g, product):
    assert same(exact(name, "vjp", x, F64, defaults(name), g).rounded, product)


def test_products_with_a_negative_slope():
    for x in (-1.0, -INF):
        for g, product in ((INF, -INF), (0.0, -0.0), (-4.0, 2.0)):
            assert same(exact("leaky_relu", "vjp", x, F64, {"alpha": -0.5}, g).rounded, product)
    for g, product in ((INF, -INF), (0.0, -0.0), (-1e300, 0.0)):
        assert same(exact("elu", "vjp", -5000.0, F64, {"alpha": -0.5}, g).rounded, product)


def test_products_with_a_slope_beyond_every_float():
    """celu with a negative alpha: e^(x / alpha) for negative x."""
    for x in (-1e5, -1e300):
        for g, product in ((TINY, INF), (-TINY, -INF), (0.0, 0.0), (-0.0, -0.0), (INF, INF)):
            assert same(exact("celu", "vjp", x, F64, {"alpha": -1.0}, g).rounded, product)
        assert exact("celu", "value", x, F64, {"alpha": -1.0}).rounded == -INF
        assert exact("celu", "derivative", x, F64, {"alpha": -1.0}).rounded == INF


@pytest.mark.parametrize(("name", "parameters"), cases(DEFINITIONS), ids=case_id)
def test_nothing_is_undecided_at_the_ends_of_the_format(name, parameters):
    sizes = (TINY, 3 * TINY, 1e-310, 1e-160, 1e-20, 30.0, 800.0, 5000.0, 2.0**53 + 2, 1e160, F64.max)
    for x in [sign * size for sign in (1, -1) for size in sizes]:
        for quantity, g in (("value", None), ("derivative", None), ("vjp", 3 * TINY), ("vjp", F64.max)):
            found = exact(name, quantity, x, F64, parameters, g)
            assert not math.isnan(found.rounded)
