"""Elementwise kernels against the oracles on Hypothesis arrays, and the controls of every check."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from refacts.oracles import FORMATS, nearest
from refacts.oracles.inputs import hard

import refacts
from tests import checks, planted
from tests.strategies import FORMAT_NAMES, arrays, pairs, turning_points
from tests.variants import ELEMENTWISE, PARAMETRISED, TIED, VARIANTS, any_variant

ids = pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)
formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)


def for_all(
    check: Callable[..., None], kernel: Any, quantity: str, fmt: str, **options: Any
) -> None:
    """Run a check on drawn arrays, with a cotangent where the quantity takes one."""
    if quantity in ("vjp", "jvp"):
        test = given(pairs(kernel, fmt))(lambda pair: check(kernel, quantity, *pair, **options))
    else:
        test = given(arrays(kernel, fmt))(lambda x: check(kernel, quantity, x, **options))
    if isinstance(kernel, planted.Planted):  # a control has to fail, not to find its least example
        test = settings(phases=[Phase.generate])(test)
    test()


@ids
@formats
def test_bits_are_the_oracles(kernel: Any, fmt: str) -> None:
    @given(pairs(kernel, fmt))
    def run(pair: Any) -> None:
        for quantity in checks.QUANTITIES:
            checks.matches_oracle(kernel, quantity, *pair[: 1 + (quantity in ("vjp", "jvp"))])

    run()


@ids
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
@formats
def test_bits_are_the_oracles_on_hard_inputs(kernel: Any, quantity: str, fmt: str) -> None:
    on_hard_inputs(kernel, quantity, fmt, 4000)


def on_hard_inputs(kernel: Any, quantity: str, fmt: str, count: int, measured: bool = True) -> None:
    """Bit equality on inputs around all points where the activation turns, and of all magnitudes."""
    form = FORMATS[fmt]
    x = hard(form, 13000, seed=7, points=turning_points(kernel))
    edges, rest = x[:30], np.random.default_rng(9).permutation(x[30:])
    x = np.concatenate([edges, rest[: count - edges.size]])
    g = np.random.default_rng(8).permutation(x) if quantity == "vjp" else None
    cotangent = None if g is None else form.encode(g)
    checks.matches_oracle(kernel, quantity, form.encode(x), cotangent, measured)


@pytest.mark.parametrize("kernel", [f for f in ELEMENTWISE if f.fact("stationary")], ids=repr)
@formats
def test_roots_of_derivatives_and_their_neighbours(kernel: Any, fmt: str) -> None:
    """64 floats on either side of every stationary point: derivatives near 0, of either sign."""
    form = FORMATS[fmt]
    (root,) = kernel.fact("stationary")
    centre = int(form.bit_patterns(abs(nearest(Fraction(root), form))))
    x = -form.decode(np.arange(centre - 64, centre + 65))
    slopes = np.asarray(kernel.gradient(form.encode(x))).astype(float)
    assert slopes[0] > 0 > slopes[-1]
    for quantity in ("value", "derivative", "vjp"):
        g = form.encode(x[::-1]) if quantity == "vjp" else None
        checks.matches_oracle(kernel, quantity, form.encode(x), g)


@ids
@pytest.mark.parametrize(
    "check",
    [checks.input_unchanged, checks.independent_of_layout, checks.writes_out],
    ids=lambda check: check.__name__,
)
def test_protocol(kernel: Any, check: Callable[..., None]) -> None:
    """In any quantity and format."""

    @given(st.sampled_from(checks.QUANTITIES), st.sampled_from(FORMAT_NAMES), st.data())
    def run(quantity: str, fmt: str, data: Any) -> None:
        x, g = data.draw(pairs(kernel, fmt))
        check(kernel, quantity, x, g if quantity in ("vjp", "jvp") else None)

    run()


@pytest.mark.parametrize("kernel", PARAMETRISED, ids=lambda f: f.spec.name)
@formats
def test_parameters_are_taken_exactly(kernel: Any, fmt: str) -> None:
    @settings(max_examples=max(60, settings().max_examples))
    @given(any_variant(kernel), st.data())
    def run(variant: Any, data: Any) -> None:
        x, g = data.draw(pairs(variant, fmt))
        for quantity in checks.QUANTITIES:
            cotangent = g if quantity in ("vjp", "jvp") else None
            checks.matches_oracle(variant, quantity, x, cotangent)

    run()


@pytest.mark.parametrize("kernel", [*VARIANTS, *TIED], ids=repr)
@formats
def test_other_parameters_on_hard_inputs(kernel: Any, fmt: str) -> None:
    for quantity in ("value", "derivative", "vjp"):
        on_hard_inputs(kernel, quantity, fmt, 600)


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


WRONG = {
    "1 + erf gelu": (planted.ONE_PLUS_ERF, "value derivative", "float32 float64"),
    "e^x - 1 elu": (planted.EXP_MINUS_ONE, "value derivative", "float32 float64"),
    "softplus linear from 20": (planted.THRESHOLD_20, "value", "float64"),
    "decimal selu constants": (planted.DECIMAL_SELU, "value derivative", "float16 float32 float64"),
    "1.702 as a float64": (planted.BINARY_1702, "value derivative", "float64"),
    "relu6 without its cap": (planted.NO_CAP, "value", "float16 bfloat16 float32 float64"),
    "relu' from the left": (planted.LEFT_DERIVATIVE, "derivative", "float32 float64"),
    "selu' from the left": (planted.ELU_LEFT, "derivative", "float32 float64"),
    "tanhshrink' as the square of tanh": (planted.SQUARE_OF_TANH, "derivative", "float32 float64"),
    "x - tanh x": (planted.CANCELLING_SHRINK, "value", "float32 float64"),
    "subnormals flushed to 0": (planted.FLUSHES_TO_ZERO, "value derivative", "float32 float64"),
    "-0 made +0": (planted.LOSES_ZERO_SIGN, "value", "float32 float64"),
    "NaN lost": (planted.LOSES_NAN, "value", "float32 float64"),
    "not odd": (planted.NOT_ODD, "value", "float32 float64"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_oracle_rejects(wrong: str) -> None:
    kernel, wrong_quantities, fmts = WRONG[wrong]
    for quantity in wrong_quantities.split():
        for fmt in fmts.split():
            with pytest.raises(AssertionError, match="want"):
                on_hard_inputs(kernel, quantity, fmt, 4000, measured=False)


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
