"""An ONNX model with one input and one output, run by onnxruntime on the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles import FORMATS
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.frameworks.numpy_arrays import NumpyArrays
from refacts.reports.targets.halves import end_to_end, halves_joined, joined
from refacts.reports.targets.loaded import Computed, Described, Loaded, Patterns, described, wanted_shape
from refacts.reports.targets.target import NoAnswerError

TYPES = {"tensor(float16)": "float16", "tensor(float)": "float32", "tensor(double)": "float64"}


class OnnxModel(Loaded):
    """The value by a model. A shape that the model fixes is filled with elements, piece by piece.

    ``model``: its bytes, where ``text`` names no file.
    """

    def __init__(self, text: str, model: bytes | None = None) -> None:
        if find_spec("onnxruntime") is None:
            raise UsageError("onnxruntime is missing: pip install onnxruntime")
        if model is None and not Path(text).is_file():
            raise UsageError(f"there is no file {text}")
        import onnxruntime

        try:
            given = text if model is None else model
            self._session: Any = onnxruntime.InferenceSession(given, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each way to fail
            raise UsageError(f"{text} cannot be loaded: {described(error)}") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise UsageError(
                f"{text} must have one input and one output (got {len(inputs)} and {len(outputs)})"
            )
        self._input = inputs[0]
        sides = tuple(side if isinstance(side, int) else None for side in self._input.shape)
        said = f"{text} gets arrays of onnxruntime, on the CPU"
        super().__init__(Described(text, "onnx", said, ("plain",), WrittenModel(text, sides)))
        self._sides = sides

    def covers(self, question: Question) -> str:
        """The value, in the format of the model's input; of one array."""
        if question.quantity != "value":
            return "an ONNX model has only its value"
        if question.kind == "gated" and not joined(question):
            return "an ONNX model with one input has no place for two"
        if question.source.name != TYPES.get(self._input.type):
            return f"its input is {self._input.type}, no {question.source.name}"
        if question.kind == "rowwise" and len(self._sides) not in (0, 2):
            return f"its input has {len(self._sides)} dimensions, not the 2 of rows"
        return ""

    def compute(self, question: Question, operands: Patterns, layout: str) -> Computed:
        """Run it."""
        given = halves_joined(operands, end_to_end) if joined(question) else operands
        x = given["x"].copy().view(question.source.dtype)
        shape = wanted_shape(question, operands)
        if question.kind == "elementwise":
            found: Any = self._elements(x)
        else:
            found = self._run(x)
        patterns, faults = NumpyArrays().result(found, question.result, shape)
        if not np.array_equal(x.view(question.source.unsigned), given["x"]):
            faults["input"] = "changed x"
        return Computed(patterns, faults)

    def _run(self, x: npt.NDArray[Any]) -> Any:
        return self._session.run(None, {self._input.name: x})[0]

    def _elements(self, x: npt.NDArray[Any]) -> Any:
        """All elements, in arrays of the shape that the model wants; the last is filled up with zeros."""
        wanted = array_shape(self._sides, x.size)
        size = int(np.prod(wanted))
        pieces = []
        for start in range(0, x.size, size):
            piece = np.zeros(size, x.dtype)
            part = x[start : start + size]
            piece[: len(part)] = part
            found = self._run(piece.reshape(wanted))
            if np.shape(found) != wanted:
                raise NoAnswerError("shape", f"returned shape {np.shape(found)}, want {wanted}")
            pieces.append(np.ravel(found)[: len(part)])
        return np.concatenate(pieces)


def array_shape(sides: tuple[int | None, ...], n: int) -> tuple[int, ...]:
    """The shape for n elements: the last side that the model leaves open is long, other open ones are 1."""
    if not sides:
        return (n,)
    fixed = int(np.prod([side for side in sides if side is not None]))
    left = -(-n // max(fixed, 1))
    found = []
    for side in reversed(sides):
        found.append(left if side is None else side)
        left = 1 if side is None else left
    return tuple(reversed(found))


@dataclass(frozen=True)
class WrittenModel:
    """A model by its file."""

    text: str
    sides: tuple[int | None, ...]

    def line(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python that prints the results for operands given as hex floats, of one row."""
        numbers = [number for name in question.operands for number in operands[name]]
        shape = (1, len(numbers)) if question.kind == "rowwise" else array_shape(self.sides, len(numbers))
        size = int(np.prod(shape))
        fill = f" + [0.0] * {size - len(numbers)}" if size > len(numbers) else ""
        text = f"[{', '.join(f'h({number!r})' for number in numbers)}]{fill}"
        return (
            "import numpy as np, onnxruntime; h = float.fromhex; "
            f"s = onnxruntime.InferenceSession({self.text!r}, providers=['CPUExecutionProvider']); "
            f"x = np.array({text}, {FORMATS[question.source.name].name!r}).reshape({shape}); "
            "y = s.run(None, {s.get_inputs()[0].name: x})[0]; "
            f"print(*map(float.hex, y.astype(float).ravel()[:{len(numbers)}].tolist()))"
        )
