"""`dtype=` of elementwise kernels: bit equality with the oracle for every pair of formats, and controls."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS

import refacts
from refacts import CELU, Softplus, Swish, oracles
from refacts.activation import Elementwise
from refacts.far import beside
from refacts.formats import Format
from tests import checks
from tests.mixed import PAIRS, midpoints, operands
from tests.planted_mixed import CastsFirst, RoundsTwice
from tests.strategies import FORMAT_NAMES, arrays
from tests.variants import ELEMENTWISE, TIED, VARIANTS

SHORT = ("float16", "bfloat16", "float32")
ids = pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)


def check(kernel: Any, quantity: str, formats: tuple[str, str, str], count: int, seed: int = 3) -> None:
    """Bit equality, given the formats of x, of results and of g."""
    like = kernel.like if isinstance(kernel, RoundsTwice) else kernel
    x, g = operands(like, quantity, formats, count, seed)
    checks.matches_oracle(kernel, quantity, x, g, measured=False, dtype=FORMATS[formats[1]].dtype)


@ids
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
def test_bits_are_the_oracles(kernel: Any, quantity: str) -> None:
    for number, (source, target) in enumerate(PAIRS):
        check(kernel, quantity, (source, target, FORMAT_NAMES[number % 4]), 15)


@ids
def test_bits_of_products_of_two_formats(kernel: Any) -> None:
    """Results in the format of x, of a g with another; x of two bytes, which have tables alone, too."""
    for name in FORMAT_NAMES:
        for of_g in FORMAT_NAMES:
            check(kernel, "vjp" if name < of_g else "jvp", (name, name, of_g), 8)


@pytest.mark.parametrize("kernel", [*VARIANTS, *TIED], ids=repr)
def test_bits_with_any_parameters(kernel: Any) -> None:
    """From float64, and one more pair of formats in turn."""
    number = [*VARIANTS, *TIED].index(kernel)
    for quantity in ("value", "derivative", "vjp"):
        check(kernel, quantity, ("float64", SHORT[number % 3], FORMAT_NAMES[number % 4]), 10)
        check(kernel, quantity, (*PAIRS[number % 12], FORMAT_NAMES[number % 4]), 10)


@ids
def test_arrays_of_any_shape_and_layout(kernel: Any) -> None:
    """Drawn by Hypothesis; x, g and the results of any formats."""

    @given(st.tuples(*[st.sampled_from(FORMAT_NAMES)] * 3), st.sampled_from(checks.QUANTITIES), st.data())
    def run(formats: tuple[str, str, str], quantity: str, data: Any) -> None:
        x = data.draw(arrays(kernel, formats[0]))
        g = data.draw(arrays(kernel, formats[2], like=x)) if quantity in ("vjp", "jvp") else None
        checks.matches_oracle(kernel, quantity, x, g, measured=False, dtype=FORMATS[formats[1]].dtype)

    run()


@pytest.mark.parametrize("pair", [("float16", "bfloat16"), ("bfloat16", "float16")], ids=":".join)
def test_all_inputs_of_two_bytes(pair: tuple[str, str]) -> None:
    """Exhaustive, of one activation: the table of all 65,536 results."""
    source, target = (FORMATS[name] for name in pair)
    x = np.arange(1 << 16, dtype=np.uint16).view(source.dtype)
    checks.matches_oracle(refacts.silu, "value", x, measured=False, dtype=target.dtype)


@pytest.mark.parametrize("target", SHORT)
def test_ties_far_out_are_decided(target: str) -> None:
    """x and g half way between two numbers, of any size, where f is all but x and f' all but 1."""
    rng = np.random.default_rng(0)
    ties = midpoints(FORMATS[target], 150, rng)
    ties = ties[np.abs(ties) > 36]
    far = rng.choice([40.0, 99.0, 101.0, 1e3, 1e30, 1e308], ties.size) * rng.choice([-1, 1], ties.size)
    for kernel in [*ELEMENTWISE, Swish(-0.7), Swish(Fraction(1, 3)), Softplus(20), CELU(-3), CELU(3)]:
        checks.matches_oracle(kernel, "value", ties, measured=False, dtype=FORMATS[target].dtype)
        checks.matches_oracle(kernel, "vjp", far, ties, measured=False, dtype=FORMATS[target].dtype)


@pytest.mark.parametrize("target", SHORT)
def test_ties_near_zero_are_decided(target: str) -> None:
    """g·f'(x), whose side x decides however small it is, and however much smaller a parameter makes it."""
    rng = np.random.default_rng(1)
    factors = rng.choice([1.0, 2.0, 4.0, 5.0 / 3.0], 200)
    ties = midpoints(FORMATS[target], 200, rng) * factors
    x = rng.choice([5e-324, 1e-323, 1e-310, 1e-200, 1e-60, 1e-17, 0.0], 200) * rng.choice([-1, 1], 200)
    others = [make(q) for make in (Swish, Softplus, CELU) for q in (0.3, 3.0, 2.0**-40)]
    for kernel in [*ELEMENTWISE, *others]:
        checks.matches_oracle(kernel, "vjp", x, ties, measured=False, dtype=FORMATS[target].dtype)


