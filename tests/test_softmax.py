"""Softmax against the oracle, its theorems, and wrong kernels."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracles
import refacts
from oracles import FORMATS
from tests import checks, planted, rows
from tests.strategies import FORMAT_NAMES, arrays, pairs

formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)
QUANTITIES = ("value", "derivative", "vjp", "jvp", "jacobian")


@formats
@given(st.data())
def test_bits_are_the_oracles(fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(refacts.softmax, fmt, min_dims=1))
    kernel = refacts.Softmax(axis=data.draw(st.integers(-x.ndim, x.ndim - 1)))
    for quantity in QUANTITIES:
        cotangent = g if quantity in ("vjp", "jvp") else None
        rows.matches_oracle(kernel, quantity, x, cotangent)


@formats
@given(st.data())
def test_masked_bits_are_the_oracles(fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(refacts.softmax, fmt, min_dims=1))
    mask = data.draw(st.lists(st.booleans(), min_size=x.shape[-1], max_size=x.shape[-1]))
    where = np.array(mask, np.bool_)
    for quantity in QUANTITIES:
        cotangent = g if quantity in ("vjp", "jvp") else None
        rows.matches_oracle(refacts.softmax, quantity, x, cotangent, where=where)


@formats
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_hard_rows(fmt: str, quantity: str) -> None:
    for x, g in rows.hard_rows(FORMATS[fmt], seed=3):
        cotangent = g if quantity in ("vjp", "jvp") else None
        rows.matches_oracle(refacts.softmax, quantity, x, cotangent)


@pytest.mark.parametrize(("fmt", "n"), [("float32", 100_000), ("float64", 100_000)])
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
def test_long_rows(fmt: str, n: int, quantity: str) -> None:
    form = FORMATS[fmt]
    rng = np.random.default_rng(4)
    x = (rng.normal(size=n) * 3).astype(form.dtype)
    g = rng.normal(size=n).astype(form.dtype)
    some = np.unique(np.concatenate([rng.integers(0, n, 20), [x.argmax(), x.argmin()]]))
    cotangent = g if quantity == "vjp" else None
    y = checks.call(refacts.softmax, quantity, x, cotangent)
    exact = oracles.reference_row(
        "softmax",
        quantity,
        x.astype(float),
        form,
        None if cotangent is None else g.astype(float),
        only=some,
    )
    checks.compare(refacts.softmax, quantity, form, y[some], exact, x[some])


def test_a_row_of_a_million() -> None:
    x = np.full(1_000_000, 0.5)
    assert (refacts.softmax(x) == 1e-6).all()
    x[::2] = -np.inf
    assert set(refacts.softmax(x).tolist()) == {0.0, 2e-6}


@formats
@given(st.data())
def test_input_unchanged_and_out(fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(refacts.softmax, fmt, min_dims=1))
    for quantity in ("value", "derivative", "vjp", "jvp"):
        cotangent = g if quantity in ("vjp", "jvp") else None
        checks.input_unchanged(refacts.softmax, quantity, x, cotangent)
        checks.writes_out(refacts.softmax, quantity, x, cotangent)


@pytest.mark.parametrize("fmt", ["float32", "float64"])
def test_rows_left_open_by_many_blocks(fmt: str) -> None:
    """Some go on to every tier, the exact one among them; none ends up in another's place."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 90, 50)).astype(fmt)
    g = np.where(rng.random(x.shape) < 0.5, 1.0, -1.0).astype(fmt)
    x[::7, ::5] = 0.0  # with g = -1 and 1 in equal numbers: exact, and exact ties
    g[::7, ::5] = np.resize([1.0, -1.0], 50)
    x[1::7, ::5, 1:] = np.array(-np.inf, fmt)
    alone = np.empty_like(x)
    for index in np.ndindex(x.shape[:-1]):
        alone[index] = refacts.softmax.vjp(x[index], g[index])
    assert checks.same_bits(refacts.softmax.vjp(x, g), alone)
    for axes in ((2, 1, 0), (1, 2, 0), (0, 2, 1)):
        turned = [np.transpose(a, axes) for a in (x, g, alone)]
        found = refacts.Softmax(axis=axes.index(2)).vjp(turned[0], turned[1], out=turned[0].copy())
        assert checks.same_bits(found, turned[2])
    some = np.flatnonzero(rng.random(40 * 90) < 0.003)
    picked = [a.reshape(-1, 50)[some] for a in (x, g)]
    rows.matches_oracle(refacts.softmax, "vjp", *picked)


def permutation_equivariant(kernel: Any, x: Any) -> None:
    order = np.random.default_rng(x.size).permutation(x.shape[-1])
    permuted = np.ascontiguousarray(np.asarray(x)[..., order])
    assert checks.same_bits(kernel(permuted), np.asarray(kernel(x))[..., order])


def shift_invariant(kernel: Any, x: Any) -> None:
    """x of small integers, shifted by an integer: exact, so the bits are the same."""
    assert checks.same_bits(kernel(x), kernel(x + 16.0))


