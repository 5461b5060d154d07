"""The arrays that a test gives its assertion: which question they are of, and their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Bits, Floats
from refacts.reports.inputs import points
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.quantities import quantity_named
from refacts.reports.question import Batch, Question, pair
from refacts.reports.targets.frameworks import arrays_of
from refacts.reports.targets.frameworks.arrays import Arrays

_LIBRARIES = {"torch": "torch", "jax": "jax", "jaxlib": "jax", "tensorflow": "tensorflow"}
_QUANTITIES = {
    "elementwise": ("value", "derivative", "vjp", "jvp"),
    "rowwise": ("value", "vjp", "jvp"),
    "gated": ("value", "vjp_a", "vjp_b", "jvp"),
}


@dataclass(frozen=True)
class Given:
    """Operands by name, as float64 of their formats, and the shape that results have.

    whole: the operands as they were given, as bit patterns: their shape, and in NumPy how they lie in memory.
    """

    question: Question
    batch: Batch
    shape: tuple[int, ...]
    library: str
    whole: dict[str, Bits]

    def pieces(self) -> Iterator[Batch]:
        """The operands in shards."""
        first = next(iter(self.batch.values()))
        step = points.SHARD if first.ndim == 1 else max(1, points.SHARD // max(first.shape[1], 1))
        for k in range(0, max(len(first), 1), step):
            yield {name: values[k : k + step] for name, values in self.batch.items()}


def given(activation: Any, quantity: str, formats: str | None, arrays: dict[str, Any]) -> Given:
    """The question that arrays of operands are of; ValueError or TypeError where they are of none.

    arrays: x, and g or v; a (the caller's x) and b and so on of a gated unit. formats: by default that of x,
    or a.
    """
    f = activation_of(activation)
    quantity = quantity_of(f, quantity)
    if formats is not None and not isinstance(formats, str):
        raise TypeError(f"format must be a text such as 'float32:bfloat16' (got {formats!r})")
    read = {name: _read(array, name) for name, array in arrays.items()}
    _, own, library = next(iter(read.values()))
    source, output = pair(own.name if formats is None else formats)
    question = Question(f, quantity, source, output)
    if set(question.operands) != set(read):
        said = ", ".join("x (its a)" if name == "a" else name for name in question.operands)
        got = ", ".join("x" if name == "a" else name for name in read)
        raise ValueError(f"{quantity} of {f.spec.name} takes {said} (got {got})")
    batch, shape = {}, read[question.operands[0]][0].shape
    question = replace(question, activation=along_last(f, len(shape)))
    if question.kind == "rowwise" and not shape:
        raise ValueError("x must have rows: at least one dimension (got shape ())")
    forward = replace(question, quantity="value")
    for name in question.operands:
        values, fmt, _ = read[name]
        dimensions = shape[:-1] if name == "g" and forward.reduces else shape
        if values.shape != dimensions:
            raise ValueError(f"{name} must have shape {dimensions} (got {values.shape})")
        if fmt != question.format_of(name):
            raise TypeError(f"{name} must be {question.format_of(name).name} (got {fmt.name})")
        rows = question.kind == "rowwise" and dimensions == shape
        batch[name] = values.reshape(-1, shape[-1]) if rows else values.ravel()
    results = shape[:-1] if question.reduces else shape
    if 0 in shape:
        raise ValueError(f"x must not be empty: nothing would be judged (got shape {shape})")
    whole = {name: _patterns(arrays[name], library) for name in question.operands}
    return Given(question, batch, results, library, whole)


def activation_of(given: Any) -> Any:
    """The activation that a name or an object is; TypeError or ValueError for anything else."""
    if isinstance(given, str):
        return activation_named(given)
    if isinstance(given, type) or not hasattr(given, "spec"):
        example = "a name such as 'gelu' or an object such as refacts.LeakyReLU(alpha=0.01)"
        raise TypeError(f"the activation must be {example} (got {given!r:.60})")
    arrays = [name for name, value in given.parameters.items() if np.ndim(value)]
    if arrays:
        raise ValueError(f"{arrays[0]} must be one number to be judged: give each its own part of x")
    if getattr(given, "keepdims", False):
        raise ValueError("keepdims must be False: results have one dimension less than x")
    return given


def along_last(f: Any, dimensions: int = 2) -> Any:
    """A row-wise activation along the last axis; ValueError for one along another."""
    axis = getattr(f, "axis", -1)
    if axis not in (-1, dimensions - 1):
        raise ValueError(f"axis must be the last one: move it there with np.moveaxis (got {axis})")
    return f if axis == -1 else replace(f, axis=-1)


def quantity_of(activation: Any, given: Any) -> str:
    """The quantity of a name, gradient being the derivative; TypeError or ValueError for none."""
    if not isinstance(given, str):
        raise TypeError(f"quantity must be a text (got {given!r:.60})")
    known = _QUANTITIES[activation.spec.kind]
    if quantity_named(given) not in known:
        name = activation.spec.name
        raise ValueError(f"quantity of {name} must be one of {', '.join(known)} (got {given!r:.60})")
    return quantity_named(given)


def integer(name: str, given: Any) -> int:
    """An integer, NumPy's too; TypeError for anything else."""
    if isinstance(given, bool | np.bool_) or not hasattr(given, "__index__"):
        raise TypeError(f"{name} must be an integer (got {given!r:.60})")
    return int(given.__index__())


def _library(array: Any) -> str:
    return _LIBRARIES.get(type(array).__module__.partition(".")[0], "numpy")


def _read(array: Any, name: str) -> tuple[Floats, Format, str]:
    """The values of an array, their format, and whose array it is."""
    library = _library(array)
    arrays: Arrays = arrays_of(library)
    held = np.asarray(array) if library == "numpy" else array
    dtype = arrays.dtype(held)
    if dtype not in FORMATS:
        raise TypeError(f"{name} must hold numbers of {', '.join(FORMATS)} (got {dtype})")
    return FORMATS[dtype].decode(arrays.patterns(held)), FORMATS[dtype], library


def results_of(got: Any, inputs: Given) -> Floats:
    """An array of results, flat; ValueError or TypeError for one of another shape or format."""
    values, fmt, _ = _read(got, "the results")
    if values.shape != inputs.shape:
        raise ValueError(f"the results must have shape {inputs.shape} (got {values.shape})")
    if fmt != inputs.question.result:
        raise TypeError(f"the results must be {inputs.question.result.name} (got {fmt.name})")
    return values.ravel()


def _patterns(array: Any, library: str) -> Bits:
    """The bits of an operand, of its shape; of NumPy's arrays a view, which has their strides."""
    held = np.asarray(array) if library == "numpy" else array
    arrays: Arrays = arrays_of(library)
    fmt = FORMATS[arrays.dtype(held)]
    if library == "numpy" and held.dtype.isnative:
        found: Bits = np.atleast_1d(held.view(fmt.unsigned))
        return found
    return np.atleast_1d(arrays.patterns(held))
