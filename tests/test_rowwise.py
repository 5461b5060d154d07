"""Row-wise activations against the oracle, and wrong kernels."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS
from refacts.oracles.textbook import rowwise

import refacts
from refacts import oracles
from refacts.arithmetic import double
from tests import checks, planted_rows, rows
from tests.measure import context
from tests.oracles.test_row_ties import BESIDE, GAPS
from tests.rows import QUANTITIES, ROWWISE
from tests.strategies import FORMAT_NAMES, pairs

formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)
kernels = pytest.mark.parametrize("kernel", ROWWISE, ids=lambda f: f.spec.name)
quantities = pytest.mark.parametrize("quantity", QUANTITIES)


@formats
@kernels
@given(st.data())
def test_bits_are_the_oracles(kernel: Any, fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(kernel, fmt, min_dims=1))
    kernel = rows.along(kernel, data.draw(st.integers(-x.ndim, x.ndim - 1)))
    for quantity in QUANTITIES:
        rows.matches_oracle(kernel, quantity, x, rows.cotangent(kernel, quantity, g))


@formats
@kernels
@given(st.data())
def test_masked_bits_are_the_oracles(kernel: Any, fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(kernel, fmt, min_dims=1))
    mask = data.draw(st.lists(st.booleans(), min_size=x.shape[-1], max_size=x.shape[-1]))
    where = np.array(mask, np.bool_)
    for quantity in QUANTITIES:
        rows.matches_oracle(kernel, quantity, x, rows.cotangent(kernel, quantity, g), where=where)


@formats
@kernels
@given(st.data())
def test_longer_rows(kernel: Any, fmt: str, data: Any) -> None:
    """Up to 40 entries, of the sizes that logits have."""
    form = FORMATS[fmt]
    n = data.draw(st.integers(0, 40))
    seed, scale = data.draw(st.integers(0, 2**32 - 1)), data.draw(st.sampled_from([1e-3, 1.0, 10.0, 300.0]))
    rng = np.random.default_rng(seed)
    x, g = ((rng.normal(size=(2, n)) * s).astype(form.dtype) for s in (scale, 1.0))
    for quantity in QUANTITIES:
        rows.matches_oracle(kernel, quantity, x, rows.cotangent(kernel, quantity, g))


@formats
@kernels
@quantities
def test_hard_rows(kernel: Any, fmt: str, quantity: str) -> None:
    for x, g in rows.hard_rows(FORMATS[fmt], seed=3):
        rows.matches_oracle(kernel, quantity, x, rows.cotangent(kernel, quantity, g))


FAR_BELOW = [
    ([1.0, 2.0, 3.0, -1e9], [0.1, 0.1, 0.1, 0.5]),
    ([1.0, 2.0, 3.0, -1e9], [0.1, 0.1, 0.1, 0.3]),
    ([1.0, 1.0, 2.0, 2.0, -1e9], [1.0, 1 + 2**-52, 1.0, 1 + 2**-52, 1.0]),
    ([1.0, 1.0, 2.0, 2.0, -1e9], [1 + 2**-52, 1 + 2**-51, 1 + 2**-51, 1 + 2**-52, 1.0]),
    ([1.0, 1.0, 2.0, 2.0, 3.0, -1e9], [1.0, -1.0, 1.0, -1.0, 0.0, 1.0]),
    ([0.0, 0.0, -1e30], [1.0, 3 + 2**-51, 5.0]),
    ([0.0, 0.0, -1e30], [1.0, 3 + 2**-51, 1.0]),
    ([0.0, 0.0, -50.0], [1.0, -1.0, 1e-20]),
    ([0.0, 0.0, -1e9], [1.0, -(2.0**-53), -4.0]),
    ([0.0, 0.0, -4000.0], [1e-323, 0.0, -5e-324]),
    ([2.0**-53, 0.0, -1.0, -4500.0, -1e300], [1.0, 1.0, 1.0, 1.0, 0.5]),
]


@kernels
@pytest.mark.parametrize(("x", "g"), FAR_BELOW)
def test_what_lies_far_below_decides(kernel: Any, x: list[float], g: list[float]) -> None:
    """Ties and zeros of the other entries, which no precision would tell from what it is."""
    row = -np.array(x) if kernel is refacts.softmin else np.array(x)
    for quantity in QUANTITIES:
        rows.matches_oracle(kernel, quantity, row, rows.cotangent(kernel, quantity, np.array(g)))


@kernels
def test_ties_that_others_break(kernel: Any) -> None:
    """The rows that the oracle's tests work out by hand, and tied tops far above the rest in all formats."""
    for name, quantity, x, g, _, _ in BESIDE:
        for gap in GAPS:
            row = np.array([*x, -gap])
            beside = np.resize(np.array(g, float), row.shape)
            if name == kernel.spec.name:
                rows.matches_oracle(kernel, quantity, row, rows.cotangent(kernel, quantity, beside))
    rng = np.random.default_rng(0)
    for form in FORMATS.values():
        x = np.broadcast_to(np.array([0.0, 0.0, -5e4]).astype(form.dtype), (100, 3))
        x = -x if kernel is refacts.softmin else x
        g = rng.normal(size=x.shape).astype(form.dtype)
        for quantity in ("vjp", "jvp"):
            rows.matches_oracle(kernel, quantity, x, rows.cotangent(kernel, quantity, g))


