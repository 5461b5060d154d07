from __future__ import annotations

import json
import math
import threading
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

import oracles
from oracles import DEFINITIONS, FORMATS, exact, inputs, reference
from tests.oracles.independent import arb, bisected, enclosed, same

INF, NAN = math.inf, math.nan
F64 = FORMATS["float64"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
CASES = json.loads((Path(__file__).parent / "data" / "regressions.json").read_text())["cases"]
LEAK = {"alpha": 0.2}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['activation']}-{case['x']}")
def test_reported_wrong_elsewhere(case):
    fmt, x = FORMATS[case["dtype"]], float.fromhex(case["x"])
    found = exact(case["activation"], case["quantity"], x, fmt)
    assert found.rounded.hex() == float.fromhex(case["exact"]).hex()


# name, alpha, value at -inf, +inf, -0.0, 0.0, then the derivative there
SPECIAL = [
    ("relu", None, (0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
    ("leaky_relu", 0.5, (-INF, INF, -0.0, 0.0), (0.5, 1.0, 1.0, 1.0)),
    ("leaky_relu", 0.0, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
    ("leaky_relu", -0.5, (INF, INF, -0.0, 0.0), (-0.5, 1.0, 1.0, 1.0)),
    ("sigmoid", None, (0.0, 1.0, 0.5, 0.5), (0.0, 0.0, 0.25, 0.25)),
    ("tanh", None, (-1.0, 1.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0)),
]


@EVERY
@pytest.mark.parametrize(("name", "alpha", "values", "derivatives"), SPECIAL)
def test_special_inputs(fmt, name, alpha, values, derivatives):
    parameters = {} if alpha is None else {"alpha": alpha}
    for quantity, expected in (("value", values), ("derivative", derivatives)):
        for x, result in zip((-INF, INF, -0.0, 0.0), expected, strict=True):
            assert same(exact(name, quantity, x, fmt, parameters).rounded, result), (quantity, x)
        assert math.isnan(exact(name, quantity, NAN, fmt, parameters).rounded)


def test_zero_slopes_and_signs_of_zero():
    assert same(exact("relu", "value", -3.0, F64).rounded, 0.0)
    assert same(exact("leaky_relu", "value", -3.0, F64, {"alpha": 0.0}).rounded, -0.0)
    assert same(exact("leaky_relu", "value", -3.0, F64, {"alpha": Fraction(0)}).rounded, -0.0)
    assert same(exact("leaky_relu", "value", -1e-300, F64, {"alpha": 1e-300}).rounded, -0.0)
    assert same(exact("leaky_relu", "derivative", -INF, FORMATS["float16"], LEAK).rounded,
                bisected(Fraction(0.2), FORMATS["float16"]))  # fmt: skip


# name, x, g, the product
PRODUCTS = [
    ("relu", -2.0, INF, NAN),
    ("relu", -2.0, 3.0, 0.0),
    ("relu", -2.0, -3.0, -0.0),
    ("relu", 2.0, -INF, -INF),
    ("relu", -INF, 3.0, 0.0),
    ("relu", -INF, -3.0, -0.0),
    ("relu", -INF, INF, NAN),
    ("relu", 0.0, 3.0, 3.0),
    ("sigmoid", 1e308, INF, INF),
    ("sigmoid", -1e308, -INF, -INF),
    ("sigmoid", 1e308, 1e308, 0.0),
    ("sigmoid", 1e308, -1e308, -0.0),
    ("sigmoid", 3.0, -0.0, -0.0),
    ("sigmoid", INF, INF, NAN),
    ("sigmoid", INF, -3.0, -0.0),
    ("tanh", -INF, 0.0, 0.0),
    ("tanh", 5.0, 0.0, 0.0),
    ("tanh", 0.0, -INF, -INF),
    ("tanh", NAN, 0.0, NAN),
    ("tanh", 0.0, NAN, NAN),
]


@pytest.mark.parametrize(("name", "x", "g", "product"), PRODUCTS)
def test_products_with_special_cotangents(name, x, g, product):
    assert same(exact(name, "vjp", x, F64, {}, g).rounded, product)


def test_products_with_a_negative_slope():
    slope = {"alpha": -0.5}
    for x in (-1.0, -INF):
        assert same(exact("leaky_relu", "vjp", x, F64, slope, INF).rounded, -INF)
        assert same(exact("leaky_relu", "vjp", x, F64, slope, 0.0).rounded, -0.0)
        assert same(exact("leaky_relu", "vjp", x, F64, slope, -4.0).rounded, 2.0)


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
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_vjp_against_arb(fmt, name):
    slope = {"sigmoid": lambda x: 1 / (2 * (x / 2).cosh()) ** 2, "tanh": lambda x: 1 / x.cosh() ** 2}
    rng = np.random.default_rng(0)
    for x in rng.uniform(-12, 12, 60).tolist():
        g = float(fmt.decode(rng.integers(1, int(fmt.bit_patterns(fmt.max)))))
        found = exact(name, "vjp", x, fmt, {}, g)
        assert same(found.rounded, enclosed(lambda x=x, g=g: arb(g) * slope[name](arb(x)), fmt))


@pytest.mark.parametrize("x", [1e308, -1e308, 5e-324, -5e-324, 1e-200])
def test_residual_and_ulp_where_nothing_is_left(x):
    for name in ("sigmoid", "tanh"):
        for quantity in ("value", "derivative"):
            found = exact(name, quantity, x, F64)
            assert found.residual == 0
            assert found.ulp == np.spacing(max(abs(found.rounded), 5e-324))


@EVERY
@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("quantity", oracles.QUANTITIES)
def test_arrays_are_what_scalars_are(fmt, name, quantity):
    x = inputs.hard(fmt, 1200, seed=2)[::7]
    x = np.concatenate([x, x[:30]])
    g = np.roll(x, 5) if quantity == "vjp" else None
    parameters = LEAK if name == "leaky_relu" else {}
    found = reference(name, quantity, x, fmt, parameters, g)
    for k, point in enumerate(x.tolist()):
        one = exact(name, quantity, point, fmt, parameters, None if g is None else float(g[k]))
        row = (found.rounded[k], found.residual[k], found.ulp[k])
        assert all(same(a, b) for a, b in zip(one[:3], row, strict=True))
    fmt.bit_patterns(found.rounded)
    assert np.nanmax(np.abs(found.residual)) <= 0.5


def test_empty_and_broadcast():
    assert reference("tanh", "value", [], F64).rounded.shape == (0,)
    found = reference("tanh", "vjp", [0.0, 0.0], F64, {}, 3.0)
    assert found.rounded.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nope", "value", 1.0, F64), "name: 'nope'"),
        (("tanh", "slope", 1.0, F64), "quantity: 'slope'"),
        (("tanh", "vjp", 1.0, F64), "vjp needs one"),
        (("tanh", "value", 1.0, F64, {}, 2.0), "vjp needs one"),
    ],
)
def test_bad_requests(arguments, text):
    with pytest.raises(ValueError, match=text):
        exact(*arguments)
    with pytest.raises(ValueError, match=text):
        reference(*arguments)


def test_only_one_dimension():
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        reference("tanh", "value", [[1.0, 2.0]], F64)


def test_several_threads_get_the_same_bits_and_mpmath_is_left_alone():
    before = (mpmath.mp.prec, mpmath.mp.dps, mpmath.mp.pretty)
    x = inputs.hard(FORMATS["float32"], 900, seed=1)
    rows = [None] * 4

    def work(k):
        found = reference("sigmoid", "vjp", x, FORMATS["float32"], {}, np.roll(x, 1))
        row = oracles.reference_row("vjp", x[-30:], F64, np.arange(30.0))
        rows[k] = np.concatenate([found.rounded, found.residual, found.ulp, row.rounded, row.residual])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(rows))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(0)
    for row in rows[1:]:
        np.testing.assert_array_equal(rows[0].view(np.int64), row.view(np.int64))
    assert (mpmath.mp.prec, mpmath.mp.dps, mpmath.mp.pretty) == before


def test_the_shared_constants_are_never_refilled():
    """What makes threads safe: libmp's ln 2 is known to more bits than anything asks for."""
    ln2 = mpmath.libmp.libelefun.ln2_fixed
    cache = next(cell.cell_contents for cell in ln2.__closure__)
    before = cache.memo_prec
    assert before >= oracles.precision.MAX_BITS + 1024
    at_cap = oracles.precision.at(oracles.precision.MAX_BITS)
    at_cap.exp(at_cap.number(-1e308))
    assert cache.memo_prec == before
