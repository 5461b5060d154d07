"""Gated units against the oracle, their theorems, what users pass in, and wrong kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS
from refacts.oracles.inputs import hard

import refacts
from refacts import GLU, geglu, glu, oracles, reglu, swiglu
from tests import checks
from tests.checks import as_float64, same_bits
from tests.strategies import FORMAT_NAMES, arrays, format_of, turning_points

GATED = [f for f in refacts.CATALOGUE if f.spec.kind == "gated"]
PAIRS = [swiglu, geglu, reglu]
QUANTITIES = ("value", "derivative_a", "derivative_b", "vjp_a", "vjp_b", "jvp")
formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)
kernels = pytest.mark.parametrize("kernel", GATED, ids=lambda f: f.spec.name)
of_pairs = pytest.mark.parametrize("kernel", PAIRS, ids=lambda f: f.spec.name)


class Halves:
    """glu of the two halves of one array, called as the others are."""

    def __init__(self, kernel: Any):
        self.kernel, self.spec = kernel, kernel.spec

    def __call__(self, a: Any, b: Any) -> Any:
        return self.kernel(np.stack([a, b], -1))[..., 0]

    def gradient(self, a: Any, b: Any) -> Any:
        return np.moveaxis(self.kernel.gradient(np.stack([a, b], -1)), -1, 0)

    def vjp(self, a: Any, b: Any, g: Any) -> Any:
        return np.moveaxis(self.kernel.vjp(np.stack([a, b], -1), g[..., np.newaxis]), -1, 0)

    def jvp(self, a: Any, b: Any, v: Any, w: Any) -> Any:
        return self.kernel.jvp(np.stack([a, b], -1), np.stack([v, w], -1))[..., 0]


def results(kernel: Any, a: Any, b: Any, g: Any, v: Any) -> dict[str, Any]:
    """All quantities, any floating-point warning an error."""
    kernel = Halves(kernel) if isinstance(kernel, GLU) else kernel
    with np.errstate(all="raise"):
        by_a, by_b = kernel.gradient(a, b)
        to_a, to_b = kernel.vjp(a, b, g)
        found = [kernel(a, b), by_a, by_b, to_a, to_b, kernel.jvp(a, b, g, v)]
    return dict(zip(QUANTITIES, found, strict=True))


def matches_oracle(kernel: Any, a: Any, b: Any, g: Any, v: Any, measured: bool = True) -> None:
    """Bit equality with the oracle at every element, in every quantity."""
    fmt = format_of(a)
    inputs = [as_float64(each).ravel() for each in (a, b, g, v)]
    for quantity, y in results(kernel, a, b, g, v).items():
        assert np.shape(y) == a.shape
        assert y.dtype == fmt.dtype
        extra = {"vjp_a": inputs[2:3], "vjp_b": inputs[2:3], "jvp": inputs[2:]}.get(quantity, [])
        exact = oracles.reference_gated(kernel.spec.name, quantity, *inputs[:2], fmt, *extra)
        checks.compare(kernel, quantity, fmt, y, exact, inputs[1], measured)


@st.composite
def operands(draw: Any, kernel: Any, fmt: str) -> Any:
    """a, b, g and v of one shape."""
    b = draw(arrays(kernel.gate.f, fmt, min_dims=1))
    a, g, v = (draw(arrays(kernel.gate.f, fmt, like=b)) for _ in "agv")
    return a, b, g, v


@formats
@kernels
def test_bits_are_the_oracles(kernel: Any, fmt: str) -> None:
    given(operands(kernel, fmt))(lambda drawn: matches_oracle(kernel, *drawn))()


@formats
@kernels
def test_hard_inputs(kernel: Any, fmt: str) -> None:
    """Where f turns, times small integers, subnormals, 1e300 and 1e-300, and any bits."""
    form = FORMATS[fmt]
    rng = np.random.default_rng(1)
    b = rng.permutation(hard(form, 14000, seed=2, points=turning_points(kernel.gate.f)))[:600]
    far = min(1e300, form.max / 8)
    sizes = np.concatenate([rng.integers(-3, 4, 200), rng.choice([far, 1 / far], 100)])
    sizes = np.concatenate([sizes, rng.normal(size=100), form.smallest_subnormal * rng.integers(-9, 9, 100)])
    with np.errstate(all="ignore"):
        numbers = [rng.permutation(np.concatenate([sizes, rng.permutation(b)[:100]])) for _ in range(3)]
        matches_oracle(kernel, *(each.astype(form.dtype) for each in (numbers[0], b, *numbers[1:])))


def near_zero(kernel: Any, fmt: str, measured: bool = True) -> None:
    """Tiny b, of which a product of two cotangents shows more than one does; sums that cancel but for it."""
    form = FORMATS[fmt]
    rng = np.random.default_rng(3)
    lowest = {"float16": -24, "bfloat16": -130, "float32": -140, "float64": -1000}[fmt]
    b = rng.choice([-1.0, 1.0], 400) * np.ldexp(rng.uniform(1, 2, 400), rng.integers(lowest, -3, 400))
    b[::10] = rng.choice([0.0, -0.0], 40)
    a, g = (rng.integers(2 ** (form.precision - 1), 2**form.precision, 400) for _ in "ag")
    a, g = (np.ldexp(each.astype(float), 1 - form.precision) for each in (a, g))
    w = np.where(np.arange(400) % 2, g, 1.0)
    v = np.where(np.arange(400) % 3, -w * a / 2, g)  # -w a f'(0)/f(0) of glu
    for operands_ in ((a, b, g, v), (a, b, v, w)):
        matches_oracle(kernel, *(each.astype(form.dtype) for each in operands_), measured)


@formats
@kernels
def test_near_zero(kernel: Any, fmt: str) -> None:
    near_zero(kernel, fmt)


def far_out_products_of_two_cotangents(kernel: Any, measured: bool = True) -> None:
    """Where f(b) or f'(b) is far below every format, and a g as far above it."""
    far = np.arange(600.0, 2300.0, 7.3)
    b = np.concatenate([-np.arange(36.0, 75.0, 0.37), -far, far[::10]])
    big = np.full(b.shape, 1.7e308)
    matches_oracle(kernel, big, b, big, np.resize([1.0, -1e308, 3.0], b.size), measured)


