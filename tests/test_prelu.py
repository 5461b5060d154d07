"""PReLU: weights that broadcast, and derivatives by them."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS, nearest

from refacts import LeakyReLU, PReLU, prelu
from refacts.blocks import SHORT_BLOCK as BLOCK
from refacts.dot import rounded_dots
from refacts.formats import format_of as kernel_format
from tests.checks import QUANTITIES, as_float64, call, same_bits
from tests.strategies import FORMAT_NAMES, arrays, pairs

formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)
weights = st.floats(-3, 3) | st.sampled_from([0.0, 1.0, 0.5, -1.5, 5e-324, 1e300])


@formats
@given(data=st.data())
def test_every_element_has_its_own_weight(fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(prelu, fmt))
    shape = tuple(data.draw(st.sampled_from([1, n])) for n in x.shape)[data.draw(st.integers(0, x.ndim)) :]
    count = int(np.prod(shape))
    weight = np.array(data.draw(st.lists(weights, min_size=count, max_size=count))).reshape(shape)
    spread = np.broadcast_to(weight, x.shape)
    kernel = PReLU(weight)
    for quantity in QUANTITIES:
        y = np.asarray(call(kernel, quantity, x, g))
        assert y.shape == x.shape
        for place in np.ndindex(x.shape):
            alone = call(LeakyReLU(spread[place]), quantity, x[place], g[place])
            assert same_bits(y[place], alone), f"{kernel!r}.{quantity}({x[place]!r}) at {place}"


def exact_sums(x: Any, g: Any, weight: Any, fmt: str) -> Any:
    """RN(sum of g·min(x, 0)) for every weight, in Fractions; g and x finite."""
    sums: dict[tuple[int, ...], Fraction] = {}
    weight = np.asarray(weight)
    index = np.arange(weight.size).reshape(weight.shape)
    owner = np.broadcast_to(index, x.shape)
    for place in np.ndindex(x.shape):
        term = Fraction(float(g[place])) * min(Fraction(float(x[place])), Fraction(0))
        sums[int(owner[place])] = sums.get(int(owner[place]), Fraction(0)) + term
    rounded = [nearest(sums.get(k, Fraction(0)), FORMATS[fmt]) for k in range(weight.size)]
    return np.array(rounded).reshape(weight.shape)


@formats
@given(data=st.data())
def test_weight_vjp_is_rounded_once(fmt: str, data: Any) -> None:
    x, g = data.draw(pairs(prelu, fmt))
    finite = np.isfinite(as_float64(x)) & np.isfinite(as_float64(g))
    x, g = np.where(finite, x, np.zeros_like(x)), np.where(finite, g, np.zeros_like(g))
    shape = tuple(data.draw(st.sampled_from([1, n])) for n in x.shape)
    kernel = PReLU(np.full(shape, 0.25))
    with np.errstate(all="raise"):
        found = np.asarray(kernel.weight_vjp(x, g))
    assert found.shape == shape
    assert (as_float64(found) == exact_sums(x, g, kernel.weight, fmt)).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sums_that_cancel(dtype: Any) -> None:
    """Terms of 2^60 and 2^-60 whose large parts vanish, and a sum that is exactly 0."""
    x = -np.array([1, 1, 2.0**-14, 1, 1], dtype)
    g = np.array([2.0**15, -(2.0**15), 2.0**-14, 0, 0], dtype)
    assert prelu.weight_vjp(x, g) == dtype(-(2.0**-28))
    assert prelu.weight_vjp(x[:2], g[:2]) == 0


def test_a_long_sum() -> None:
    rng = np.random.default_rng(0)
    x, g = -np.abs(rng.normal(size=20_000)), rng.normal(size=20_000)
    exact = sum((Fraction(a) * Fraction(b) for a, b in zip(x, g, strict=True)), Fraction(0))
    assert prelu.weight_vjp(x, g) == nearest(exact, FORMATS["float64"])
    assert float(np.sum(x * g)) != nearest(exact, FORMATS["float64"])  # which plain NumPy does not give


def test_special_terms() -> None:
    inf, nan = np.inf, np.nan
    for x, g, want in (
        ([-inf, -1.0], [1.0, 1.0], -inf),
        ([-inf, -1.0], [-1.0, inf], nan),
        ([-inf, 2.0], [0.0, 1.0], nan),
        ([3.0, -1.0], [inf, 1.0], nan),
        ([nan, -1.0], [1.0, 1.0], nan),
        ([-1e308, -1e308], [1e308, 1.0], -inf),
        ([], [], 0.0),
    ):
        found = float(prelu.weight_vjp(np.array(x, float), np.array(g, float)))
        assert found == want or (np.isnan(found) and np.isnan(want)), (x, g, found)


@formats
@given(data=st.data())
def test_weight_gradient_is_min(fmt: str, data: Any) -> None:
    x = data.draw(arrays(prelu, fmt))
    y = as_float64(prelu.weight_gradient(x))
    with np.errstate(invalid="ignore"):
        assert same_bits(y, np.where(as_float64(x) >= 0, 0.0, as_float64(x)))


def dots(a: Any, b: Any) -> Any:
    """The sums of products of rows in float64."""
    terms = (a.reshape(-1), b.reshape(-1))
    return rounded_dots(lambda i, j: (terms[0][i:j], terms[1][i:j]), *a.shape, kernel_format(a.dtype))


def test_a_rounded_product_is_rejected() -> None:
    """The control: one product is not representable, and the sum shows its low part."""
    a, b = np.array([[1 + 2.0**-52, -1.0]]), np.array([[1 + 2.0**-52, 1 + 2.0**-51]])
    assert dots(a, b) == 2.0**-104
    assert float(np.sum(a * b)) != 2.0**-104


@pytest.mark.parametrize("shape", [(3, 2 * BLOCK + 5), (2 * BLOCK + 5, 3), (700, 30)])
def test_rows_of_any_number_and_length(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=shape), rng.choice([1.0, -1.0, 2.0**-60, 1e300, 1e-300], shape)
    a[:, -1], b[:, -1] = 1.0, -1.0
    found = dots(a, b)
    for i in [*range(min(shape[0], 20)), shape[0] - 1]:
        exact = sum((Fraction(p) * Fraction(q) for p, q in zip(a[i], b[i], strict=True)), Fraction(0))
        assert found[i] == nearest(exact, FORMATS["float64"])


def test_sums_that_cancel_to_nothing() -> None:
    x = np.full((2, 9000), -1.0)
    g = np.resize([1.0, -1.0], x.shape)
    assert PReLU([[0.1], [0.2]]).weight_vjp(x, g).tolist() == [[0.0], [0.0]]


def test_the_weight_is_checked_and_copied() -> None:
    given_weight = np.array([0.5, 0.25])
    kernel = PReLU(given_weight)
    given_weight[0] = 9
    assert kernel(np.array([-1.0, -1.0])).tolist() == [-0.5, -0.25]
    with pytest.raises(ValueError, match="read-only"):
        kernel.weight[0] = 1
    for wrong, error, said in (
        (np.nan, ValueError, "weight must be finite .got nan"),
        ([0.1, np.inf], ValueError, "weight must be finite .got inf"),
        (np.ones(2, complex), TypeError, "weight must hold real numbers .* .got dtype complex128"),
        ("a", TypeError, "weight must be a real number .got 'a'"),
        (np.array(["a"]), TypeError, "weight must hold real numbers that float64 holds .got dtype <U1"),
        (np.nextafter(np.longdouble(1), 2), ValueError, "weight must be float64 numbers"),
        (Fraction(1, 3), ValueError, "weight must be float64 numbers .got Fraction.1, 3"),
        (2**53 + 1, ValueError, "weight must be float64 numbers .got 9007199254740993"),
        ([1, 2**53 + 1], ValueError, "weight must be float64 numbers"),
        (True, TypeError, "weight must be a real number .got True"),
        ([True, 0.5], TypeError, "weight must be a real number .got True"),
        (np.array([True]), TypeError, "weight must hold real numbers .* .got dtype bool"),
        ([2**53 + 1, 0.5], ValueError, "weight must be float64 numbers .got 9007199254740993"),
        ([2**64 - 1, -1], ValueError, "weight must be float64 numbers .got 18446744073709551615"),
        ([np.uint64(2**64 - 1), np.int64(-1)], ValueError, "weight must be float64 numbers"),
        ([np.array([2**53 + 1]), np.array([0.5])], ValueError, "weight must be float64 numbers"),
        ([np.ma.array([1.0, 2.0], mask=[1, 0])], TypeError, "weight must not be a masked array"),
        (10**5000, ValueError, r"weight must be float64 numbers .got about 2\^16609"),
        ([[0.1], [0.1, 0.2]], ValueError, "weight must be a number or an array"),
        (None, TypeError, "weight must be a real number .got None"),
        ([0.5, Fraction(1, 3)], ValueError, "weight must be float64 numbers .got Fraction.1, 3"),
        (np.ma.array([1.0]), TypeError, "weight must not be a masked array"),
    ):
        with pytest.raises(error, match=said):
            PReLU(wrong)
    with pytest.raises(ValueError, match=r"weight, of shape \(2,\), must broadcast to that of x, \(3,\)"):
        kernel(np.ones(3))
    with pytest.raises(ValueError, match="g must have the shape"):
        kernel.weight_vjp(np.ones(2), np.ones(3))


def test_array_weights_are_values() -> None:
    kernel = PReLU([0.5, 0.25])
    for twin in (PReLU(np.array([0.5, 0.25])), pickle.loads(pickle.dumps(kernel)), copy.deepcopy(kernel)):
        assert twin == kernel
        assert hash(twin) == hash(kernel)
        assert not twin.weight.flags.writeable
    assert kernel != PReLU([0.5, 0.5])
    assert kernel != PReLU([[0.5, 0.25]])
    assert PReLU(np.float32(0.25)) == prelu
    assert PReLU(1e308).weight == PReLU([1e308]).weight[0]
    assert not np.signbit(PReLU(-0.0).weight)
