from __future__ import annotations

import math
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles import FORMATS, nearest, reference_row, rowwise
from tests.oracles.independent import arb, bisected, enclosed, same

INF, NAN = math.inf, math.nan
F64, F32 = FORMATS["float64"], FORMATS["float32"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)


def textbook(quantity, x, g, fmt, bits=3000):
    """The lines of rowwise.py, entry by entry, far beyond any cancellation in the case."""
    mp = mpmath.MPContext()
    mp.prec = bits
    row, cotangent = [mp.mpf(a) for a in x], [mp.mpf(a) for a in g]
    n = len(x)
    if quantity == "jacobian":
        reals = [rowwise.softmax_jacobian(mp, row, i, j) for i in range(n) for j in range(n)]
    elif quantity == "vjp":
        reals = [rowwise.softmax_vjp(mp, row, cotangent, i) for i in range(n)]
    else:
        line = rowwise.softmax if quantity == "value" else rowwise.softmax_derivative
        reals = [line(mp, row, i) for i in range(n)]
    return [nearest(real, fmt) for real in reals]


def arb_vjp(x, g, i):
    exps = [arb(a).exp() for a in x]
    total = sum(exps, flint.arb(0))
    mean = sum((e * arb(b) for e, b in zip(exps, g, strict=True)), flint.arb(0)) / total
    return exps[i] / total * (arb(g[i]) - mean)


def arb_value(x, i):
    return 1 / sum(((arb(a) - arb(x[i])).exp() for a in x), flint.arb(0))


def arrays(quantity, x, fmt=F64, g=None, **options):
    return reference_row("softmax", quantity, x, fmt, g if quantity == "vjp" else None, **options).rounded


ROWS = st.lists(
    st.floats(-40, 40) | st.sampled_from([0.0, -0.0, 1.0, 5e-324, -1e-300, 700.0, -800.0]),
    min_size=2, max_size=6,
)  # fmt: skip


@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jacobian"])
@given(x=ROWS, seed=st.integers(0, 2**30), fmt=st.sampled_from(list(FORMATS.values())))
def test_groups_give_what_the_textbook_gives(quantity, x, seed, fmt):
    if len({a + 0.0 for a in x}) == 1:
        return  # rational: ties are honest there and tested below
    x = [a + 0.0 for a in x]
    g = np.random.default_rng(seed).integers(-3, 4, len(x)).astype(float).tolist()
    if quantity == "vjp" and any(len({g[j] for j in range(len(x)) if x[j] == a}) > 1 for a in x):
        g = [float(sorted(set(x)).index(a)) for a in x]
    for ours, plain in zip(arrays(quantity, x, fmt, g), textbook(quantity, x, g, fmt), strict=True):
        assert same(ours, plain)


@EVERY
def test_arb_encloses_values_and_products(fmt):
    rng = np.random.default_rng(0)
    for n in (2, 3, 7):
        x, g = (rng.uniform(-9, 9, n).tolist() for _ in range(2))
        for i, found in enumerate(arrays("vjp", x, fmt, g)):
            assert same(found, enclosed(lambda x=x, g=g, i=i: arb_vjp(x, g, i), fmt))
        for i, found in enumerate(arrays("value", x, fmt)):
            assert same(found, enclosed(lambda x=x, i=i: arb_value(x, i), fmt))


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


@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jacobian"])
@pytest.mark.parametrize("x", [[1.0, NAN], [INF, 1.0], [-INF, -INF], [INF, -INF], [NAN, -INF]])
def test_undefined_rows_are_nan_where_unmasked(quantity, x):
    g = [1.0, 2.0]
    assert np.isnan(arrays(quantity, x, F64, g)).all()
    masked = arrays(quantity, [3.0, *x], F64, [NAN, *g], where=[False, True, True])
    corner = masked.reshape(3, 3) if quantity == "jacobian" else masked
    assert np.isnan(corner[1:, 1:] if quantity == "jacobian" else corner[1:]).all()
    assert all(same(value, 0.0) for value in np.ravel(corner[0]))


@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jacobian"])
def test_masked_entries_do_not_count(quantity):
    x, g, where = [1.0, NAN, 2.0, INF], [3.0, NAN, 4.0, INF], [True, False, True, False]
    found = arrays(quantity, x, F64, g, where=where)
    short = arrays(quantity, [1.0, 2.0], F64, [3.0, 4.0])
    kept = np.outer(where, where).ravel() if quantity == "jacobian" else np.array(where)
    np.testing.assert_array_equal(found[kept], short)
    assert all(same(value, 0.0) for value in found[~kept])
    nothing = arrays(quantity, x, F64, g, where=[False] * 4)
    assert all(same(value, 0.0) for value in nothing)


@pytest.mark.parametrize(
    ("x", "g", "expected"),
    [
        ([0.0, 1.0], [INF, 0.0], [INF, -INF]),
        ([0.0, 1.0], [0.0, -INF], [INF, -INF]),
        ([0.0, 1.0], [INF, INF], [NAN, NAN]),
        ([0.0, 1.0], [INF, -INF], [INF, -INF]),
        ([0.0, 1.0, 2.0], [INF, -INF, 5.0], [INF, -INF, NAN]),
        ([0.0, 1.0, -INF], [INF, 0.0, 0.0], [INF, -INF, NAN]),
        ([0.0, 1.0, -INF], [1.0, 0.0, INF], [NAN, NAN, NAN]),
        ([0.0, -INF], [INF, 0.0], [NAN, NAN]),
        ([0.0], [INF], [NAN]),
        ([0.0, 0.0], [INF, 0.0], [INF, -INF]),
        ([0.0, -1e308], [0.0, INF], [-INF, INF]),
        ([0.0, 1.0], [NAN, INF], [NAN, NAN]),
        ([0.0, -INF], [1.0, NAN], [NAN, NAN]),
    ],
)
def test_extended_real_cotangents(x, g, expected):
    found = arrays("vjp", x, F64, g)
    assert all(same(a, b) for a, b in zip(found, expected, strict=True)), found


@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jacobian"])
def test_only_some_entries(quantity):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=9), rng.normal(size=9)
    every = reference_row("softmax", quantity, x, F32, g if quantity == "vjp" else None)
    some = reference_row("softmax", quantity, x, F32, g if quantity == "vjp" else None, only=[8, 0, 3])
    for all_of, part in zip(vars(every).values(), vars(some).values(), strict=True):
        np.testing.assert_array_equal(part, all_of[[8, 0, 3]])


def test_empty_row():
    assert arrays("value", []).shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("slope", [1.0], F64), "quantity: 'slope'"),
        (("vjp", [1.0], F64), "needs one"),
        (("value", [1.0], F64, [1.0]), "takes none"),
        (("value", [[1.0]], F64), "not one-dimensional"),
        (("vjp", [1.0], F64, [1.0, 2.0]), "g: shape"),
        (("value", [1.0], F64, None, [True, False]), "where: shape"),
    ],
)
def test_bad_requests(arguments, text):
    with pytest.raises(ValueError, match=text):
        reference_row("softmax", *arguments)


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
