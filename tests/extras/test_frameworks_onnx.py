"""ONNX models as targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from refacts.reports.exits import UsageError
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import NoAnswerError

from tests.extras.frameworks import answered, near_refacts, reproduces, target, unsteady
from tests.targets.asking import by_refacts, numbers, question

FLOAT, DOUBLE, HALF = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16


def model(
    folder: Path, operator: str, shape: Any, kind: int = FLOAT, to: int | None = None, **attributes: Any
) -> str:
    """The path of a model of one operator, and a cast if it has another type of output."""
    nodes = [helper.make_node(operator, ["x"], ["t"], **attributes)]
    nodes.append(helper.make_node("Cast", ["t"], ["y"], to=to or kind))
    x = helper.make_tensor_value_info("x", kind, shape)
    y = helper.make_tensor_value_info("y", to or kind, None)
    graph = helper.make_graph(nodes, "graph", [x], [y])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / f"{operator.lower()}.onnx"
    onnx.save(made, path)
    return str(path)


@pytest.mark.parametrize("shape", [["n"], [None], ["m", "n"], [1, "n"], ["n", 1], [16], [3, 5], [2, "n", 3]])
def test_elements_in_any_shape(tmp_path: Path, shape: Any) -> None:
    found = target(model(tmp_path, "Tanh", shape))
    assert found.said.endswith("tanh.onnx gets arrays of onnxruntime, on the CPU")
    asked = question("tanh")
    batch = numbers(asked)
    near_refacts(asked, batch, answered(found, asked, batch))
    reproduces(found, asked)


@pytest.mark.parametrize(("kind", "fmt"), [(FLOAT, "float32"), (HALF, "float16"), (DOUBLE, "float64")])
def test_formats(tmp_path: Path, kind: int, fmt: str) -> None:
    found = target(model(tmp_path, "Relu", ["n"], kind))
    asked = question("relu", "value", fmt)
    batch = numbers(asked)
    np.testing.assert_array_equal(answered(found, asked, batch), by_refacts(asked, batch))
    other = question("relu", "value", "float64" if fmt != "float64" else "float32")
    assert found.covers(other).startswith(f"its input is {found._input.type}, no float")  # type: ignore[attr-defined]
    assert found.covers(question("relu", "vjp", fmt)) == "an ONNX model has only its value"
    assert found.covers(question("relu", "value", "bfloat16")).endswith("no bfloat16")


def test_two_formats(tmp_path: Path) -> None:
    path = model(tmp_path, "Relu", ["n"], FLOAT, HALF)
    asked = question("relu", "value", "float32:float16")
    assert target(path).answer(asked, numbers(asked)).faults == {}
    alone = question("relu")
    faults = target(path).answer(alone, numbers(alone)).faults
    assert faults == {"dtype": "returned float16, want float32"}


def test_rows(tmp_path: Path) -> None:
    asked = question("softmax")
    batch = numbers(asked)
    found = target(model(tmp_path, "Softmax", ["m", "n"], axis=-1))
    near_refacts(asked, batch, answered(found, asked, batch))
    reproduces(found, asked)
    wrong = target(model(tmp_path, "Softmax", ["m", "n"], axis=0))
    with pytest.raises(AssertionError):  # the control: along the other axis
        near_refacts(asked, batch, answered(wrong, asked, batch))
    flat = target(model(tmp_path, "Softmax", ["n"], axis=-1))
    assert flat.covers(asked) == "its input has 1 dimensions, not the 2 of rows"
    reduced = question("logsumexp")
    summed = target(model(tmp_path, "ReduceLogSumExp", ["m", "n"], axes=[-1], keepdims=0))
    near_refacts(reduced, numbers(reduced), answered(summed, reduced, numbers(reduced)))


def test_another_shape(tmp_path: Path) -> None:
    found = target(model(tmp_path, "ReduceSum", ["n"], keepdims=1))
    asked = question("tanh")
    with pytest.raises(NoAnswerError, match=r"returned shape \(1,\), want \(40,\)"):
        found.answer(asked, numbers(asked))


def test_in_a_process(tmp_path: Path) -> None:
    asked = question("tanh")
    with Session(TargetSpec(model(tmp_path, "Tanh", ["n"]))) as session:
        assert session.arrays == "onnx"
        assert {each.kind for each in unsteady(session, asked)} <= {"unsteady"}


def test_what_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "text.onnx"
    for sentence, make in [
        (f"there is no file {path}", lambda: None),
        (f"{path} cannot be loaded: InvalidProtobuf: ", lambda: path.write_text("text")),
    ]:
        make()
        with pytest.raises(UsageError) as caught:
            target(str(path))
        assert str(caught.value).startswith(sentence)
    nodes = [helper.make_node("Add", ["a", "b"], ["y"])]
    values = [helper.make_tensor_value_info(name, FLOAT, ["n"]) for name in "aby"]
    graph = helper.make_graph(nodes, "graph", values[:2], values[2:])
    two = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(two, path)
    with pytest.raises(UsageError, match=r"must have one input and one output \(got 2 and 1\)"):
        target(str(path))