@pytest.mark.parametrize("target", SHORT)
def test_results_beyond_the_range(target: str) -> None:
    """Float64 numbers that overflow and underflow, with their signs, and the edges of both."""
    fmt = FORMATS[target]
    edge = fmt.max * (1 + 2.0 ** -(fmt.precision + 1))  # close to half way to what would come next
    tie = float(fmt.max) + 2.0 ** (fmt.emax - fmt.precision)
    least = fmt.smallest_subnormal / 2
    sizes = [edge, tie, np.nextafter(tie, 0), np.nextafter(tie, np.inf), 1e300, least, 1e-300, 5e-324]
    sizes += [np.nextafter(least, side) for side in (0, 1)] + [3 * least]
    x = np.array([sign * size for size in sizes for sign in (1, -1)])
    want = {True: np.inf, False: 0.0}
    y = refacts.relu6.vjp(np.ones(x.size), x, dtype=fmt.dtype).astype(float)
    assert y[:2].tolist() == [fmt.max, -fmt.max]
    assert y[2:4].tolist() == [np.inf, -np.inf]
    assert np.signbit(y).tolist() == np.signbit(x).tolist()
    assert y[12].item() == want[False]
    for kernel in ELEMENTWISE:
        for quantity in ("value", "vjp"):
            g = x[::-1].copy() if quantity == "vjp" else None
            checks.matches_oracle(kernel, quantity, x, g, measured=False, dtype=fmt.dtype)


@pytest.mark.parametrize("wrong", [RoundsTwice, CastsFirst])
@pytest.mark.parametrize("target", SHORT)
@pytest.mark.parametrize("kernel", [refacts.gelu, refacts.leaky_relu, refacts.softsign], ids=repr)
def test_other_roundings_are_seen(kernel: Any, target: str, wrong: Any) -> None:
    """The control, in values and in products each."""
    for quantity in ("value", "vjp"):
        with pytest.raises(AssertionError, match="ulp"):
            check(wrong(kernel), quantity, ("float64", target, "float64"), 60)


def test_tiers_by_the_result_alone_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: float64 serves short results of float64 operands."""
    monkeypatch.setattr(Format, "of", lambda self, *operands: self)
    kernels, wrong = [refacts.gelu, refacts.silu, refacts.mish], []
    for kernel in kernels:
        for target in SHORT:
            try:
                check(kernel, "vjp", ("float64", target, "float64"), 30)
            except AssertionError:
                wrong.append(kernel.spec.name)
    assert set(wrong) == {f.spec.name for f in kernels}


def test_lost_signs_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what underflows has none."""
    monkeypatch.setattr("refacts.arithmetic.exactness.LEAST", 0.0)
    with pytest.raises(AssertionError, match="ulp"):
        test_ties_near_zero_are_decided("float32")


def test_ties_far_out_taken_for_limits_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: x and g rounded to even, whatever is beside them."""
    to_even = beside(lambda x: True, 0, 0)
    spec = replace(refacts.silu.spec, exactly=to_even)
    monkeypatch.setattr(type(refacts.silu), "spec", spec)
    with pytest.raises(AssertionError, match="ulp"):
        test_ties_far_out_are_decided("float32")


def test_the_protocol_of_products() -> None:
    """Strides, byte orders and `out` of mixed formats; a lone element has the bits of one in an array."""
    rng = np.random.default_rng(2)
    x, g = rng.normal(size=(2, 6, 8))
    x, g = x.astype(np.float32), g.astype(FORMATS["bfloat16"].dtype)
    want = refacts.gelu.vjp(x, g, dtype=np.float16)
    assert want.dtype == np.float16
    swapped = x.astype(">f4")[::-1].T
    alone = [refacts.gelu.vjp(*pair, dtype=np.float16) for pair in zip(x.flat, g.flat, strict=True)]
    for got in (
        refacts.gelu.vjp(swapped, g[::-1].T, dtype=np.float16).T[::-1],
        refacts.gelu.vjp(np.repeat(x, 3, 1)[:, ::3], g, dtype="float16"),
        np.reshape(alone, x.shape),
        refacts.gelu.vjp(x, g, dtype=np.float16, out=np.empty((6, 8), ">f2")).astype("f2"),
    ):
        assert checks.same_bits(got, want)


def test_the_reference_knows_what_is_far() -> None:
    """The oracle's sides far out: proved there, and here compared with digits where it still has some."""
    for name, x, limit in (("softplus", 60.0, 60.0), ("log_sigmoid", -60.0, -60.0), ("silu", 60.0, 60.0)):
        parameters = {"beta": 1.0} if name == "softplus" else {}
        near = oracles.exact(name, "value", x, FORMATS["float64"], parameters)
        tie = oracles.exact(name, "value", 257.0 * np.sign(x) * 2.0**30, FORMATS["bfloat16"], parameters)
        outward = abs(near.real) > abs(limit)
        assert abs(tie.rounded) == (258.0 if outward else 256.0) * 2.0**30, name


def test_no_table_of_other_formats() -> None:
    """Tables of two bytes are kept by the formats of operand and result."""
    x = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    assert isinstance(refacts.silu, Elementwise)
    for dtype in (np.float16, FORMATS["bfloat16"].dtype, np.float32, np.float64):
        part = slice(0, 1 << 16, 97)
        assert checks.same_bits(refacts.silu(x, dtype=dtype)[part], refacts.silu(x[part].copy(), dtype=dtype))
        whole = refacts.silu(x.astype(np.float64), dtype=dtype)
        assert checks.same_bits(refacts.silu(x, dtype=dtype), whole)
