"""Rows that hold infinities, NaN or masked entries, and special cotangents."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from refacts.oracles import FORMATS, ROWWISE

from tests.oracles.independent import same
from tests.oracles.textbook_rows import LINES, QUANTITIES, ask, context

INF, NAN = math.inf, math.nan
F64 = FORMATS["float64"]
EACH = pytest.mark.parametrize("quantity", QUANTITIES)
NAMES = pytest.mark.parametrize("name", ROWWISE)


def turned(name, x):
    """The row that is to softmin what x is to the others."""
    return [-a for a in x] if name == "softmin" else x


def results(name, quantity, x, g=(), where=None):
    found = ask(name, quantity, turned(name, x), F64, list(g), where=where)
    square = quantity == "jacobian" and name != "logsumexp"
    return np.array(found).reshape(len(x), len(x)) if square else np.array(found)


def all_same(found, expected):
    return len(found) == len(expected) and all(map(same, np.ravel(found), np.ravel(expected)))


UNDEFINED = [[1.0, NAN], [INF, 1.0], [-INF, -INF], [INF, -INF], [NAN, -INF], [NAN, INF], [-INF], [NAN]]


@NAMES
@EACH
@pytest.mark.parametrize("x", UNDEFINED, ids=str)
def test_undefined_rows_are_nan_where_unmasked(name, quantity, x):
    if name == "logsumexp" and quantity == "value":
        return
    g, n = [1.0, 2.0][: len(x)], len(x)
    assert np.isnan(results(name, quantity, x, g)).all()
    masked = results(
        name, quantity, [3.0, *x], [NAN if name != "logsumexp" else 1.0, *g], [False] + [True] * n
    )
    if name == "logsumexp" and quantity == "jvp":
        assert all_same(masked, [NAN])
        return
    inner, outer = (masked[1:, 1:], masked[0]) if masked.ndim == 2 else (masked[1:], masked[:1])
    assert np.isnan(inner).all()
    zero = -INF if (name, quantity) == ("log_softmax", "value") else 0.0
    assert all(same(value, zero) for value in outer)
    if masked.ndim == 2:
        assert all(same(value, 0.0) for value in masked[:, 0])


@pytest.mark.parametrize(
    ("x", "value"),
    [([1.0, NAN], NAN), ([INF, NAN], NAN), ([-INF, NAN], NAN), ([INF, 1.0], INF), ([INF, -INF], INF),
     ([-INF, -INF], -INF), ([], -INF), ([-0.0], 0.0), ([0.0, -INF], 0.0), ([-5e-324], -5e-324)],
    ids=str,
)  # fmt: skip
def test_logsumexp_values(x, value):
    assert all_same(results("logsumexp", "value", x), [value])
    assert all_same(
        results("logsumexp", "value", [NAN, *x, INF], where=[False, *[True] * len(x), False]), [value]
    )


@NAMES
@EACH
def test_masked_entries_do_not_count(name, quantity):
    x, g = [1.0, NAN, 2.0, INF], [3.0, NAN, 4.0, INF]
    where = np.array([True, False, True, False])
    found = results(name, quantity, x, g, where)
    short = results(name, quantity, [1.0, 2.0], [3.0, 4.0])
    if name == "logsumexp" and quantity in ("value", "jvp"):
        assert all_same(found, short)
        return
    kept = np.outer(where, where) if found.ndim == 2 else where
    assert all_same(found[kept], np.ravel(short))
    zero = -INF if (name, quantity) == ("log_softmax", "value") else 0.0
    assert all(same(value, zero) for value in found[~kept])


@NAMES
@EACH
def test_nothing_unmasked_and_nothing_at_all(name, quantity):
    summed, single = name == "logsumexp" and quantity in ("value", "jvp"), name == "logsumexp"
    for n in (0, 3):
        g = [1.0] if single and quantity == "vjp" else [1.0] * n
        found = results(name, quantity, [NAN, INF, 1.0][:n], g, [False] * n)
        assert found.size == (1 if summed else n * n if quantity == "jacobian" and not single else n)
        zero = -INF if quantity == "value" and name in ("log_softmax", "logsumexp") else 0.0
        assert all(same(value, zero) for value in found.ravel())


# x = [0, 0, -inf] with g = [1, 2, 5]
WEIGHTLESS = {
    ("softmax", "value"): [0.5, 0.5, 0.0],
    ("softmax", "derivative"): [0.25, 0.25, 0.0],
    ("softmax", "jacobian"): [0.25, -0.25, 0.0, -0.25, 0.25, 0.0, 0.0, 0.0, 0.0],
    ("softmax", "vjp"): [-0.25, 0.25, 0.0],
    ("softmax", "jvp"): [-0.25, 0.25, 0.0],
    ("softmin", "value"): [0.5, 0.5, 0.0],
    ("softmin", "derivative"): [-0.25, -0.25, 0.0],
    ("softmin", "jacobian"): [-0.25, 0.25, 0.0, 0.25, -0.25, 0.0, 0.0, 0.0, 0.0],
    ("softmin", "vjp"): [0.25, -0.25, 0.0],
    ("softmin", "jvp"): [0.25, -0.25, 0.0],
    ("log_softmax", "value"): [-math.log(2), -math.log(2), -INF],
    ("log_softmax", "derivative"): [0.5, 0.5, 1.0],
    ("log_softmax", "jacobian"): [0.5, -0.5, 0.0, -0.5, 0.5, 0.0, -0.5, -0.5, 1.0],
    ("log_softmax", "vjp"): [-3.0, -2.0, 5.0],
    ("log_softmax", "jvp"): [-0.5, 0.5, 3.5],
    ("logsumexp", "value"): [math.log(2)],
    ("logsumexp", "derivative"): [0.5, 0.5, 0.0],
    ("logsumexp", "jacobian"): [0.5, 0.5, 0.0],
    ("logsumexp", "vjp"): [0.5, 0.5, 0.0],
    ("logsumexp", "jvp"): [1.5],
    ("sparsemax", "value"): [0.5, 0.5, 0.0],
    ("sparsemax", "derivative"): [0.5, 0.5, 0.0],
    ("sparsemax", "jacobian"): [0.5, -0.5, 0.0, -0.5, 0.5, 0.0, 0.0, 0.0, 0.0],
    ("sparsemax", "vjp"): [-0.5, 0.5, 0.0],
    ("sparsemax", "jvp"): [-0.5, 0.5, 0.0],
}


def test_the_table_is_whole():
    assert set(WEIGHTLESS) == set(itertools.product(ROWWISE, QUANTITIES))


@pytest.mark.parametrize(("name", "quantity"), WEIGHTLESS)
def test_entries_of_no_weight(name, quantity):
    found = results(name, quantity, [0.0, 0.0, -INF], [1.0, 2.0, 5.0])
    assert all_same(np.ravel(found), WEIGHTLESS[name, quantity])


def test_a_negative_cotangent_of_no_weight_is_a_positive_zero():
    assert all_same(results("logsumexp", "vjp", [0.0, -INF], [-2.0]), [-2.0, 0.0])
    assert all_same(results("log_softmax", "vjp", [0.0, -INF], [1.0, -0.0]), [0.0, 0.0])


def extended(name, quantity, x, g):
    """Sum J g in float64 over the exact zeros and nonzeros of J, which decide what is not finite."""
    mp = context()
    row = [mp.mpf(a) for a in turned(name, x)]
    if name == "sparsemax":  # x of 0 and 5 at most: the largest are the support
        inside = [a == max(x) for a in x]
        size = sum(inside)

        def entry(i, j):
            return ((i == j) - 1 / size) * (inside[i] and inside[j])
    else:

        def entry(i, j):
            return float(LINES[name][1](mp, row, i, j))

    n, outputs = len(x), 1 if name == "logsumexp" else len(x)
    if quantity == "vjp":
        return [sum(entry(i, k) * g[i] for i in range(outputs)) for k in range(n)]
    return [sum(entry(i, j) * g[j] for j in range(n)) for i in range(outputs)]


@NAMES
@pytest.mark.parametrize("quantity", ["vjp", "jvp"])
def test_infinite_cotangents(name, quantity):
    rng = np.random.default_rng(0)
    rows = [[0.0, 5.0], [0.0, 0.0, -INF], [5.0, 5.0, 0.0], [0.0, -INF], [0.0], [0.0, 5.0, -INF, 5.0]]
    for x in rows * 12:
        n = 1 if name == "logsumexp" and quantity == "vjp" else len(x)
        g = rng.choice([1.0, -2.0, INF, -INF, 0.0], n).tolist()
        g[rng.integers(n)] = float(rng.choice([INF, -INF]))
        found, expected = results(name, quantity, x, g), extended(name, quantity, x, g)
        special = ~np.isfinite(expected)
        assert special.all()
        assert all_same(found, expected), (x, g, found, expected)


@pytest.mark.parametrize(
    ("name", "quantity", "x", "g", "expected"),
    [
        ("softmax", "vjp", [0.0, 1.0], [INF, 0.0], [INF, -INF]),
        ("softmax", "vjp", [0.0, 1.0, 2.0], [INF, -INF, 5.0], [INF, -INF, NAN]),
        ("softmax", "vjp", [0.0, 1.0, -INF], [1.0, 0.0, INF], [NAN, NAN, NAN]),
        ("softmax", "vjp", [0.0, -1e308], [0.0, INF], [-INF, INF]),
        ("softmax", "vjp", [0.0], [INF], [NAN]),
        ("softmin", "vjp", [0.0, 1.0], [INF, 0.0], [-INF, INF]),
        ("softmin", "jvp", [0.0, -1e308], [0.0, INF], [INF, -INF]),
        ("log_softmax", "vjp", [0.0, 1.0], [INF, 0.0], [INF, -INF]),
        ("log_softmax", "vjp", [0.0, -INF], [0.0, INF], [-INF, INF]),
        ("log_softmax", "vjp", [0.0, -INF], [INF, 0.0], [NAN, NAN]),
        ("log_softmax", "jvp", [0.0, -INF], [0.0, INF], [NAN, INF]),
        ("log_softmax", "jvp", [0.0, -INF, -1e308], [0.0, 3.0, -INF], [INF, INF, -INF]),
        ("logsumexp", "vjp", [0.0, -1e308, -INF], [INF], [INF, INF, NAN]),
        ("logsumexp", "vjp", [0.0, -INF], [-INF], [-INF, NAN]),
        ("logsumexp", "jvp", [0.0, -1e308], [1.0, -INF], [-INF]),
        ("logsumexp", "jvp", [0.0, -INF], [1.0, INF], [NAN]),
        ("sparsemax", "vjp", [0.0, 0.5, -9.0], [INF, 1.0, 1.0], [INF, -INF, NAN]),
        ("sparsemax", "jvp", [0.0, 0.5, -9.0], [1.0, 1.0, INF], [NAN, NAN, NAN]),
        ("sparsemax", "vjp", [0.0, 9.0], [1.0, INF], [NAN, NAN]),
    ],
)
def test_infinite_cotangents_by_hand(name, quantity, x, g, expected):
    assert all_same(results(name, quantity, x, g), expected)


@NAMES
@pytest.mark.parametrize("quantity", ["vjp", "jvp"])
def test_a_nan_cotangent_makes_all_nan_but_what_is_masked(name, quantity):
    x, where = [0.0, 1.0, -INF, 7.0], [True, True, True, False]
    if name == "logsumexp" and quantity == "vjp":
        assert all_same(results(name, quantity, x, [NAN], where), [NAN, NAN, NAN, 0.0])
        return
    for g in ([NAN, INF, 1.0, 1.0], [1.0, 1.0, NAN, 1.0]):
        expected = [NAN] if name == "logsumexp" else [NAN, NAN, NAN, 0.0]
        assert all_same(results(name, quantity, x, g, where), expected)
    g = [1.0, 2.0, 3.0, NAN]
    assert np.isfinite(results(name, quantity, x, g, where)).all()


def test_control_finite_terms_do_not_save_an_exact_zero():
    """What NumPy makes of rounded shares is not what the exact Jacobian says."""
    x, g = [0.0, -1e308], [1.0, -INF]
    with np.errstate(invalid="ignore"):
        wrong = np.dot(np.exp(x), g)
    assert not all_same(results("logsumexp", "jvp", x, g), [wrong])
