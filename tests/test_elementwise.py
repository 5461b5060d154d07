"""Elementwise kernels against the oracles on Hypothesis arrays, and the controls of every check."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import refacts
from oracles import FORMATS
from oracles.inputs import hard
from tests import checks, planted
from tests.strategies import FORMAT_NAMES, POINTS, arrays, pairs

KERNELS = [f for f in refacts.CATALOGUE if not f.spec.rowwise]
ids = pytest.mark.parametrize("kernel", KERNELS, ids=lambda f: f.spec.name)
quantities = pytest.mark.parametrize("quantity", checks.QUANTITIES)
formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)


def for_all(
    check: Callable[..., None], kernel: Any, quantity: str, fmt: str, **options: Any
) -> None:
    """Run a check on drawn arrays, with a cotangent where the quantity takes one."""
    name = kernel.spec.name
    if quantity in ("vjp", "jvp"):
        test = given(pairs(name, fmt))(lambda pair: check(kernel, quantity, *pair, **options))
    else:
        test = given(arrays(name, fmt))(lambda x: check(kernel, quantity, x, **options))
    if isinstance(kernel, planted.Planted):  # a control has to fail, not to find its least example
        test = settings(phases=[Phase.generate])(test)
    test()


@ids
@quantities
@formats
def test_bits_are_the_oracles(kernel: Any, quantity: str, fmt: str) -> None:
    for_all(checks.matches_oracle, kernel, quantity, fmt)


@ids
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
@formats
def test_bits_are_the_oracles_on_hard_inputs(kernel: Any, quantity: str, fmt: str) -> None:
    form = FORMATS[fmt]
    points = [s * p for p in POINTS[kernel.spec.name] for s in (1, -1)]
    x = hard(form, 4000, seed=7, points=points)
    g = np.random.default_rng(8).permutation(x) if quantity == "vjp" else None
    cotangent = None if g is None else form.encode(g)
    checks.matches_oracle(kernel, quantity, form.encode(x), cotangent)


@ids
@quantities
@formats
def test_input_is_unchanged(kernel: Any, quantity: str, fmt: str) -> None:
    for_all(checks.input_unchanged, kernel, quantity, fmt)


@ids
@quantities
@formats
def test_bits_do_not_depend_on_layout(kernel: Any, quantity: str, fmt: str) -> None:
    for_all(checks.independent_of_layout, kernel, quantity, fmt)


@ids
@quantities
@formats
def test_out_takes_the_result(kernel: Any, quantity: str, fmt: str) -> None:
    for_all(checks.writes_out, kernel, quantity, fmt)


@pytest.mark.parametrize(
    "kernel", [f for f in KERNELS if f.spec.symmetry], ids=lambda f: f.spec.name
)
@formats
def test_symmetry(kernel: Any, fmt: str) -> None:
    given(arrays(kernel.spec.name, fmt))(lambda x: checks.keeps_symmetry(kernel, x))()


@ids
@formats
def test_monotone(kernel: Any, fmt: str) -> None:
    assert kernel.spec.monotone
    given(arrays(kernel.spec.name, fmt))(lambda x: checks.is_monotone(kernel, x))()


@ids
@formats
def test_range(kernel: Any, fmt: str) -> None:
    given(arrays(kernel.spec.name, fmt))(lambda x: checks.stays_in_range(kernel, x))()


alphas = st.one_of(
    st.floats(-4, 4),
    st.sampled_from([0.0, -0.0, 1.5, 0.5, 0.75, -1.0, 1.0, 5e-324, 2.0**-1022, 1e300, 2.0**-149]),
    st.fractions(-3, 3, max_denominator=999),
).filter(lambda a: a == 0 or abs(a) >= 2.0**-1022)


@formats
@given(alpha=alphas, data=st.data())
def test_leaky_relu_takes_alpha_exactly(fmt: str, alpha: Any, data: Any) -> None:
    kernel = refacts.LeakyReLU(alpha)
    x, g = data.draw(pairs("leaky_relu", fmt))
    for quantity in checks.QUANTITIES:
        cotangent = g if quantity in ("vjp", "jvp") else None
        checks.matches_oracle(kernel, quantity, x, cotangent)


def test_a_third_is_a_third() -> None:
    third = refacts.LeakyReLU(Fraction(1, 3))
    assert third(-3.0) == -1.0
    assert third(np.float32(-3.0)) == -1.0


oracle_controls = [
    *((kernel, quantity) for kernel in ("sigmoid", "tanh") for quantity in ("value", "derivative")),
    *((kernel, quantity) for kernel in ("sigmoid", "tanh") for quantity in ("vjp", "jvp")),
    ("leaky_relu", "value"),
]


@pytest.mark.parametrize(("name", "quantity"), oracle_controls)
def test_the_seeds_formulas_are_rejected(name: str, quantity: str) -> None:
    wrong = planted.SEED[name]
    with pytest.raises(AssertionError, match="want"):
        for_all(checks.matches_oracle, wrong, quantity, "float32", measured=False)


@pytest.mark.parametrize(
    ("wrong", "quantity"),
    [
        (planted.FLUSHES_TO_ZERO, "value"),
        (planted.FLUSHES_TO_ZERO, "derivative"),
        (planted.LEFT_DERIVATIVE, "derivative"),
        (planted.LOSES_ZERO_SIGN, "value"),
        (planted.LOSES_NAN, "value"),
        (planted.NOT_ODD, "value"),
    ],
)
def test_the_oracle_rejects(wrong: Any, quantity: str) -> None:
    with pytest.raises(AssertionError, match="want"):
        for_all(checks.matches_oracle, wrong, quantity, "float32", measured=False)


def test_rounding_twice_is_rejected() -> None:
    """sigmoid(3·2^-23) lies 2^-71 below a float32 midpoint, which float64 rounds it to."""
    x = np.array([3 * 2.0**-23], np.float32)
    checks.matches_oracle(refacts.sigmoid, "value", x)
    with pytest.raises(AssertionError, match="0.5 ulp"):
        checks.matches_oracle(planted.ROUNDED_TWICE, "value", x, measured=False)


def test_an_integer_valued_gradient_is_rejected() -> None:
    class Integers(planted.Planted):
        def gradient(self, x: Any, out: Any = None) -> Any:
            return self.derivative(x)

    seed = planted.SEED["relu"]
    wrong = Integers(seed.like, seed.value, seed.derivative)
    with pytest.raises(AssertionError, match="dtype int64"):
        checks.matches_oracle(wrong, "derivative", np.ones(3), measured=False)


def test_warnings_are_rejected() -> None:
    with pytest.raises(FloatingPointError):
        checks.matches_oracle(planted.SEED_LOUD, "value", np.array([-800.0]), measured=False)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (checks.input_unchanged, planted.CHANGES_INPUT),
        (checks.independent_of_layout, planted.DEPENDS_ON_LENGTH),
        (checks.writes_out, planted.IGNORES_OUT),
    ],
)
@pytest.mark.parametrize("quantity", ["value", "derivative"])
def test_other_checks_reject(check: Callable[..., None], wrong: Any, quantity: str) -> None:
    with pytest.raises(AssertionError):
        for_all(check, wrong, quantity, "float32")


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (checks.keeps_symmetry, planted.NOT_ODD),
        (checks.is_monotone, planted.NOT_MONOTONE),
        (checks.stays_in_range, planted.OUT_OF_RANGE),
        (checks.stays_in_range, planted.LOSES_NAN),
    ],
)
def test_facts_reject(check: Callable[..., None], wrong: Any) -> None:
    with pytest.raises(AssertionError):
        given(arrays(wrong.spec.name, "float32"))(lambda x: check(wrong, x))()
