"""The three ways to a derivative: the library's own, a backward kernel, and methods like those of refacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from refacts.reports.question import Question
from refacts.reports.targets.frameworks.arrays import Arrays, Function

METHODS = {"derivative": "gradient", "vjp": "vjp", "vjp_a": "vjp", "vjp_b": "vjp", "jvp": "jvp"}


class Way(Protocol):
    """A way to a quantity other than the value."""

    def covers(self, question: Question) -> str:
        """Empty if it leads there, else a sentence that says why not."""
        ...

    def results(
        self, question: Question, xs: Sequence[Any], rest: Sequence[Any], faults: dict[str, str]
    ) -> Any:
        """The result, or one for each of xs in a tuple; faults of values on the way are added."""
        ...


@dataclass(frozen=True)
class ByLibrary:
    """The library differentiates ``f``. A derivative is the VJP of 1, the JVP of 1 to another format."""

    f: Function
    arrays: Arrays

    def covers(self, question: Question) -> str:
        """All but derivatives of rows."""
        if not self.arrays.differentiates:
            return "NumPy arrays are not differentiated: --backward names a kernel for that"
        if question.quantity == "derivative" and question.kind != "elementwise":
            return "its own library has VJPs and JVPs of rows, and no other derivative"
        return "" if question.quantity in METHODS else f"it has no {question.quantity}"

    def results(
        self, question: Question, xs: Sequence[Any], rest: Sequence[Any], faults: dict[str, str]
    ) -> Any:
        """By reverse or forward mode."""
        forward = question.quantity == "jvp"
        if question.quantity == "derivative":
            forward = question.source != question.output
            rest = [_ones(self.arrays, question, xs[0])]
        if forward:
            y, tangent = self.arrays.jvp(self.f, xs, rest)
            return tangent
        y, pulled = self.arrays.vjp(self.f, xs, rest[0])
        faults |= self.arrays.value_fault(y, question.output)
        return tuple(pulled) if len(xs) > 1 else pulled[0]


@dataclass(frozen=True)
class ByKernel:
    """A backward kernel ``(x, g) -> dx``, or ``(a, b, g) -> (da, db)``."""

    f: Function
    arrays: Arrays

    def covers(self, question: Question) -> str:
        """VJPs, and derivatives as VJPs of 1."""
        if question.quantity == "derivative":
            if question.kind == "elementwise" and question.source == question.output:
                return ""
            return "a backward kernel gives the derivative only of elementwise functions in one format"
        return "" if question.pulls_back else f"a backward kernel has no {question.quantity}"

    def results(
        self, question: Question, xs: Sequence[Any], rest: Sequence[Any], faults: dict[str, str]
    ) -> Any:
        """By one call."""
        g = rest[0] if question.pulls_back else _ones(self.arrays, question, xs[0])
        return self.f(*xs, g)


@dataclass(frozen=True)
class ByMethods:
    """An object with gradient, vjp and jvp that take and return NumPy arrays."""

    owner: Any

    def covers(self, question: Question) -> str:
        """What it has a method for."""
        if question.kind == "gated" and question.quantity == "derivative":
            return "the derivative of a gated unit is two"
        method = METHODS.get(question.quantity, question.quantity)
        return "" if callable(getattr(self.owner, method, None)) else f"it has no method {method}"

    def results(
        self, question: Question, xs: Sequence[Any], rest: Sequence[Any], faults: dict[str, str]
    ) -> Any:
        """By the method of that name, told the result's format where it is not x's."""
        return getattr(self.owner, METHODS[question.quantity])(*xs, *rest, **in_format(question))


def in_format(question: Question) -> dict[str, Any]:
    """The argument dtype= of refacts' methods, where formats differ."""
    return {} if question.source == question.output else {"dtype": question.result.dtype}


def has_methods(found: Any) -> bool:
    """Whether an object differentiates itself as those of refacts do."""
    return all(callable(getattr(found, method, None)) for method in ("gradient", "vjp", "jvp"))


def _ones(arrays: Arrays, question: Question, like: Any) -> Any:
    fmt = question.source
    return arrays.array(np.full(tuple(like.shape), fmt.bit_patterns(1.0), fmt.unsigned), fmt)
