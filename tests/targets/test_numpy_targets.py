"""Callables of NumPy arrays: quantities, kinds, formats, and what is wrong with a call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.targets.callables import of_function
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.returned import to_format
from refacts.reports.targets.spec import TargetSpec, load
from refacts.reports.targets.target import NoAnswerError

from refacts.environment import is_standard
from tests.environments import changed
from tests.targets import planted
from tests.targets.asking import by_refacts, first, numbers, operands, question, run_line

QUANTITIES = ("value", "derivative", "vjp", "jvp")
ELEMENTWISE = [(name, quantity) for name in ("gelu", "tanh") for quantity in QUANTITIES]
ROWWISE = [
    (name, quantity)
    for name in ("softmax", "log_softmax", "logsumexp", "sparsemax")
    for quantity in QUANTITIES
]
GATED = [(name, quantity) for name in ("glu", "swiglu") for quantity in ("value", "vjp_a", "vjp_b", "jvp")]


@pytest.mark.parametrize(("name", "quantity"), ELEMENTWISE + ROWWISE + GATED)
def test_refacts_is_a_target(name: str, quantity: str) -> None:
    target = load(TargetSpec(f"refacts:{name}"))
    for formats in (*FORMATS, "float32:bfloat16", "float16:float64"):
        asked = question(name, quantity, formats)
        batch = numbers(asked)
        assert target.covers(asked) == ""
        answer = target.answer(asked, batch)
        np.testing.assert_array_equal(answer.values, by_refacts(asked, batch))
        assert answer.faults == {}


@pytest.mark.parametrize(
    ("name", "quantity"), [("gelu", "derivative"), ("logsumexp", "vjp"), ("glu", "jvp"), ("swiglu", "vjp_b")]
)
def test_reproducers_of_methods(name: str, quantity: str) -> None:
    target = load(TargetSpec(f"refacts:{name}"))
    asked = question(name, quantity, "bfloat16")
    batch = first(numbers(asked))
    assert (
        run_line(target.reproducer(asked, operands(batch)))
        == target.answer(asked, batch).values.ravel().tolist()
    )


def test_a_backward_kernel() -> None:
    file = planted.__file__
    target = load(TargetSpec(f"{file}:good", backward=f"{file}:good_backward"))
    for quantity, g in (("derivative", 1.0), ("vjp", None)):
        asked = question("tanh", quantity)
        batch = numbers(asked)
        x = batch["x"].astype(np.float32)
        want = planted.good_backward(x, np.float32(g) if g else batch["g"].astype(np.float32))
        answer = target.answer(asked, batch)
        np.testing.assert_array_equal(answer.values, want)
        assert answer.faults == {}
        assert run_line(target.reproducer(asked, operands(first(batch)))) == answer.values[:1].tolist()
    assert target.covers(question("tanh", "jvp")) == "a backward kernel has no jvp"
    assert target.covers(question("tanh", "vjp", "float32:bfloat16")) == ""
    said = target.covers(question("tanh", "derivative", "float32:bfloat16"))
    assert said == "a backward kernel gives the derivative only of elementwise functions in one format"


@pytest.mark.parametrize("part", [0, 1])
def test_a_backward_kernel_of_two(part: int) -> None:
    target = of_function(planted.good_gated, backward=planted.good_gated_backward)
    asked = question("reglu", ("vjp_a", "vjp_b")[part])
    batch = numbers(asked)
    want = planted.good_gated_backward(*(values.astype(np.float32) for values in batch.values()))[part]
    np.testing.assert_array_equal(target.answer(asked, batch).values, want)
    one = of_function(planted.good_gated, backward=lambda a, b, g: g)
    with pytest.raises(NoAnswerError, match="returned ndarray, want two arrays"):
        one.answer(asked, batch)


def test_what_numpy_does_not_cover() -> None:
    target = of_function(planted.good)
    said = "NumPy arrays are not differentiated: --backward names a kernel for that"
    assert [target.covers(question("tanh", quantity)) for quantity in ("derivative", "vjp", "jvp")] == [
        said
    ] * 3
    with pytest.raises(NoAnswerError, match="not differentiated"):
        target.answer(question("tanh", "vjp"), numbers(question("tanh", "vjp")))


def test_bfloat16_without_ml_dtypes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("refacts.reports.targets.frameworks.numpy_arrays.find_spec", lambda name: None)
    said = of_function(planted.good).covers(question("tanh", "value", "float32:bfloat16"))
    assert said == "bfloat16 in NumPy arrays needs ml_dtypes: pip install ml_dtypes"


@pytest.mark.parametrize("name", ["good_softmax", "neighbours_differ"])
def test_rows_are_told_their_axis(name: str) -> None:
    kernel = getattr(planted, name)
    target = of_function(kernel)
    asked = question("softmax")
    batch = numbers(asked)
    x = batch["x"].astype(np.float32)
    np.testing.assert_array_equal(target.answer(asked, batch).values, kernel(x, axis=-1))
    assert target.note(asked) == "axis=-1"
    assert target.note(question("tanh")) == ""
    given = of_function(kernel, call={"axis": 0})
    np.testing.assert_array_equal(
        given.answer(asked, batch).values, kernel(batch["x"].astype(np.float32), axis=0)
    )
    assert given.note(asked) == ""


def test_two_formats() -> None:
    """The kernel gets x as it is, g in the output's format, and its result is rounded once."""
    bfloat16 = FORMATS["bfloat16"]
    asked = question("tanh", "vjp", "float32:bfloat16")
    seen: list[str] = []

    def backward(x: Any, g: Any) -> Any:
        seen.extend([x.dtype.name, g.dtype.name])
        return x

    def narrow(x: Any) -> Any:
        return x.astype(bfloat16.dtype)

    target = of_function(narrow, backward=backward)
    assert target.answer(asked, numbers(asked)).faults == {}
    assert seen == ["float32", "bfloat16"]
    value = question("tanh", "value", "float32:bfloat16")
    batch = numbers(value)
    answer = target.answer(value, batch)
    np.testing.assert_array_equal(answer.values, to_format(batch["x"], bfloat16))
    assert answer.faults == {}
    wide = of_function(lambda x: x.astype(np.float64)).answer(value, batch)
    np.testing.assert_array_equal(wide.values, to_format(batch["x"], bfloat16))
    assert wide.faults == {"dtype": "returned float64, want bfloat16"}


