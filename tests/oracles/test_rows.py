"""Row-wise activations against their textbook lines, Arb and what follows from the definitions."""

from __future__ import annotations

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refacts.oracles import FORMATS, ROWWISE, reference_row
from refacts.oracles.textbook import rowwise

from tests.oracles.independent import arb, enclosed, same
from tests.oracles.textbook_rows import LINES, QUANTITIES, agrees, ask

F64, F32 = FORMATS["float64"], FORMATS["float32"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
EACH = pytest.mark.parametrize("quantity", QUANTITIES)
NAMES = pytest.mark.parametrize("name", ROWWISE)
NUMBERS = (
    st.floats(-40, 40)
    | st.integers(-3, 3).map(float)
    | st.sampled_from([0.0, -0.0, 5e-324, -1e-300, 700.0, -800.0])
)
COTANGENTS = (
    st.integers(-3, 3).map(float)
    | st.floats(-9, 9)
    | st.sampled_from([1e300, -1e300, 1e-300, 5e-324, -1.5e-323, 1.7976931348623157e308])
)
ROWS = st.lists(st.tuples(NUMBERS, COTANGENTS), min_size=1, max_size=6)


def test_the_names():
    assert set(ROWWISE) == set(LINES)


@NAMES
@EACH
@settings(max_examples=25)
@given(row=ROWS, fmt=st.sampled_from(list(FORMATS.values())))
def test_textbook_lines(name, quantity, row, fmt):
    assert agrees(name, quantity, [x for x, _ in row], [g for _, g in row], fmt)


X, G = [0.5, -1.0, 2.0, 0.5], [3.0, -1.0, 0.25, 7.0]
WRONG = {
    "no division": ("softmax", (lambda mp, x, i: mp.exp(x[i]), None)),
    "of x": ("softmin", (rowwise.softmax, rowwise.softmax_jacobian)),
    "sign of the chain rule": (
        "softmin", (None, lambda mp, x, i, j: rowwise.softmax_jacobian(mp, [-t for t in x], i, j)),
    ),
    "diagonal only": (
        "softmax", (None, lambda mp, x, i, j: (i == j) * rowwise.softmax_jacobian(mp, x, i, j)),
    ),
    "transposed": ("log_softmax", (None, lambda mp, x, i, j: rowwise.log_softmax_jacobian(mp, x, j, i))),
    "s_i (1 - s_j)": ("log_softmax", (rowwise.softmax, rowwise.softmax_jacobian)),
    "equals counted once": ("logsumexp", (lambda mp, x, i: mp.log(mp.fsum(mp.exp(t) for t in set(x))), None)),
    "mean": ("logsumexp", (lambda mp, x, i: rowwise.logsumexp(mp, x) - mp.log(len(x)), None)),
    "1/n": ("logsumexp", (None, lambda mp, x, i, j: mp.mpf(1) / len(x))),
    "a hair": ("logsumexp", (lambda mp, x, i: rowwise.logsumexp(mp, x) * (1 + mp.mpf(2) ** -52), None)),
    "threshold of all": (
        "sparsemax", (lambda mp, x, i: max(x[i] - (sum(x) - 1) / len(x), 0), None),
    ),
    "all above": ("sparsemax", (None, lambda mp, x, i, j: (i == j) - x[0] ** 0 / len(x))),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_control_wrong_lines_are_caught(case):
    name, lines = case
    x = [1.0, 0.75, 0.5, -3.0] if name == "sparsemax" else X
    for line, quantities in zip(lines, (("value",), ("derivative", "jacobian", "vjp", "jvp")), strict=True):
        if line is not None:
            wrong = [agrees(name, quantity, x, G, F64, (line, line)) for quantity in quantities]
            assert not all(wrong)
            assert all(agrees(name, quantity, x, G, F64) for quantity in quantities)


def arb_results(name, quantity, x, g, i):
    """Entry i by another formula than the oracle's, in terms of the distances from x_i alone."""
    sign = -1 if name == "softmin" else 1
    powers = [((arb(a) - arb(x[i])) * sign).exp() for a in x]
    total = sum(powers, flint.arb(0))
    share = 1 / total
    spread = sum((p * (arb(g[i]) - arb(b)) for p, b in zip(powers, g, strict=True)), flint.arb(0)) / total
    weighted = sum((p * arb(b) for p, b in zip(powers, g, strict=True)), flint.arb(0)) / total
    if quantity == "value":
        return {"log_softmax": -total.log(), "logsumexp": arb(x[i]) + total.log()}.get(name, share)
    if quantity == "derivative":
        rest = (total - 1) / total
        return {"log_softmax": rest, "logsumexp": share}.get(name, sign * share * rest)
    if name == "logsumexp":
        return share * arb(g[0]) if quantity == "vjp" else weighted
    if name == "log_softmax":
        return arb(g[i]) - share * sum(map(arb, g), flint.arb(0)) if quantity == "vjp" else spread
    return sign * share * spread


SMOOTH = [name for name in ROWWISE if name != "sparsemax"]


@EVERY
@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jvp"])
def test_arb_encloses_the_results(fmt, name, quantity):
    rng = np.random.default_rng(0)
    for n, width in ((2, 9.0), (3, 100.0), (7, 9.0), (40, 700.0)):
        x, g = rng.uniform(-width, width, n).tolist(), rng.uniform(-9, 9, n).tolist()
        for i, found in enumerate(ask(name, quantity, x, fmt, g)[:8]):
            assert same(found, enclosed(lambda x=x, g=g, i=i: arb_results(name, quantity, x, g, i), fmt))


@pytest.mark.parametrize("name", SMOOTH)
def test_a_long_row_against_arb(name):
    rng = np.random.default_rng(1)
    n = 5000
    x, g = (rng.normal(size=n) * 3).tolist(), rng.normal(size=n).tolist()
    places = [0, int(np.argmax(x)), int(np.argmin(x))]
    for quantity in ("value", "derivative", "vjp", "jvp"):
        one = name == "logsumexp" and quantity in ("value", "jvp")
        found = ask(name, quantity, x, F64, g, only=[0] if one else places)
        for i, value in zip(places, found, strict=False):
            assert same(value, enclosed(lambda i=i, q=quantity: arb_results(name, q, x, g, i), F64))


@EVERY
@NAMES
def test_products_with_units_are_rows_and_columns_of_the_jacobian(fmt, name):
    x = [0.3, -2.0, 1.0, 0.3, -1e30, 0.75]
    n, jacobian = len(x), np.array(ask(name, "jacobian", x, fmt))
    jacobian = jacobian.reshape(-1, n)
    units = np.eye(n).tolist()
    for i in range(len(jacobian)):
        assert all(map(same, ask(name, "vjp", x, fmt, units[i]), jacobian[i]))
    for j in range(n):
        assert all(map(same, ask(name, "jvp", x, fmt, units[j]), jacobian[:, j]))
    diagonal = jacobian[0] if name == "logsumexp" else jacobian.diagonal()
    assert all(map(same, ask(name, "derivative", x, fmt), diagonal))


def test_control_the_transpose_is_not_the_jacobian():
    x = [0.3, -2.0, 1.0]
    jacobian = np.array(ask("log_softmax", "jacobian", x, F64)).reshape(3, 3)
    assert not all(map(same, ask("log_softmax", "vjp", x, F64, [1.0, 0.0, 0.0]), jacobian[:, 0]))


@EACH
@EVERY
def test_softmin_is_softmax_of_the_negative(fmt, quantity):
    x, g = [0.5, -1.0, 2.0, 0.5, np.inf], [3.0, -1.0, 0.25, 7.0, 1.0]
    mirrored = ask("softmax", quantity, [-a for a in x], fmt, g)
    expected = [a if quantity == "value" else 0.0 - a for a in mirrored]
    assert all(map(same, ask("softmin", quantity, x, fmt, g), expected))


@NAMES
@EACH
def test_only_some_results(name, quantity):
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=9), rng.normal(size=9)
    g = {"vjp": g[:1] if name == "logsumexp" else g, "jvp": g}.get(quantity)
    every = reference_row(name, quantity, x, F32, g)
    one = name == "logsumexp" and quantity in ("value", "jvp")
    picked = [0, 0] if one else [8, 0, 3]
    some = reference_row(name, quantity, x, F32, g, only=picked)
    for all_of, part in zip(vars(every).values(), vars(some).values(), strict=True):
        np.testing.assert_array_equal(part, all_of[picked])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("softplus", "value", [1.0], F64), "name: 'softplus'"),
        (("softmax", "slope", [1.0], F64), "quantity: 'slope'"),
        (("softmax", "vjp", [1.0], F64), "needs one"),
        (("softmax", "jvp", [1.0], F64), "needs one"),
        (("softmax", "value", [1.0], F64, [1.0]), "takes none"),
        (("softmax", "value", [[1.0]], F64), "not one-dimensional"),
        (("softmax", "vjp", [1.0], F64, [1.0, 2.0]), "g: shape"),
        (("logsumexp", "vjp", [1.0, 2.0], F64, [1.0, 2.0]), "g: shape"),
        (("logsumexp", "jvp", [1.0, 2.0], F64, [1.0]), "g: shape"),
        (("softmax", "value", [1.0], F64, None, [True, False]), "where: shape"),
    ],
)
def test_bad_requests(arguments, text):
    with pytest.raises(ValueError, match=text):
        reference_row(*arguments)