def jacobian_is_symmetric(kernel: Any, x: Any) -> None:
    j = np.asarray(kernel.jacobian(x))
    assert checks.same_bits(j, np.swapaxes(j, -1, -2))
    diagonal = np.diagonal(j, axis1=-2, axis2=-1)
    assert checks.same_bits(diagonal, kernel.gradient(x)), "gradient is not the diagonal"


def rows_of_jacobian_sum_to_zero(kernel: Any, x: Any) -> None:
    """The exact rows sum to 0, so the rounded ones to at most half an ulp of each entry."""
    j = np.asarray(kernel.jacobian(x))
    for row in j.reshape(-1, j.shape[-1]) if j.size else ():
        if np.isnan(row).any():
            continue
        bound = sum((Fraction(float(np.spacing(np.abs(v)))) / 2 for v in row), Fraction(0))
        assert abs(sum(map(Fraction, row.tolist()), Fraction(0))) <= bound


def pairing_agrees(kernel: Any, x: Any, g: Any, v: Any) -> None:
    """<g, J v> = <J g, v>: each side, in exact arithmetic, within the rounding of its vector."""
    jv, jg = np.asarray(kernel.jvp(x, v)), np.asarray(kernel.vjp(x, g))

    def dot(a: Any, b: Any) -> Fraction:
        return sum((Fraction(p) * Fraction(q) for p, q in zip(a, b, strict=True)), Fraction(0))

    error = dot(np.abs(g).tolist(), np.spacing(np.abs(jv)).tolist())
    error += dot(np.abs(v).tolist(), np.spacing(np.abs(jg)).tolist())
    assert abs(dot(g.tolist(), jv.tolist()) - dot(jg.tolist(), v.tolist())) <= error / 2


floats = st.lists(st.floats(-50, 50), min_size=3, max_size=3)
integers = st.lists(st.integers(-8, 8), min_size=1, max_size=9).map(lambda a: np.array(a, float))


@formats
def test_permutation(fmt: str) -> None:
    given(arrays(refacts.softmax, fmt, min_dims=1))(
        lambda x: permutation_equivariant(refacts.softmax, x)
    )()


@given(integers)
def test_shift(x: Any) -> None:
    shift_invariant(refacts.softmax, x)
    shift_invariant(refacts.softmax.gradient, x)


@formats
def test_jacobian(fmt: str) -> None:
    given(arrays(refacts.softmax, fmt, min_dims=1))(lambda x: jacobian_is_symmetric(refacts.softmax, x))()


@given(arrays(refacts.softmax, "float64", min_dims=1))
def test_jacobian_rows(x: Any) -> None:
    rows_of_jacobian_sum_to_zero(refacts.softmax, x)


@given(floats, floats, floats)
def test_pairing(x: Any, g: Any, v: Any) -> None:
    pairing_agrees(refacts.softmax, *(np.array(a) for a in (x, g, v)))


def stays_in_range(kernel: Any, x: Any) -> None:
    y = np.asarray(kernel(x)).astype(float)
    assert ((y >= 0) & (y <= 1) | np.isnan(y)).all()


@formats
def test_range(fmt: str) -> None:
    given(arrays(refacts.softmax, fmt, min_dims=1))(lambda x: stays_in_range(refacts.softmax, x))()


class Twice(planted.SeedSoftmax):
    """Out of range, with a mask that is not looked at."""

    def __call__(self, x: Any, out: Any = None, where: Any = None) -> Any:
        return 2 * refacts.softmax(x)


def test_range_and_masks_reject() -> None:
    with pytest.raises(AssertionError):
        stays_in_range(Twice(), np.array([3.0, 0.0]))
    with pytest.raises(AssertionError, match="want"):
        rows.matches_oracle(Twice(), "value", X, where=np.array([True, False, True, True]), measured=False)


X = np.array([40.0, 0.0, 1.5, -3.0])
G = np.array([1.0, -2.0, 0.25, 3.0])


@pytest.mark.parametrize("wrong", planted.SOFTMAXES, ids=lambda w: type(w).__name__)
def test_the_oracle_rejects(wrong: Any) -> None:
    def everything() -> None:
        for quantity in QUANTITIES:
            cotangent = G if quantity in ("vjp", "jvp") else None
            with np.errstate(all="ignore"):
                rows.matches_oracle(wrong, quantity, X, cotangent, measured=False)

    with pytest.raises(AssertionError, match="want"):
        everything()


def test_theorems_reject() -> None:
    seed, naive = planted.SOFTMAXES[0], planted.NaiveSum()
    with pytest.raises(AssertionError):
        shift_invariant(planted.Unshifted(), np.arange(4.0))
    with pytest.raises(AssertionError):
        permutation_equivariant(naive, np.random.default_rng(0).normal(size=(3, 40)))
    with pytest.raises(AssertionError):
        jacobian_is_symmetric(planted.Skewed(), X)
    with pytest.raises(AssertionError):
        rows_of_jacobian_sum_to_zero(seed, X)
    with pytest.raises(AssertionError):
        pairing_agrees(planted.Skewed(), X, G, np.arange(4.0))
