"""refacts.testing judges a kernel at the arrays as they are given, and refuses what it cannot."""

from typing import Any

import numpy as np
import pytest
from refacts.reports.targets.frameworks.arrays import GIVEN, laid_out

import refacts
from refacts import testing

X = np.linspace(-8, 8, 1000).astype(np.float32)


def wrong_where(condition: Any) -> Any:
    """gelu, seven times too large for arrays of some kind."""
    return lambda x: refacts.gelu(x) * np.float32(7 if condition(x) else 1)


@pytest.mark.parametrize(
    ("x", "condition"),
    [
        (X.reshape(10, 100), lambda x: x.ndim == 2),
        (np.resize(X, 2**17 + 1), lambda x: x.size > 2**17),
        (X[::2], lambda x: not x.flags.c_contiguous),
        (X[::-1], lambda x: x.strides[0] < 0),
        (X.reshape(10, 100).T, lambda x: x.flags.f_contiguous),
    ],
)
def test_a_kernel_gets_the_arrays_as_they_are(x: Any, condition: Any) -> None:
    testing.assert_correctly_rounded(refacts.gelu, "gelu", x)
    with pytest.raises(AssertionError, match="not correctly rounded"):
        testing.assert_correctly_rounded(wrong_where(condition), "gelu", x)


def test_what_fails_only_as_a_whole_is_said_so() -> None:
    def flat(x: Any) -> Any:
        if x.ndim > 1:
            raise ValueError("one dimension, please")
        return refacts.gelu(x)

    with pytest.raises(AssertionError, match=r"please, when given arrays of shape \(10, 100\)"):
        testing.assert_max_ulp(flat, "gelu", X.reshape(10, 100), 2)


def test_a_copy_lies_in_memory_as_its_model() -> None:
    bits = np.arange(24, dtype=np.uint32).reshape(4, 6)
    for model in (bits, bits.T, bits[::-1, ::2], bits[1:3, ::-2], np.broadcast_to(bits[0], (3, 6))):
        copy = laid_out(model, GIVEN)
        assert np.array_equal(copy, model)
        assert copy.strides == model.strides
        assert not np.shares_memory(copy, model)


def test_rows_may_have_any_number_of_dimensions() -> None:
    x = X.reshape(2, 5, 100)
    testing.assert_correctly_rounded(refacts.logsumexp, "logsumexp", x)
    testing.assert_correctly_rounded(refacts.Softmax(axis=2), refacts.Softmax(axis=2), x)
    testing.assert_correctly_rounded(refacts.softmax, "softmax", x, quantity="vjp", g=x[::-1])


