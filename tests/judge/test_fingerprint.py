"""The fingerprint names what a kernel follows, and takes rounding errors for no other definition."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.judge.fingerprint import beside_kinks, fingerprint, kink_side
from refacts.reports.quantities import CATALOGUE, quantities
from refacts.reports.question import Question
from refacts.reports.targets import textbook, textbook_piecewise, textbook_rowwise
from refacts.reports.targets.formulas import formula

import refacts as r
from tests.judge.followed import WRONG, Planted, asking, gelu_tanh, in_float32


def erf_gelu(x: Any) -> Any:
    """As PyTorch writes it, in the format of x: loses its tail."""
    half = x.dtype.type(0.5)
    return x * half * (1 + textbook._erf(x * x.dtype.type(math.sqrt(0.5))))


RIGHT = [
    Planted(r.gelu, "value", "float32", r.gelu, "gelu"),
    Planted(r.gelu, "value", "float32", erf_gelu, "gelu"),
    Planted(r.gelu, "value", "bfloat16", in_float32(erf_gelu), "gelu"),
    Planted(r.gelu, "value", "float16", erf_gelu, "gelu"),
    Planted(r.gelu, "derivative", "float32", textbook.gelu_derivative, "gelu'"),
    Planted(r.gelu, "vjp", "float64", lambda x, g: g * textbook.gelu_derivative(x), "g times gelu'"),
    Planted(r.gelu_tanh, "value", "float32", gelu_tanh, "gelu_tanh"),
    Planted(r.gelu_tanh, "value", "bfloat16", in_float32(gelu_tanh), "gelu_tanh"),
    Planted(r.quick_gelu, "value", "float32", textbook.quick_gelu, "quick_gelu"),
    Planted(r.tanh, "value", "float32", textbook.tanh, "tanh"),
    Planted(r.tanh, "derivative", "float64", textbook.tanh_derivative, "tanh'"),
    Planted(r.tanhshrink, "value", "float32", textbook.tanhshrink, "tanhshrink"),
    Planted(r.sigmoid, "derivative", "float32", textbook.sigmoid_derivative, "sigmoid'"),
    Planted(r.log_sigmoid, "value", "float32", textbook.log_sigmoid, "log_sigmoid"),
    Planted(r.softplus, "value", "float32", textbook.softplus, "softplus(beta=1.0)"),
    Planted(r.mish, "derivative", "float32", textbook.mish_derivative, "mish'"),
    Planted(r.elu, "value", "float32", textbook_piecewise.elu, "elu(alpha=1.0)"),
    Planted(r.selu, "value", "float32", textbook_piecewise.selu, "selu"),
    Planted(r.squareplus, "value", "float32", textbook_piecewise.squareplus, "squareplus(b=4.0)"),
    Planted(r.leaky_relu, "value", "float32", textbook_piecewise.leaky_relu, "leaky_relu(alpha=0.2)"),
    Planted(r.log_softmax, "value", "float32", textbook_rowwise.log_softmax, "log_softmax"),
    Planted(r.softmax, "vjp", "bfloat16", in_float32(textbook_rowwise.softmax_vjp), "the vjp of softmax"),
    Planted(r.logsumexp, "value", "float16", textbook_rowwise.logsumexp, "logsumexp"),
    Planted(r.geglu, "value", "float32", lambda a, b: a * erf_gelu(b), "a gelu(b)"),
    Planted(r.swiglu, "jvp", "float16", formula(r.swiglu, "jvp"), "v_a silu(b) + v_b a silu'(b)"),
]


def named(planted: Planted) -> str:
    return f"{planted.question.key} {planted.follows}"


@pytest.mark.parametrize("planted", WRONG, ids=named)
def test_a_wrong_definition_is_named(planted: Planted) -> None:
    found = fingerprint(planted.question, planted.answer, "it")
    assert (found.other, found.found) == (True, planted.follows), found.sentence
    assert found.found_share >= 0.99 > found.named_share or found.found_share == 1.0
    assert found.sentence.startswith(f"it follows {planted.follows} (")


@pytest.mark.parametrize("planted", RIGHT, ids=named)
def test_rounding_is_no_other_definition(planted: Planted) -> None:
    found = fingerprint(planted.question, planted.answer, "it")
    assert not found.other, found.sentence
    assert found.named == found.found == planted.follows
    assert found.named_share >= 0.99


def test_enough_is_planted() -> None:
    assert len({named(each) for each in WRONG}) >= 40
    assert len({named(each) for each in RIGHT}) >= 15


def test_an_unknown_function_is_called_so() -> None:
    question = Question(r.gelu, "value", *[FORMATS["float32"]] * 2)
    found = fingerprint(question, asking(np.sin), "numpy:sin")
    assert (found.other, found.named) == (False, "gelu")
    assert found.sentence == "gelu explains 0 % of 2,000 probes of numpy:sin, no known definition 99 %."


@pytest.mark.parametrize("named", [r.gelu, r.gelu_tanh])
def test_errors_in_some_places_are_no_narrower_format(named: Any) -> None:
    """A kernel that is another function for |x| > 2, where both agree to four digits, is no float16 one."""
    question = Question(named, "value", *[FORMATS["float32"]] * 2)
    kernel = asking(lambda x: np.where(np.abs(x) > 2, r.gelu_tanh(x), r.gelu(x)))
    found = fingerprint(question, kernel, "it")
    assert "precision" not in found.sentence
    assert not found.other, found.sentence


@pytest.mark.parametrize("named", [r.gelu, r.sigmoid, r.tanh, r.hard_tanh, r.relu, r.sparse_sigmoid])
@pytest.mark.parametrize("fmt", ["float16", "bfloat16"])
def test_a_narrower_format_is_said(named: Any, fmt: str) -> None:
    """Of kernels that round their results, or only their operands."""
    question = Question(named, "value", *[FORMATS["float32"]] * 2)
    narrow = FORMATS[fmt].dtype
    for kernel in (
        lambda x: named(x.astype(narrow)).astype(x.dtype),
        lambda x: named(x.astype(narrow).astype(x.dtype)),
    ):
        found = fingerprint(question, asking(kernel), "it")
        assert found.other
        assert f"{named.spec.name}" in found.found
        assert " with the precision of " in found.found


def test_nan_is_not_explained() -> None:
    question = Question(r.relu, "value", *[FORMATS["float32"]] * 2)
    found = fingerprint(question, asking(lambda x: np.full_like(x, np.nan)), "it")
    assert (found.other, found.found, found.named_share) == (False, "relu", 0.0)


@pytest.mark.parametrize(
    ("named", "kernel", "side"),
    [
        (r.relu, lambda x: np.where(x > 0, 1, 0), "left"),
        (r.relu, lambda x: np.where(x >= 0, 1, 0), "right"),
        (r.relu, lambda x: (np.sign(x) + 1) / 2, "0.5 at 0"),
        (r.relu6, lambda x: np.where((x > 0) & (x < 6), 1, 0), "left at 0, right at 6"),
        (r.elu, r.elu.gradient, ""),
    ],
)
def test_the_side_of_a_kink(named: Any, kernel: Any, side: str) -> None:
    question = Question(named, "derivative", *[FORMATS["float32"]] * 2)
    assert kink_side(question, asking(kernel)) == side
    found = fingerprint(question, asking(kernel), "it")
    assert not found.other
    assert found.sentence.endswith({"": ").", "right": ")."}.get(side, f"; derivative at kinks: {side}."))


@pytest.mark.parametrize("name", CATALOGUE)
def test_probes_are_finite_format_values_and_the_same_again(name: str) -> None:
    f = CATALOGUE[name]
    for quantity in set(quantities(f)) - {"jacobian"}:
        question = Question(f, quantity, FORMATS["bfloat16"], FORMATS["float32"])
        batch, again = beside_kinks(question, 400, 1), beside_kinks(question, 400, 1)
        assert tuple(batch) == question.operands
        for operand, values in batch.items():
            question.format_of(operand).bit_patterns(values)  # ValueError for a foreign one
            assert np.isfinite(values).all()
            np.testing.assert_array_equal(values, again[operand])


def test_a_fingerprint_takes_half_a_second_at_most() -> None:
    question = Question(r.gelu_tanh, "vjp", *[FORMATS["float32"]] * 2)
    answer = asking(lambda x, g: g * np.sin(x))  # nothing explains it: all is tried
    times = []
    for _ in range(3):
        start = time.process_time()
        fingerprint(question, answer)
        times.append(time.process_time() - start)
    assert min(times) < 0.5