@kernels
def test_far_out_products_of_two_cotangents(kernel: Any) -> None:
    far_out_products_of_two_cotangents(kernel)


FAR_OUT = [  # a, b, and tangents v, w for which the first order of what is tiny vanishes, or nearly so
    (glu, 1.0, -1e9, 1.0, -1.0),
    (glu, -1.0, -3000.0, 1.0, 1.0),
    (glu, 1.0, 1e9, 0.0, 1.0),
    (swiglu, 100000001.0, 100000001.0, 100000000.0, 1.0),  # beside the tie at b^2, u b = w
    (swiglu, 100000001.0, 100000001.0, 100000000.0, 1.0 + 2.0**-20),
    (swiglu, -1.0, -4000.0, 3999.0, 4000.0),
    (swiglu, 1.0, -4000.0, -3999.0, 4000.0),
    (geglu, 1.0, -100.0, -100.0, 1.0),
    (geglu, 1.0, -100.0, 100.0, -1.0),
    (geglu, 1.0, -1000.0, -1000.0, 1.0),
    (geglu, 3.0, 100000001.0, 100000001.0, 0.0),
]


@pytest.mark.parametrize(("kernel", "a", "b", "v", "w"), FAR_OUT)
def test_far_out_sums_that_cancel(kernel: Any, a: float, b: float, v: float, w: float) -> None:
    matches_oracle(kernel, *(np.array([each]) for each in (a, b, v, w)))