@pytest.mark.parametrize(
    ("activation", "x", "options", "error", "says"),
    [
        (refacts.Softmax(axis=0), X.reshape(10, 100), {}, ValueError, "axis must be the last one"),
        (refacts.LogSumExp(keepdims=True), X.reshape(10, 100), {}, ValueError, "keepdims must be False"),
        (refacts.PReLU(weight=np.array([0.1, 0.2])), X.reshape(500, 2), {}, ValueError, "must be one number"),
        ("softmax", X[0], {}, ValueError, "at least one dimension"),
        (None, X, {}, TypeError, "the activation must be"),
        (3, X, {}, TypeError, "the activation must be"),
        (refacts.GELU, X, {}, TypeError, "the activation must be"),
        ("gelu", X, {"format": 3}, TypeError, "format must be a text"),
        ("gelu", X, {"quantity": "valeu"}, ValueError, "quantity of gelu must be one of value, derivative"),
        ("gelu", X, {"quantity": None}, TypeError, "quantity must be a text"),
        ("swiglu", X, {"b": X, "g": X, "quantity": "vjp"}, ValueError, "value, vjp_a, vjp_b"),
        ("swiglu", X, {"b": X[1:]}, ValueError, r"b must have shape \(1000,\) \(got \(999,\)\)"),
        ("gelu", X, {"g": X[:1], "quantity": "vjp"}, ValueError, "g must have shape"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(
    activation: Any, x: Any, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        testing.ulp_error(x, activation, x, **options)
    with pytest.raises(error, match=says):
        testing.assert_max_ulp(lambda *operands: operands[0], activation, x, 2, **options)


@pytest.mark.parametrize(
    ("activation", "options", "error", "says"),
    [
        (refacts.Softmax(axis=0), {}, ValueError, "axis must be the last one"),
        (refacts.GELU, {}, TypeError, "the activation must be"),
        ("gelu", {"quantity": "valeu"}, ValueError, "must be one of value"),
        ("gelu", {"quantity": []}, ValueError, "quantity must name at least one"),
        ("gelu", {"format": []}, ValueError, "format must name at least one"),
        ("gelu", {"samples": 1e4}, TypeError, r"samples must be an integer \(got 10000.0\)"),
        ("gelu", {"seed": "0"}, TypeError, "seed must be an integer"),
        ("gelu", {"samples": -1}, ValueError, "samples must be at least 0"),
    ],
)
def test_verify_refuses_in_a_sentence(
    activation: Any, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        testing.verify(refacts.gelu, activation, **options)


def test_the_vjp_of_a_gated_unit_is_both_products() -> None:
    rows = testing.verify(refacts.swiglu, "swiglu", quantity="vjp", samples=np.int64(100), max_ulp=0.5)
    assert [(row.quantity, row.verdict) for row in rows] == [("vjp_a", "pass"), ("vjp_b", "pass")]


def test_a_judge_is_controlled_where_every_result_could_be_excused() -> None:
    zeros, ends = np.zeros(3, np.float32), np.array([np.inf, -np.inf], np.float32)
    testing.assert_correctly_rounded(refacts.relu, "relu", zeros, quantity="derivative")
    testing.assert_max_ulp(refacts.relu, "relu", zeros, 2, quantity="derivative")
    testing.assert_max_ulp(refacts.relu, "relu", ends, 2, allow=["nan-at-inf", "inf"])
    nan = np.full(2, np.nan, np.float32)
    testing.assert_max_ulp(nan, "relu", ends, 2, allow=["nan-at-inf"])
    testing.assert_max_ulp(zeros, "relu", zeros, 2, quantity="derivative", kink="left")
    wrong = np.array([1, 0, 1], np.float32)
    with pytest.raises(AssertionError, match="1 of 3 results are not"):
        testing.assert_correctly_rounded(wrong, "relu", zeros, quantity="derivative")
    with pytest.raises(AssertionError, match="2 NaN mismatches"):
        testing.assert_max_ulp(nan, "relu", ends, 2)


def test_a_void_verdict_says_that_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from refacts.reports.run import shard

    def unmoved(question: Any, batch: Any, exact: Any, *others: Any) -> Any:
        return exact.rounded, 1

    monkeypatch.setattr(shard, "moved", unmoved)
    for check in (testing.assert_correctly_rounded, lambda *given: testing.assert_max_ulp(*given, 2)):
        with pytest.raises(AssertionError, match="VOID, which says nothing of the kernel: the control"):
            check(refacts.gelu, "gelu", X)


def test_a_kernel_is_called_once_and_only_one_that_fails_again_with_probes() -> None:
    sizes: list[int] = []

    def counted(factor: float) -> Any:
        def kernel(x: Any) -> Any:
            sizes.append(x.size)
            return refacts.gelu(x) * np.float32(factor)

        return kernel

    testing.assert_max_ulp(counted(1), "gelu", X, 1)
    assert sizes == [1000]
    with pytest.raises(AssertionError, match=r"follows 2.0 times gelu \(100 % of 2,000 probes\)"):
        testing.assert_max_ulp(counted(2), "gelu", X, 1)
    assert sizes == [1000, 1000, 2000]


def test_what_never_answers_follows_no_definition() -> None:
    def fails(x: Any) -> Any:
        return 1 // 0

    with pytest.raises(AssertionError, match="raised ZeroDivisionError") as failure:
        testing.assert_max_ulp(fails, "sigmoid", X, 2)
    assert "probes" not in str(failure.value)
    with pytest.raises(AssertionError, match="sin as sigmoid") as failure:  # the control
        testing.assert_max_ulp(np.sin, "sigmoid", X, 2)
    assert "sigmoid explains 0 % of 2,000 probes of sin, no known definition 99 %" in str(failure.value)
