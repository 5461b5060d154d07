"""What holds for row-wise activations exactly, and so for correctly rounded ones bit for bit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refacts
from tests import checks, planted_rows
from tests.rows import ROWWISE, cotangent, reduces
from tests.strategies import FORMAT_NAMES, arrays, pairs

formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)
kernels = pytest.mark.parametrize("kernel", ROWWISE, ids=lambda f: f.spec.name)
SYMMETRIC = [refacts.softmax, refacts.softmin, refacts.sparsemax]
symmetric = pytest.mark.parametrize("kernel", SYMMETRIC, ids=lambda f: f.spec.name)
SQUARE = [f for f in ROWWISE if not reduces(f)]
square = pytest.mark.parametrize("kernel", SQUARE, ids=lambda f: f.spec.name)
floats = st.lists(st.floats(-50, 50), min_size=3, max_size=3)
integers = st.lists(st.integers(-8, 8), min_size=1, max_size=9).map(lambda a: np.array(a, float))


def permutation_equivariant(kernel: Any, x: Any, g: Any) -> None:
    """Permuting a row permutes the bits of its results, or leaves its one result alone."""
    order = np.random.default_rng(x.size).permutation(x.shape[-1])
    permuted = [np.ascontiguousarray(np.asarray(a)[..., order]) for a in (x, g)]
    for quantity in ("value", "derivative", "vjp", "jvp"):
        y = checks.call(kernel, quantity, x, cotangent(kernel, quantity, g))
        want = np.asarray(y)[..., order] if np.shape(y) == x.shape else y
        one_a_row = reduces(kernel) and quantity == "vjp"
        beside = cotangent(kernel, quantity, g if one_a_row else permuted[1])
        assert checks.same_bits(checks.call(kernel, quantity, permuted[0], beside), want), quantity


@formats
@kernels
def test_permutation(kernel: Any, fmt: str) -> None:
    given(pairs(kernel, fmt, min_dims=1))(lambda pair: permutation_equivariant(kernel, *pair))()


def shift_invariant(kernel: Any, x: Any) -> None:
    """x of small integers, shifted by an integer: exact, so the bits are the same."""
    assert checks.same_bits(kernel(x), kernel(x + 16.0))
    assert checks.same_bits(kernel.gradient(x), kernel.gradient(x + 16.0))


@square
def test_shift(kernel: Any) -> None:
    given(integers)(lambda x: shift_invariant(kernel, x))()


def jacobian_is_symmetric(kernel: Any, x: Any) -> None:
    j = np.asarray(kernel.jacobian(x))
    assert checks.same_bits(j, np.swapaxes(j, -1, -2))


@formats
@symmetric
def test_symmetry(kernel: Any, fmt: str) -> None:
    given(arrays(kernel, fmt, min_dims=1))(lambda x: jacobian_is_symmetric(kernel, x))()


def jacobian_is_of_all_methods(kernel: Any, x: Any) -> None:
    """Its diagonal is the gradient, its rows are VJPs, its columns JVPs of unit vectors."""
    j = np.asarray(kernel.jacobian(x))
    n = x.shape[-1]
    if reduces(kernel):
        assert checks.same_bits(j, kernel.gradient(x))
        return
    assert checks.same_bits(np.diagonal(j, axis1=-2, axis2=-1), kernel.gradient(x)), "not the diagonal"
    for k in range(n):
        unit = np.broadcast_to(np.eye(n, dtype=j.dtype)[k], x.shape)
        assert checks.same_bits(j[..., k, :], kernel.vjp(x, unit)), f"row {k}"
        assert checks.same_bits(j[..., :, k], kernel.jvp(x, unit)), f"column {k}"


@formats
@kernels
def test_jacobian(kernel: Any, fmt: str) -> None:
    given(arrays(kernel, fmt, min_dims=1))(lambda x: jacobian_is_of_all_methods(kernel, x))()


def half_ulps(row: Any) -> Fraction:
    """At most how far a sum of rounded numbers is from that of the exact ones."""
    return sum((Fraction(float(np.spacing(np.abs(v)))) / 2 for v in row), Fraction(0))


def rows_of_jacobian_sum_to_zero(kernel: Any, x: Any) -> None:
    """The exact rows sum to 0, so the rounded ones to at most half an ulp of each entry."""
    j = np.asarray(kernel.jacobian(x))
    for row in j.reshape(-1, j.shape[-1]) if j.size else ():
        if not np.isnan(row).any():
            assert abs(sum(map(Fraction, row.tolist()), Fraction(0))) <= half_ulps(row)


@square
def test_jacobian_rows(kernel: Any) -> None:
    drawn = arrays(kernel, "float64", min_dims=1)
    given(drawn)(lambda x: rows_of_jacobian_sum_to_zero(kernel, np.where(np.isinf(x), 0.0, x)))()


def results_sum_to_one(kernel: Any, x: Any) -> None:
    for row in np.asarray(kernel(x)).reshape(-1, x.shape[-1]) if x.size else ():
        if not np.isnan(row).any():
            assert abs(sum(map(Fraction, row.tolist()), Fraction(0)) - 1) <= half_ulps(row)


@symmetric
def test_sums(kernel: Any) -> None:
    given(arrays(kernel, "float64", min_dims=1))(lambda x: results_sum_to_one(kernel, x))()


def pairing_agrees(kernel: Any, x: Any, g: Any, v: Any) -> None:
    """<g, J v> = <J' g, v>: each side, in exact arithmetic, within the rounding of its vector."""
    jv, jg = np.asarray(kernel.jvp(x, v)), np.asarray(kernel.vjp(x, g))

    def dot(a: Any, b: Any) -> Fraction:
        return sum((Fraction(p) * Fraction(q) for p, q in zip(a, b, strict=True)), Fraction(0))

    error = dot(np.abs(g).tolist(), np.spacing(np.abs(jv)).tolist())
    error += dot(np.abs(v).tolist(), np.spacing(np.abs(jg)).tolist())
    assert abs(dot(g.tolist(), jv.tolist()) - dot(jg.tolist(), v.tolist())) <= error / 2


