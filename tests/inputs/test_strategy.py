"""The strategy of hard inputs: arrays of the dtype, in which everything hard turns up."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import refacts.reports.inputs.strategy as module
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from refacts.oracles import FORMATS
from refacts.reports.inputs.thresholds import thresholds
from refacts.reports.quantities import CATALOGUE

from refacts.testing import hard_inputs, ulp_error

QUIET = settings(max_examples=400, deadline=None, database=None, derandomize=True,
                 suppress_health_check=list(HealthCheck))  # fmt: skip


def drawn(strategy: Any) -> list[Any]:
    """Many arrays: which ones depends on what else is loaded, since Hypothesis draws constants from it."""
    seen: list[Any] = []

    @QUIET
    @given(strategy)
    def look(x: Any) -> None:
        seen.append(x)

    look()
    return seen


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("activation", ["gelu", "swiglu", "softmax"])
def test_arrays_have_the_dtype_and_hold_what_is_hard(activation: str, name: str) -> None:
    fmt, seen = FORMATS[name], drawn(hard_inputs(activation, name))
    assert {x.dtype for x in seen} == {fmt.dtype}
    assert max(x.ndim for x in seen) == 2
    with np.errstate(invalid="ignore"):  # a NaN may be a signalling one
        values = np.concatenate([x.ravel().astype(np.float64) for x in seen])
    assert np.isnan(values).any()
    assert np.isinf(values).any()
    assert (values == 0).any()
    assert (np.abs(values) == fmt.max).any()
    assert np.mean((np.abs(values) > 0.01) & (np.abs(values) < 20)) > 0.1


def test_thresholds_are_reached() -> None:
    turns = thresholds(CATALOGUE["gelu"], "value", FORMATS["float32"])
    found = find(
        hard_inputs("gelu", "float32", shape=()),
        lambda x: any(0 < abs(float(x) - turn) < 1e-3 for turn in turns if abs(turn) > 1),
        settings=settings(max_examples=5000, database=None, derandomize=True),
    )
    assert found.shape == ()


def test_what_overflows_between_two_thresholds_is_caught() -> None:
    """e^-x is infinite from -88.8 on, where sigmoid is subnormal as far as -104."""

    def wrong(x: Any) -> bool:
        with np.errstate(over="ignore"):
            y = 1 / (1 + np.exp(-x))
        return bool((ulp_error(y, "sigmoid", x) > 4).any())

    strategy = hard_inputs("sigmoid", "float32", shape=(8,))
    found = find(strategy, wrong, settings=settings(max_examples=100, database=None, derandomize=True))
    assert found.min() > -104


def test_a_wrong_kernel_is_caught() -> None:
    """One that is wrong only where it underflows: uniform numbers do not get there."""

    def flushing(x: Any) -> Any:
        y = CATALOGUE["gelu"](x)
        return np.where(np.abs(y) < np.finfo(np.float32).tiny, np.copysign(0, y), y)

    def wrong(x: Any) -> bool:
        return not np.array_equal(flushing(x), CATALOGUE["gelu"](x), equal_nan=True)

    quick = settings(max_examples=600, database=None, derandomize=True)
    assert find(hard_inputs("gelu", "float32"), wrong, settings=quick).dtype == np.float32
    numbers = st.floats(-10, 10, width=32).filter(lambda x: abs(x) > 1e-30).map(np.float32)
    with pytest.raises(NoSuchExample):
        find(numbers, wrong, settings=quick)


@pytest.mark.parametrize("activation", ["relu", "softmin", "geglu"])
def test_finite_arrays_of_a_shape(activation: str) -> None:
    for x in drawn(hard_inputs(activation, "float16", shape=(2, 3), finite=True)):
        assert x.shape == (2, 3)
        assert np.isfinite(x).all()
    assert all(np.isfinite(x).all() for x in drawn(hard_inputs(activation, "float64", finite=True)))


def test_pairs_and_parameters() -> None:
    (x, *_) = drawn(hard_inputs(CATALOGUE["leaky_relu"], "float32:float16", quantity="derivative"))
    assert x.dtype == np.float32


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (("gleu",), "unknown activation 'gleu': did you mean"),
        (("gelu", "float8"), "^format must be one of float16, bfloat16"),
    ],
)
def test_unknown_names(given_: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        hard_inputs(*given_)
    with pytest.raises(ValueError, match="quantity must be value, derivative, vjp or jvp"):
        hard_inputs("gelu", quantity="slope")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "ml_dtypes", None)
        with pytest.raises(ImportError, match="bfloat16 needs ml_dtypes: pip install ml_dtypes"):
            hard_inputs("gelu", "bfloat16")
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ImportError, match="hard_inputs needs hypothesis: pip install 'hypothesis.numpy.'"):
        module.hard_inputs("gelu")