@pytest.mark.parametrize(
    ("kernel", "kind", "sentence"),
    [
        (planted.of_wrong_shape, "shape", "returned shape (39,), want (40,)"),
        (planted.complex_, "type", "returned complex64, no real numbers"),
        (planted.no_array, "type", "returned list, want a numpy.ndarray"),
        (lambda x: None, "type", "returned NoneType, want a numpy.ndarray"),
        (lambda x: np.float32(1), "type", "returned numpy.float32, want a numpy.ndarray"),
        (lambda x: x.astype(str), "type", ""),
        (planted.raises_always, "raised", "raised ZeroDivisionError"),
        (lambda x, y: x, "raised", ""),
        (lambda x: [][len("a" * 300)], "raised", "raised IndexError: list index out of range"),
    ],
)
def test_no_answer(kernel: Any, kind: str, sentence: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        Direct.of(kernel).answer(question("tanh"), numbers(question("tanh")))
    assert caught.value.kind == kind
    assert caught.value.sentence.startswith(sentence)


def test_long_messages_are_cut() -> None:
    def raises(x: Any) -> Any:
        raise ValueError("a" * 1000)

    with pytest.raises(NoAnswerError) as caught:
        of_function(raises).answer(question("tanh"), numbers(question("tanh")))
    assert caught.value.sentence == f"raised ValueError: {'a' * 200}..."


def test_faults() -> None:
    asked = question("tanh")
    batch = numbers(asked)
    batch["x"][7] = planted.CULPRIT
    wide = of_function(planted.of_wrong_dtype).answer(asked, batch)
    assert wide.faults == {"dtype": "returned float64, want float32"}
    np.testing.assert_array_equal(wide.values, np.tanh(batch["x"]).astype(np.float32))
    changed = of_function(planted.in_place).answer(asked, batch)
    assert changed.faults == {"input": "changed x"}
    assert changed.values[7] == 0
    assert of_function(planted.good).answer(asked, batch).faults == {}


def test_warnings_are_not_judged() -> None:
    """Though pytest makes errors of them here."""
    asked = question("tanh")
    batch = numbers(asked)
    batch["x"][0] = np.inf

    def overflows(x: Any) -> Any:
        return planted.talks(x) + np.exp(x) * 0

    found = of_function(overflows, arrays="numpy").answer(asked, batch).values
    np.testing.assert_array_equal(found[1:], np.tanh(batch["x"][1:].astype(np.float32)))
    assert np.isnan(found[0])


def test_big_endian_results() -> None:
    asked = question("tanh", "value", "float64")
    batch = numbers(asked)
    answer = of_function(lambda x: np.tanh(x).astype(">f8")).answer(asked, batch)
    np.testing.assert_array_equal(answer.values, np.tanh(batch["x"]))
    assert answer.faults == {}


def test_layouts() -> None:
    asked = question("tanh")
    batch = numbers(asked)
    seen: list[Any] = []
    target = of_function(lambda x: seen.append(x) or np.tanh(x), arrays="numpy")
    for layout in target.described.layouts:
        np.testing.assert_array_equal(
            target.answer(asked, batch, layout).values, np.tanh(batch["x"].astype(np.float32))
        )
    plain, strided, offset = seen
    assert (plain.strides, strided.strides, offset.strides) == ((4,), (8,), (4,))
    assert (plain.ctypes.data % 8, offset.ctypes.data % 8) == (0, 4)


@pytest.mark.parametrize("kernel", [planted.flushes, planted.flushes_and_widens])
def test_a_kernel_that_leaves_another_environment(kernel: Any) -> None:
    asked = question("relu")
    batch = {"x": np.array([2.0**-149, -(2.0**-130), 1.0])}
    with changed("nothing"):  # and put back
        answer = of_function(kernel, arrays="numpy").answer(asked, batch)
        assert not is_standard()
    np.testing.assert_array_equal(answer.values, batch["x"])
    assert ("dtype" in answer.faults) == (kernel is planted.flushes_and_widens)
