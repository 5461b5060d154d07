"""refacts.testing, in people's own tests."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given

import refacts
from refacts import testing

X = np.concatenate([np.linspace(-20, 20, 4001), [np.inf, -np.inf, np.nan, -0.0]]).astype(np.float32)


def test_right_kernels_pass() -> None:
    testing.assert_correctly_rounded(refacts.gelu, "gelu", X)
    testing.assert_correctly_rounded(refacts.gelu(X), "gelu", X)
    testing.assert_correctly_rounded(lambda x: refacts.silu(x), refacts.silu, X.reshape(5, 801))
    testing.assert_max_ulp(refacts.LeakyReLU(alpha=0.01), refacts.LeakyReLU(alpha=0.01), X, 0)
    testing.assert_correctly_rounded(refacts.mish, "mish", X, quantity="vjp", g=X[::-1])
    testing.assert_correctly_rounded(
        np.tanh, "mish", X, quantity="vjp", g=X, backward=lambda x, g: refacts.mish.vjp(x, g)
    )
    testing.assert_correctly_rounded(refacts.softmax, "softmax", X[:4000].reshape(40, 100))
    testing.assert_correctly_rounded(refacts.swiglu(X, X[::-1]), "swiglu", X, b=X[::-1])


def test_formats_of_input_and_output() -> None:
    kernel = lambda x: refacts.gelu(x, dtype=ml_dtypes.bfloat16)  # noqa: E731
    testing.assert_correctly_rounded(kernel, "gelu", X, format="float32:bfloat16")
    twice = lambda x: refacts.gelu(x).astype(ml_dtypes.bfloat16)  # noqa: E731
    testing.assert_max_ulp(twice, "gelu", X, 0.51, format="float32:bfloat16")


def test_a_failure_names_the_worst_input_in_decimal_hex_and_bits() -> None:
    y = refacts.gelu(X)
    y[1000] *= 2
    with pytest.raises(AssertionError) as failure:
        testing.assert_max_ulp(y, "gelu", X, 2)
    message = str(failure.value)
    assert "gelu, value in float32" in message
    for part in (str(X[1000]), "-0x1.4p+3", f"{X.view(np.uint32)[1000]:#010x}"):
        assert part[:9] in message
    assert "want" in message
    assert "ulp" in message


def test_a_failure_says_what_its_lines_of_python_call() -> None:
    with pytest.raises(AssertionError) as failure:
        testing.assert_max_ulp(lambda x: refacts.gelu(x) * 2, "gelu", X, 2)
    *_, code, last = [line for line in str(failure.value).splitlines() if not line.startswith("  large")]
    assert "d = kernel(x);" in code
    assert last == "  In such a line kernel is the function under test."
    wrong = {"backward": lambda x, g: refacts.gelu.vjp(x, g) * 2}
    with pytest.raises(AssertionError) as failure:
        testing.assert_max_ulp(refacts.gelu, "gelu", X, 2, quantity="vjp", g=X, **wrong)
    assert "d = backward(x, g)" in str(failure.value)
    assert str(failure.value).endswith("In such a line backward is the one given as backward=.")
    with pytest.raises(AssertionError) as failure:
        testing.assert_max_ulp(refacts.gelu(X) * 2, "gelu", X, 2)
    assert "In such a line" not in str(failure.value)


def test_one_wrong_bit_is_not_correctly_rounded() -> None:
    y = refacts.gelu(X)
    y[2500] = np.nextafter(y[2500], np.float32(9))
    testing.assert_max_ulp(y, "gelu", X, 1.5)
    with pytest.raises(AssertionError, match="1 of 4,005 results"):
        testing.assert_correctly_rounded(y, "gelu", X)


def test_a_nan_fails_whatever_the_bound() -> None:
    y = refacts.gelu(X)
    y[17] = np.nan
    with pytest.raises(AssertionError, match="NaN"):
        testing.assert_max_ulp(y, "gelu", X, 1e30)


def test_a_kernel_that_raises_fails() -> None:
    with pytest.raises(AssertionError, match="raised ZeroDivisionError"):
        testing.assert_max_ulp(lambda x: 1 // 0, "gelu", X, 2)


def test_a_quota_is_for_all_numbers_of_a_format() -> None:
    x = np.arange(2**16, dtype=np.uint16).view(ml_dtypes.bfloat16)
    y = refacts.gelu(x)
    y[0x4040] = np.nextafter(y[0x4040], ml_dtypes.bfloat16(99))
    testing.assert_max_ulp(y, "gelu", x, 0.5, quota=1e-3)
    with pytest.raises(AssertionError):
        testing.assert_max_ulp(y, "gelu", x, 0.5)
    with pytest.raises(AssertionError, match="quota"):
        testing.assert_max_ulp(y[::2], "gelu", x[::2], 0.5, quota=1e-3)


def test_ulp_error_is_that_of_the_exact_value() -> None:
    y = refacts.tanh(X)
    error = testing.ulp_error(y, "tanh", X)
    assert error.shape == X.shape
    assert error.max() <= 0.5
    two = np.nextafter(np.nextafter(y, np.float32(9)), np.float32(9))
    there = np.isfinite(X) & (np.abs(y) < 0.9) & (np.abs(y) > 0.6)
    shifted = testing.ulp_error(two, "tanh", X)[there]
    assert shifted.min() >= 1.5
    assert shifted.max() <= 2.5


def test_derivatives_by_ulp() -> None:
    error = testing.ulp_error(refacts.gelu.gradient(X), "gelu", X, quantity="gradient")
    assert np.nanmax(error) <= 0.5


@pytest.mark.parametrize(
    ("arguments", "options", "error", "says"),
    [
        ((X, "gleu", X), {}, ValueError, "did you mean"),
        ((X, "gelu", np.arange(X.size)), {}, TypeError, "x must hold"),
        ((X, "gelu", X[1:]), {}, ValueError, "shape"),
        ((X.astype(float), "gelu", X), {}, TypeError, "must be float32"),
        ((X, "gelu", X), {"quantity": "vjp"}, ValueError, "takes x, g"),
        ((np.tanh, "tanh", X), {"quantity": "derivative"}, ValueError, "not differentiated"),
        ((X, "swiglu", X), {}, ValueError, r"value of swiglu takes x \(its a\), b \(got x\)"),
        ((X, "swiglu", X), {"b": X, "g": X}, ValueError, r"takes x \(its a\), b \(got x, b, g\)"),
        ((X, "swiglu", X), {"a": X, "b": X}, ValueError, "x is the a of a gated unit"),
        ((X[:0], "tanh", X[:0]), {}, ValueError, "must not be empty"),
        ((X, "gelu", X), {"format": "float8"}, ValueError, "float8"),
        ((X, "gelu", X), {"format": "float64"}, TypeError, "x must be float64"),
    ],
)
def test_bad_input_is_refused(arguments: tuple, options: dict, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        testing.assert_max_ulp(*arguments, 2, **options)


def test_verify_returns_frozen_rows() -> None:
    rows = testing.verify(refacts.gelu, "gelu", format=["float16", "float32"], samples=5000, max_ulp=0.5)
    assert [(row.formats, row.verdict) for row in rows] == [("float16", "pass"), ("float32", "pass")]
    with pytest.raises(AttributeError):
        rows[0].verdict = "fail"  # type: ignore[misc]


@given(testing.hard_inputs("gelu", "bfloat16"))
def test_the_strategy_draws_arrays_of_the_format(x: np.ndarray) -> None:
    assert x.dtype == ml_dtypes.bfloat16
    testing.assert_correctly_rounded(refacts.gelu(x), "gelu", x)


def test_messages_are_in_the_words_of_the_call() -> None:
    with pytest.raises(ValueError, match="^format must be one of"):
        testing.verify(refacts.gelu, "gelu", format="float8")
    with pytest.raises(ValueError, match=r"^quota needs max_ulp"):
        testing.verify(refacts.gelu, "gelu", quota=0.1)
    with pytest.raises(ValueError, match=r": backward names a kernel for that"):
        testing.verify(lambda x: x, "relu", quantity="vjp")


def test_one_allowance_stands_alone_and_rows_are_short() -> None:
    (row,) = testing.verify(refacts.gelu, "gelu", samples=1000, max_ulp=1, allow="nan-at-inf")
    assert row.gate.allow == ("nan-at-inf",)
    assert repr(row).endswith(f": pass, max ulp 0.5 of {row.inputs:,} results>")
    assert len(repr(row)) < 150