def sign_of_what_underflows(kernel: Any) -> None:
    """Two terms of e^-735, of which float64 has four digits, that cancel to fewer."""
    rng = np.random.default_rng(0)
    x = np.zeros((300, 3), np.float32)
    x[:, 1:] = -735 - rng.integers(0, 40, (300, 2)) * 2.0**-14
    g = np.stack([np.zeros(300), np.ones(300), -np.exp(np.float64(x[:, 1]) - x[:, 2])], -1).astype(np.float32)
    rows.matches_oracle(kernel, "vjp", x, g, measured=False)


def test_the_sign_of_what_underflows(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_of_what_underflows(refacts.softmax)
    monkeypatch.setattr(double, "underflow", lambda reach, n, mixed: 0.0)
    with pytest.raises(AssertionError, match="want"):
        sign_of_what_underflows(refacts.softmax)


def products_are_those_of_the_jacobian(kernel: Any, fmt: str) -> None:
    """VJP and JVP against sums of the textbook's Jacobian, far more precise than any of them cancels."""
    name, form, mp = kernel.spec.name, FORMATS[fmt], context()
    line = getattr(rowwise, f"{name}_jacobian")
    number = Fraction if name == "sparsemax" else mp.mpf
    rng = np.random.default_rng(7)
    for n in (2, 3, 5, 7):
        x, g = (rng.normal(size=(2, n)) * 2).astype(form.dtype)
        row, beside = ([number(float(v)) for v in a] for a in (x, g))
        if rows.reduces(kernel):
            pulled = [beside[0] * line(mp, row, 0, j) for j in range(n)]
            pushed = [rowwise.jvp(mp, line, row, beside, 0)]
        else:
            pulled = [rowwise.vjp(mp, line, row, beside, k) for k in range(n)]
            pushed = [rowwise.jvp(mp, line, row, beside, i) for i in range(n)]
        for quantity, wanted in (("vjp", pulled), ("jvp", pushed)):
            y = rows.computed(kernel, quantity, x, rows.cotangent(kernel, quantity, g))
            want = [oracles.nearest(v, form) for v in wanted]
            assert y.tolist() == want, f"{name}.{quantity} in {fmt}: {y.tolist()}, want {want}"


@formats
@kernels
def test_products_are_those_of_the_jacobian(kernel: Any, fmt: str) -> None:
    products_are_those_of_the_jacobian(kernel, fmt)


@pytest.mark.parametrize("wrong", [planted_rows.Transposed(), planted_rows.Skewed()])
def test_products_with_another_matrix_are_seen(wrong: Any) -> None:
    with pytest.raises(AssertionError, match="want"):
        products_are_those_of_the_jacobian(wrong, "float64")


def long_row(fmt: Any, n: int, family: str) -> tuple[Any, Any]:
    """Normal, uniform over ±700 (±80 in float32), nearly one-hot, or close to each other."""
    rng = np.random.default_rng(4)
    x = {
        "normal": lambda: rng.normal(size=n) * 3,
        "wide": lambda: rng.uniform(-700, 700, n) if fmt.bits == 64 else rng.uniform(-80, 80, n),
        "one-hot": lambda: np.where(np.arange(n) == n // 3, 60.0, rng.choice([0.0, 0.5, -1.0], n)),
        "close": lambda: rng.integers(0, 64, n) * 2.0**-20,
    }[family]()
    return x.astype(fmt.dtype), rng.normal(size=n).astype(fmt.dtype)


def matches_in_places(kernel: Any, quantity: str, x: Any, g: Any, count: int) -> None:
    """Bit equality at some entries of one row, its largest and its least among them."""
    form = rows.format_of(x)
    beside = rows.cotangent(kernel, quantity, g)
    y = rows.computed(kernel, quantity, x, beside)
    some = np.zeros(1, np.intp)
    if y.size > 1:
        some = np.random.default_rng(5).integers(0, x.size, count)
        some = np.unique(np.concatenate([some, [x.argmax(), x.argmin()]]))
    beside = None if beside is None else np.atleast_1d(beside).astype(float)
    exact = oracles.reference_row(
        kernel.spec.name, quantity, x.astype(float), form, beside, only=some
    )
    checks.compare(kernel, quantity, form, y[some], exact, x[some] if y.size > 1 else some)


@kernels
@pytest.mark.parametrize("fmt", ["float32", "float64"])
@pytest.mark.parametrize("family", ["normal", "wide", "one-hot", "close"])
def test_long_rows(kernel: Any, fmt: str, family: str) -> None:
    x, g = long_row(FORMATS[fmt], 20_000, family)
    for quantity in ("value", "derivative", "vjp", "jvp"):
        matches_in_places(kernel, quantity, x, g, 20)


@kernels
@pytest.mark.parametrize("fmt", ["float32", "float64"])
@pytest.mark.parametrize("family", ["one-hot", "close"])
def test_rows_of_a_million(kernel: Any, fmt: str, family: str) -> None:
    """Of few different numbers, which the oracle takes together."""
    x, g = long_row(FORMATS[fmt], 1_000_000, family)
    g = np.round(g * 4) / 4
    for quantity in ("value", "derivative", "vjp", "jvp"):
        matches_in_places(kernel, quantity, x, g, 20)


@pytest.mark.parametrize("quantity", ["value", "vjp"])
def test_a_row_of_a_million_different_numbers(quantity: str) -> None:
    x, g = long_row(FORMATS["float64"], 1_000_000, "wide")
    matches_in_places(refacts.softmax, quantity, x, g, 20)


@pytest.mark.parametrize("fmt", ["float32", "float64"])
@pytest.mark.parametrize("kernel", [f for f in ROWWISE if not rows.reduces(f)], ids=lambda f: f.spec.name)
def test_rows_left_open_by_many_blocks(kernel: Any, fmt: str) -> None:
    """Some go on to every tier, the exact one among them; none ends up in another's place."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 90, 50)).astype(fmt)
    g = np.where(rng.random(x.shape) < 0.5, 1.0, -1.0).astype(fmt)
    x[::7, ::5] = 0.0  # with g = -1 and 1 in equal numbers: exact, and exact ties
    g[::7, ::5] = np.resize([1.0, -1.0], 50)
    x[1::7, ::5, 1:] = np.array(-np.inf, fmt)
    alone = np.empty_like(x)
    for index in np.ndindex(x.shape[:-1]):
        alone[index] = kernel.vjp(x[index], g[index])
    assert checks.same_bits(kernel.vjp(x, g), alone)
    for axes in ((2, 1, 0), (1, 2, 0), (0, 2, 1)):
        turned = [np.transpose(a, axes) for a in (x, g, alone)]
        found = rows.along(kernel, axes.index(2)).vjp(turned[0], turned[1], out=turned[0].copy())
        assert checks.same_bits(found, turned[2])
    some = np.flatnonzero(rng.random(40 * 90) < 0.003)
    picked = [a.reshape(-1, 50)[some] for a in (x, g)]
    rows.matches_oracle(kernel, "vjp", *picked)


@formats
@kernels
@given(st.data())
def test_input_unchanged_and_out(kernel: Any, fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(kernel, fmt, min_dims=1))
    for quantity in ("value", "derivative", "vjp", "jvp"):
        beside = rows.cotangent(kernel, quantity, g)
        checks.input_unchanged(kernel, quantity, x, beside)
        if rows.result_shape(kernel, quantity, x) == x.shape:
            checks.writes_out(kernel, quantity, x, beside)


X = np.array([40.0, 0.0, 1.5, -3.0])
G = np.array([1.0, -2.0, 0.25, 3.0])


@pytest.mark.parametrize("wrong", planted_rows.WRONG, ids=lambda w: type(w).__name__)
def test_the_oracle_rejects(wrong: Any) -> None:
    def everything() -> None:
        for quantity in QUANTITIES:
            with np.errstate(all="ignore"):
                beside = rows.cotangent(wrong, quantity, G)
                rows.matches_oracle(wrong, quantity, X, beside, measured=False)

    with pytest.raises(AssertionError, match="want"):
        everything()


def test_the_oracle_rejects_masks_not_looked_at() -> None:
    mask = np.array([True, False, True, True])
    with pytest.raises(AssertionError, match="want"):
        rows.matches_oracle(planted_rows.Twice(), "value", X, where=mask, measured=False)
