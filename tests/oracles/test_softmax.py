from __future__ import annotations

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from refacts.oracles import FORMATS, reference_row

from tests.oracles.independent import arb, bisected, enclosed, same

INF, NAN = math.inf, math.nan
F64, F32 = FORMATS["float64"], FORMATS["float32"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)


def arb_vjp(x, g, i):
    exps = [arb(a).exp() for a in x]
    total = sum(exps, flint.arb(0))
    mean = sum((e * arb(b) for e, b in zip(exps, g, strict=True)), flint.arb(0)) / total
    return exps[i] / total * (arb(g[i]) - mean)


def arrays(quantity, x, fmt=F64, g=None, **options):
    return reference_row("softmax", quantity, x, fmt, g if quantity == "vjp" else None, **options).rounded


def test_huge_and_tiny_arguments():
    x = [1e308, -1e308, 5e-324, 0.0]
    assert arrays("value", x).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert arrays("value", [5e-324, 0.0]).tolist() == [0.5, 0.5]
    assert arrays("derivative", x).tolist() == [0.0] * 4
    assert np.signbit(arrays("vjp", x, F64, [1.0, 2.0, 0.0, 1.0])).tolist() == [False, False, True, False]
    jacobian = arrays("jacobian", x).reshape(4, 4)
    np.testing.assert_array_equal(np.signbit(jacobian), ~np.eye(4, dtype=bool))


def test_products_that_cancel_to_the_difference_of_two_neighbours():
    """s_0 s_1 (g_0 - g_1) with everything else equal: the equal ones must not drown it."""
    x, g = [0.0, -700.0, 0.0, 0.0], [1.0, 2.0, 1.0, 1.0]
    for i, found in enumerate(arrays("vjp", x, F64, g)):
        assert same(found, enclosed(lambda x=x, g=g, i=i: arb_vjp(x, g, i), F64))
        assert found != 0
    found = arrays("vjp", [0.0, -1e7, 0.0], F64, g[:3])
    assert [same(a, b) for a, b in zip(found, [-0.0, 0.0, -0.0], strict=True)] == [True] * 3


@EVERY
def test_a_row_of_equals_is_rational(fmt):
    for n in (1, 2, 3, 7, 64):
        x = [0.5] * n
        s = Fraction(1, n)
        g = [float(k % 5) for k in range(n)]
        mean = sum(map(Fraction, g)) / n
        assert set(arrays("value", x, fmt)) == {bisected(s, fmt)}
        assert set(arrays("derivative", x, fmt)) == {bisected(s * (1 - s), fmt)}
        expected = [bisected(s * (Fraction(b) - mean), fmt) for b in g]
        found = arrays("vjp", x, fmt, g)
        assert all(same(a, b + 0.0) for a, b in zip(found, expected, strict=True))


def test_ties_of_a_rational_row_go_to_even():
    tiny = F32.smallest_subnormal
    found = reference_row("softmax", "vjp", [0.0, -0.0], F32, [2 * tiny, 0.0])
    assert np.abs(found.residual).tolist() == [0.5, 0.5]
    assert found.rounded.tolist() == [0.0, 0.0]
    assert np.signbit(found.rounded).tolist() == [False, True]
    assert arrays("vjp", [0.0, -0.0], F32, [6 * tiny, 0.0]).tolist() == [2 * tiny, -2 * tiny]


@pytest.mark.parametrize(
    ("x", "g"),
    [
        ([1.0, 2.0, 3.0], [5.0, 5.0, 5.0]),
        ([0.0, 0.0, 0.0], [7.0, 7.0, 7.0]),
        ([4.0], [3.0]),
        ([1.0, -INF], [3.0, 9.0]),
        ([2.0, 2.0, -INF], [-1e300, -1e300, 4.0]),
    ],
)
def test_products_that_are_exactly_zero(x, g):
    found = reference_row("softmax", "vjp", x, F64, g)
    assert all(same(value, 0.0) for value in found.rounded)
    np.testing.assert_array_equal(found.residual, 0.0)


def test_a_zero_whose_terms_are_not_all_equal():
    """g_0 = 2 is the mean of its own group's 1 and 3 and of the others' 2."""
    x, g = [0.0, 0.0, 0.0, 1.0, 1.0], [2.0, 1.0, 3.0, 2.5, 1.5]
    found = arrays("vjp", x, F64, g)
    assert same(found[0], 0.0)
    assert all(found[1:] != 0)
    assert not same(arrays("vjp", x, F64, [2.0, 1.0, 3.0, 2.5, math.nextafter(1.5, 2)])[0], 0.0)


@EVERY
def test_jacobian_is_symmetric_with_the_diagonal_on_it(fmt):
    x = [0.3, -2.0, 1.0, 0.3, -INF, 40.0]
    jacobian = arrays("jacobian", x, fmt).reshape(6, 6)
    np.testing.assert_array_equal(jacobian, jacobian.T)
    np.testing.assert_array_equal(np.diag(jacobian), arrays("derivative", x, fmt))
    assert not np.signbit(jacobian[4]).any()
    assert not np.signbit(jacobian[:, 4]).any()


def test_control_rounding_the_difference_first_is_caught():
    """exp(x - max) with x - max rounded to float32, as frameworks do."""
    rng = np.random.default_rng(0)
    x = (rng.uniform(-80, 0, 200) + 50.1).astype(np.float32)
    shifted = (x - x.max()).astype(float)
    wrong = arrays("value", shifted, F32)
    right = arrays("value", x.astype(float), F32)
    assert np.count_nonzero(wrong != right) > 10


def test_control_a_product_from_rounded_weights_is_caught():
    x, g = [0.0, -700.0, 0.0], [1.0, 2.0, 1.0]
    s = arrays("value", x)
    wrong = s * (g - np.dot(s, g))
    assert (wrong != arrays("vjp", x, F64, g)).any()
