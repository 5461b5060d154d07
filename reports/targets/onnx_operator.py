"""An operator of ONNX as a target: "onnx:Gelu", in a model of one node, made when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.loaded import Computed, Described, Loaded, Patterns
from refacts.reports.targets.naming import near
from refacts.reports.targets.onnx_model import OnnxModel
from refacts.reports.targets.target import NoAnswerError

PREFIX = "onnx:"
TYPES = {"float16": "FLOAT16", "bfloat16": "BFLOAT16", "float32": "FLOAT", "float64": "DOUBLE"}
OPSET, IR = 24, 10  # Swish came with 24; onnxruntime 1.18 and later read IR 10


class OnnxOperator(Loaded):
    """The value by onnxruntime, in each format that it has a kernel for; ``attributes`` of the node."""

    def __init__(self, text: str, attributes: dict[str, Any]) -> None:
        for module in ("onnx", "onnxruntime"):
            if find_spec(module) is None:
                raise UsageError(f"{module} is missing: pip install onnx onnxruntime")
        import onnx

        self._operator, self._attributes = text.removeprefix(PREFIX), attributes
        names = {schema.name for schema in onnx.defs.get_all_schemas()}
        if self._operator not in names:
            raise UsageError(f"{text}: ONNX has no operator {self._operator!r}{near(self._operator, names)}")
        self._opset = min(OPSET, onnx.defs.onnx_opset_version())
        self._models: dict[tuple[str, int], OnnxModel] = {}
        written = WrittenOperator(self._operator, attributes, self._opset)
        said = f"{text} gets arrays of onnxruntime, on the CPU"
        super().__init__(Described(text, "onnx", said, ("plain",), written))

    def covers(self, question: Question) -> str:
        """The value, where onnxruntime loads a model of it."""
        if question.quantity != "value":
            return "an ONNX model has only its value"
        try:
            return self._model(question).covers(question)
        except UsageError as error:
            return str(error).rpartition(" : ")[2].removesuffix(" with name ''")

    def compute(self, question: Question, operands: Patterns, layout: str) -> Computed:
        """Run the model of that format."""
        try:
            model = self._model(question)
        except UsageError as error:
            raise NoAnswerError("raised", str(error)) from error
        return model.compute(question, operands, layout)

    def _model(self, question: Question) -> OnnxModel:
        """The model of a format, of one dimension or of rows."""
        key = (question.source.name, 2 if question.kind == "rowwise" else 1)
        if key not in self._models:
            import onnx
            from onnx import helper

            kind, sides = getattr(onnx.TensorProto, TYPES[key[0]]), ["m", "n"][-key[1] :]
            x, y = (helper.make_tensor_value_info(name, kind, sides) for name in "xy")
            try:
                node = helper.make_node(self._operator, ["x"], ["y"], **self._attributes)
            except (TypeError, ValueError) as error:
                raise UsageError(f"{self.name}: {error}") from error
            graph = helper.make_graph([node], "graph", [x], [y])
            opset = helper.make_opsetid("", self._opset)
            model = helper.make_model(graph, opset_imports=[opset], ir_version=IR)
            self._models[key] = OnnxModel(self.name, model.SerializeToString())
        return self._models[key]


@dataclass(frozen=True)
class WrittenOperator:
    """A model of one node by what it is made of."""

    operator: str
    attributes: dict[str, Any]
    opset: int

    def line(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python that prints the results for operands given as hex floats, of one row."""
        numbers = f"[{', '.join(f'h({number!r})' for number in operands['x'])}]"
        rows = question.kind == "rowwise"
        sides = "['m', 'n']" if rows else "['n']"
        given = "".join(f", {name}={value!r}" for name, value in self.attributes.items())
        kind = f"onnx.TensorProto.{TYPES[question.source.name]}"
        return (
            "import numpy as np, onnx, onnxruntime; o = onnx.helper; h = float.fromhex; "
            f"v = lambda name: o.make_tensor_value_info(name, {kind}, {sides}); "
            f"n = o.make_node({self.operator!r}, ['x'], ['y']{given}); "
            "g = o.make_graph([n], 'g', [v('x')], [v('y')]); "
            f"m = o.make_model(g, opset_imports=[o.make_opsetid('', {self.opset})], ir_version={IR}); "
            "s = onnxruntime.InferenceSession(m.SerializeToString(), providers=['CPUExecutionProvider']); "
            f"x = np.array({f'[{numbers}]' if rows else numbers}, {question.source.name!r}); "
            "print(*map(float.hex, s.run(None, {'x': x})[0].astype(float).ravel().tolist()))"
        )