def test_the_trick_that_serves_one_cotangent_is_seen_with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the series at 0."""
    monkeypatch.setattr("refacts.gate.small", lambda b, below: b != b)
    with pytest.raises(AssertionError, match="want"):
        near_zero(swiglu, "float32", measured=False)


@pytest.mark.parametrize("kernel", [swiglu, geglu], ids=lambda f: f.spec.name)
def test_saturation_that_serves_one_cotangent_is_seen_with_two(
    kernel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("refacts.gated.SATURATED", 700.0)
    monkeypatch.setattr("refacts.activations.gelu.FAR", 40.0)
    with pytest.raises(AssertionError, match="want"):
        far_out_products_of_two_cotangents(kernel, measured=False)


@formats
@of_pairs
def test_value_and_pullback_to_a_are_one_map(kernel: Any, fmt: str) -> None:
    """Both are linear in what multiplies f(b)."""

    @given(operands(kernel, fmt))
    def check(drawn: Any) -> None:
        a, b, g, _ = drawn
        assert same_bits(kernel.vjp(a, b, g)[0], kernel(g, b))
        ones = np.ones_like(a)
        assert same_bits(kernel(ones, b), kernel.gate.f(b))
        zeros = np.zeros_like(a)
        finite = np.isfinite(a) & np.isfinite(b) & np.isfinite(g)
        forward = kernel.jvp(a, b, zeros, g)[finite]
        assert same_bits(np.abs(forward), np.abs(kernel.vjp(a, b, g)[1][finite]))

    check()


@kernels
def test_out(kernel: Any) -> None:
    rng = np.random.default_rng(0)
    for fmt in ("float16", "float32", "float64"):
        a, b, g, v = rng.normal(size=(4, 3, 8)).astype(fmt)
        if kernel is glu:
            x, tangent = np.concatenate([a, b], -1), np.concatenate([g, v], -1)
            wanted = [glu(x), glu.gradient(x), glu.vjp(x, g), glu.jvp(x, tangent)]
            found = [
                glu(x, out=np.empty_like(a)),
                glu.gradient(x.copy(), out=x.copy()),
                glu.vjp(x, g, out=np.empty_like(x)),
                glu.jvp(x, tangent, out=np.empty_like(a)),
            ]
            assert all(map(same_bits, found, wanted))
            for method, extra in ((glu.gradient, ()), (glu.vjp, (g,))):
                same = x.copy()
                assert method(same, *extra, out=same) is same
                assert same_bits(same, method(x, *extra))
            continue
        want = kernel.vjp(a, b, g)
        outs = np.empty_like(a), np.empty_like(b)
        got = kernel.vjp(a, b, g, out=outs)
        assert all(y is out for y, out in zip(got, outs, strict=True))
        assert same_bits(np.stack(got), np.stack(want))
        for targets in ("ab", "ba", "gb", "ag"):
            arrays_ = {"a": a.copy(), "b": b.copy(), "g": g.copy()}
            out = tuple(arrays_[name] for name in targets)
            assert same_bits(np.stack(kernel.vjp(*arrays_.values(), out=out)), np.stack(want)), targets
        value, forward = kernel(a, b), kernel.jvp(a, b, g, v)
        same = b.copy()
        assert kernel(a, same, out=same) is same
        assert same_bits(same, value)
        assert same_bits(kernel.jvp(a, b, g, v, out=np.empty_like(a)), forward)


@kernels
def test_inputs_unchanged(kernel: Any) -> None:
    a, b, g, v = np.random.default_rng(0).normal(size=(4, 6))
    before = [each.tobytes() for each in (a, b, g, v)]
    results(kernel, a, b, g, v)
    assert [each.tobytes() for each in (a, b, g, v)] == before


def test_scalars_lists_integers_and_empty_arrays() -> None:
    assert isinstance(swiglu(2.0, 1.0), np.float64)
    assert isinstance(swiglu(np.float32(2), np.float32(1)), np.float32)
    assert same_bits(swiglu([1, 2], [True, False]), swiglu(np.array([1.0, 2.0]), np.array([1.0, 0.0])))
    assert swiglu(np.empty((0, 3)), np.empty((0, 3))).shape == (0, 3)
    assert glu(np.empty((3, 0))).shape == (3, 0)
    assert glu([2, 3, 0, 0]).tolist() == [1.0, 1.5]
    assert GLU(axis=0)(np.zeros((4, 3), np.float16)).shape == (2, 3)


@kernels
def test_tangents_at_infinity(kernel: Any) -> None:
    """Of all signs and sizes: what is finite, however large, is nothing beside an infinity."""
    sizes = [-np.inf, -1e308, -2.0, -0.0, 0.0, 1.0, 1e308, np.inf, np.nan]
    for b in (-np.inf, np.inf, -1.0, 0.0, 2.0):
        a, v, w = (each.ravel() for each in np.meshgrid(sizes, sizes, sizes))
        matches_oracle(kernel, a, np.full_like(a, b), v, w)


@of_pairs
def test_out_of_two_is_checked(kernel: Any) -> None:
    x = np.ones((2, 3))
    for wrong, said in ((3, "int"), ((x,), "1 of them"), (np.ones((2, 2, 3)), "ndarray")):
        with pytest.raises(TypeError, match=f"out must be a tuple of two arrays .got {said}"):
            kernel.vjp(x, x, x, out=wrong)
    with pytest.raises(ValueError, match="out must be two arrays that do not overlap"):
        kernel.vjp(x, x, x, out=(x, x))


@of_pairs
def test_mismatches_are_refused(kernel: Any) -> None:
    x = np.ones((2, 3), np.float32)
    with pytest.raises(ValueError, match=r"b must have the shape of a, \(2, 3\) .got \(3,\)"):
        kernel(x, x[0])
    with pytest.raises(TypeError, match="b must have the dtype of a, float32 .got float64"):
        kernel(x, x.astype(float))
    with pytest.raises(ValueError, match=r"g must have the shape of a, \(2, 3\)"):
        kernel.vjp(x, x, x[0])
    with pytest.raises(ValueError, match=r"w must have the shape of a, \(2, 3\)"):
        kernel.jvp(x, x, x, x[0])
    with pytest.raises(TypeError, match="a must be float16, bfloat16"):
        kernel(x.astype(complex), x)
    with pytest.raises(ValueError, match="out must have shape"):
        kernel(x, x, out=np.empty(3, np.float32))


def test_glu_refuses() -> None:
    x = np.ones((2, 3), np.float32)
    with pytest.raises(ValueError, match="axis -1 of x must have even length .got 3"):
        glu(x)
    with pytest.raises(ValueError, match="axis 2 is out of range for x of 2 dimensions"):
        GLU(axis=2)(x)
    with pytest.raises(ValueError, match="axis -1 is out of range for x of 0 dimensions"):
        glu(1.0)
    with pytest.raises(TypeError, match="axis must be an integer .got 0.5"):
        GLU(axis=0.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"g must have the shape of the value, \(1, 3\) .got \(2, 3\)"):
        GLU(axis=0).vjp(x, x)
    with pytest.raises(ValueError, match=r"v must have the shape of x, \(2, 3\) .got \(1, 3\)"):
        GLU(axis=0).jvp(x, x[:1])


class Doubled:
    """a·f(b) + 0·..., with what the user names spoilt."""

    def __init__(self, kernel: Any, spoilt: str):
        self.kernel, self.spec, self.spoilt = kernel, kernel.spec, spoilt

    def _maybe(self, name: str, y: Any) -> Any:
        return np.nextafter(y, np.inf) if name == self.spoilt else y

    def __call__(self, a: Any, b: Any) -> Any:
        return self._maybe("value", self.kernel(a, b))

    def gradient(self, a: Any, b: Any) -> Any:
        y = self.kernel.gradient(a, b)
        return self._maybe("derivative_a", y[0]), self._maybe("derivative_b", y[1])

    def vjp(self, a: Any, b: Any, g: Any) -> Any:
        y = self.kernel.vjp(a, b, g)
        return self._maybe("vjp_a", y[0]), self._maybe("vjp_b", y[1])

    def jvp(self, a: Any, b: Any, v: Any, w: Any) -> Any:
        return self._maybe("jvp", self.kernel.jvp(a, b, v, w))


@pytest.mark.parametrize("spoilt", QUANTITIES)
def test_the_oracle_rejects(spoilt: str) -> None:
    operands_ = np.random.default_rng(0).normal(size=(4, 5))
    matches_oracle(Doubled(geglu, "nothing"), *operands_, measured=False)
    with pytest.raises(AssertionError, match=rf"geglu.{spoilt}.* want"):
        matches_oracle(Doubled(geglu, spoilt), *operands_, measured=False)


def test_the_oracle_rejects_two_roundings() -> None:
    """g·(a·f'(b)), rounded twice, as automatic differentiation has it."""

    class Chain(Doubled):
        def vjp(self, a: Any, b: Any, g: Any) -> Any:
            return self.kernel.vjp(a, b, g)[0], g * self.kernel.gradient(a, b)[1]

    operands_ = np.random.default_rng(0).normal(size=(4, 50))
    with pytest.raises(AssertionError, match="vjp_b"):
        matches_oracle(Chain(swiglu, ""), *operands_, measured=False)