@square
def test_pairing(kernel: Any) -> None:
    three = st.tuples(floats, floats, floats)
    given(three)(lambda rows: pairing_agrees(kernel, *map(np.array, rows)))()


def stays_in_range(kernel: Any, x: Any) -> None:
    least, largest = kernel.spec.range
    y = np.asarray(kernel(x)).astype(float)
    assert ((y >= least) & (y <= largest) | np.isnan(y)).all()


@formats
@kernels
def test_range(kernel: Any, fmt: str) -> None:
    given(arrays(kernel, fmt, min_dims=1))(lambda x: stays_in_range(kernel, x))()


def two_entries_are_the_sigmoid(softmax: Any, log_softmax: Any, logsumexp: Any, x: Any) -> None:
    """Of [0, x] the second softmax is sigmoid(x), its logarithm log_sigmoid(x); the sum's is softplus(x)."""
    both = np.stack([np.zeros_like(x), x], -1)
    assert checks.same_bits(np.asarray(softmax(both))[..., 1], refacts.sigmoid(x))
    assert checks.same_bits(np.asarray(log_softmax(both))[..., 1], refacts.log_sigmoid(x))
    assert checks.same_bits(logsumexp(both), refacts.softplus(x))


@formats
def test_two_entries(fmt: str) -> None:
    ours = refacts.softmax, refacts.log_softmax, refacts.logsumexp

    @given(arrays(refacts.softplus, fmt))
    def check(x: Any) -> None:
        two_entries_are_the_sigmoid(*ours, np.where(np.isinf(x), np.zeros_like(x), x))

    check()


@formats
def test_softmin_is_softmax_of_the_negative(fmt: str) -> None:
    @given(pairs(refacts.softmin, fmt, min_dims=1))
    def check(pair: Any) -> None:
        x, g = pair
        assert checks.same_bits(refacts.softmin(x), refacts.softmax(-x))
        assert checks.same_bits(refacts.softmin.vjp(x, g), refacts.softmax.vjp(-x, -g))
        y, negative = np.asarray(refacts.softmin.gradient(x)), -np.asarray(refacts.softmax.gradient(-x))
        assert ((y == negative) | (np.isnan(y) & np.isnan(negative))).all()

    check()


def the_seeds_derivative_is_the_diagonal(softmax: Any, x: Any) -> None:
    """p(1 - p) of the rounded p is within half an ulp of p, whose slope is at most 1, and of the result."""
    p, diagonal = softmax(x), np.diagonal(np.asarray(softmax.jacobian(x)))
    for s, d in zip(p.tolist(), diagonal.tolist(), strict=True):
        seed = Fraction(s) * (1 - Fraction(s))
        assert abs(seed - Fraction(d)) <= half_ulps([s, d])


@given(floats)
def test_the_seeds_derivative(x: Any) -> None:
    the_seeds_derivative_is_the_diagonal(refacts.softmax, np.array(x))
    level = np.full(8, x[0])
    p = refacts.softmax(level)  # 1/8 exactly, and p(1 - p) with it
    assert checks.same_bits(p * (1 - p), np.diagonal(refacts.softmax.jacobian(level)))


@given(st.lists(st.integers(0, 2**20), min_size=1, max_size=6))
def test_points_of_the_simplex_stay(parts: Any) -> None:
    ends = np.sort(np.array([0, *parts, 2**20]))
    x = np.diff(ends) * 2.0**-20
    assert checks.same_bits(refacts.sparsemax(x), x)


def test_theorems_reject() -> None:
    x, g = np.array([40.0, 0.0, 1.5, -3.0]), np.array([1.0, -2.0, 0.25, 3.0])
    seed, naive, skewed = planted_rows.SeedSoftmax(), planted_rows.NaiveSum(), planted_rows.Skewed()
    long = np.random.default_rng(0).normal(size=(3, 40))
    rejected = [
        lambda: shift_invariant(planted_rows.Unshifted(), np.arange(4.0)),
        lambda: permutation_equivariant(naive, long, long),
        lambda: jacobian_is_symmetric(skewed, x),
        lambda: jacobian_is_of_all_methods(seed, long),
        lambda: jacobian_is_of_all_methods(planted_rows.Transposed(), x),
        lambda: rows_of_jacobian_sum_to_zero(seed, x),
        lambda: results_sum_to_one(planted_rows.WrongAxis(), x),
        lambda: pairing_agrees(skewed, x, g, np.arange(4.0)),
        lambda: pairing_agrees(planted_rows.Transposed(), x, g, np.arange(4.0)),
        lambda: stays_in_range(planted_rows.Twice(), np.array([3.0, 0.0])),
        lambda: two_entries_are_the_sigmoid(refacts.softmax, planted_rows.ShiftedLog(), refacts.logsumexp, x),
        lambda: the_seeds_derivative_is_the_diagonal(skewed_diagonal(), np.array([0.5, 0.0])),
    ]
    for check in rejected:
        with pytest.raises(AssertionError):
            check()


def skewed_diagonal() -> Any:
    """1 - p in the diagonal."""

    class OneLess(planted_rows.OneMinus):
        def jacobian(self, x: Any) -> Any:
            return np.diag(1 - self.p(x))

    return OneLess()
