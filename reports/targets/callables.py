"""A Python callable as a target: what it is called with, and what is read from what it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from refacts.oracles.numbers.formats import Bits
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.differentiation import (
    ByKernel,
    ByLibrary,
    ByMethods,
    Way,
    has_methods,
    in_format,
)
from refacts.reports.targets.frameworks import arrays_of
from refacts.reports.targets.frameworks.arrays import Arrays
from refacts.reports.targets.frameworks.guess import NOUNS, guessed
from refacts.reports.targets.halves import end_to_end, halves_joined, joined
from refacts.reports.targets.loaded import Computed, Described, Loaded, Patterns, wanted_shape
from refacts.reports.targets.naming import Named, parameters_of
from refacts.reports.targets.target import NoAnswerError
from refacts.reports.targets.written import WrittenCallable

PARTS = {"vjp_a": 0, "vjp_b": 1}  # of the results


class CallableTarget(Loaded):
    """A callable of arrays; its derivatives by a backward kernel, by its methods or by its library.

    ``call``: arguments by name that every call gets. ``row_call``: those that calls with rows get beside.
    """

    def __init__(
        self,
        described: Described,
        f: Callable[..., Any],
        arrays: Arrays,
        *,
        backward: Callable[..., Any] | None = None,
        call: dict[str, Any],
        row_call: dict[str, Any],
    ) -> None:
        super().__init__(described)
        self._f, self._arrays = f, arrays
        self._call, self._row_call = call, row_call
        self._backward = backward

    def note(self, question: Question) -> str:
        """Which dimension rows have, where the user did not say."""
        given = self._row_call if question.kind == "rowwise" else {}
        return ", ".join(f"{name}={value}" for name, value in given.items())

    def covers(self, question: Question) -> str:
        """By the library's formats and by what leads to the quantity."""
        for fmt in (question.source, question.output):
            lacking = self._arrays.covers(fmt)
            if lacking:
                return lacking
        return "" if question.quantity == "value" else self._way(question)[0]

    def compute(self, question: Question, operands: Patterns, layout: str) -> Computed:
        """Call it on fresh arrays, and see afterwards whether it changed them."""
        given = halves_joined(operands, end_to_end) if joined(question) else operands
        lead = len(question.operands) - len(_followers(question))
        with self._arrays.scope(question):
            make = self._arrays.array
            handed = {name: make(bits, question.format_of(name), layout) for name, bits in given.items()}
            faults: dict[str, str] = {}
            found = self._results(question, list(handed.values()), 1 if joined(question) else lead, faults)
            patterns, wrong = self._read(question, found, operands)
            left = {name: self._arrays.patterns(array) for name, array in handed.items()}
        changed = [name for name, bits in left.items() if not np.array_equal(bits, given[name])]
        faults |= wrong
        if changed:
            faults["input"] = f"changed {' and '.join(changed)}"
        return Computed(patterns, faults)

    def _results(self, question: Question, given: Sequence[Any], lead: int, faults: dict[str, str]) -> Any:
        xs, rest = given[:lead], given[lead:]
        if question.quantity == "value":
            return self._called(question)(*xs)
        sentence, way = self._way(question)
        if way is None:
            raise NoAnswerError("type", sentence)
        return way.results(question, xs, rest, faults)

    def _read(self, question: Question, found: Any, operands: Patterns) -> tuple[Bits, dict[str, str]]:
        shape = wanted_shape(question, operands)
        part = PARTS.get(question.quantity)
        if part is None:
            return self._arrays.result(found, question.result, shape)
        if joined(question):
            whole = (*shape[:-1], 2 * shape[-1])
            patterns, faults = self._arrays.result(found, question.result, whole)
            return np.split(patterns, 2, axis=-1)[part], faults
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise NoAnswerError("type", f"returned {type(found).__name__}, want two arrays")
        return self._arrays.result(found[part], question.result, shape)

    def lives(self) -> bool:
        """Whether a number can be put on its device and read."""
        return self._arrays.lives()

    def _called(self, question: Question) -> Callable[..., Any]:
        keywords = {**self._keywords(question), **(in_format(question) if has_methods(self._f) else {})}
        return partial(self._f, **keywords) if keywords else self._f

    def _keywords(self, question: Question) -> dict[str, Any]:
        return {**(self._row_call if question.kind == "rowwise" else {}), **self._call}

    def _way(self, question: Question) -> tuple[str, Way | None]:
        """The first way that leads to the quantity, or the last one's reason why not."""
        ways: list[Way] = []
        if self._backward is not None:
            keywords = self._keywords(question)
            known = {name: value for name, value in keywords.items() if name in parameters_of(self._backward)}
            ways.append(ByKernel(partial(self._backward, **known), self._arrays))
        if has_methods(self._f):
            ways.append(ByMethods(self._f))
        elif self._arrays.differentiates or not ways:
            ways.append(ByLibrary(self._called(question), self._arrays))
        for way in ways:
            sentence = way.covers(question)
            if not sentence:
                return "", way
        return sentence, None


def _followers(question: Question) -> tuple[str, ...]:
    """The operands beside those of the function."""
    return tuple(name for name in question.operands if name not in ("x", "a", "b"))


def of_named(
    text: str,
    named: Named,
    *,
    arrays: str | None,
    device: str | None,
    backward: Named | None,
    call: dict[str, Any],
    probing: Callable[[str], None] = lambda likely: None,
) -> CallableTarget:
    """The target that a text names; UsageError if its arrays cannot be had."""
    keywords = {} if named.made else call  # the class had them
    row_call = {} if {"dim", "axis"} & keywords.keys() else _row_call(named)
    if arrays is None:
        own, reason = guessed(named.found, named.root, row_call, device, probing)
    else:
        own, reason = arrays_of(arrays, device), f"{NOUNS.get(arrays, arrays)}, as --arrays says"
    if backward is not None and not callable(backward.found):
        raise UsageError(f"--backward {backward.expression} is not callable")
    written = WrittenCallable(
        own.name,
        named.setup,
        named.expression,
        keywords,
        row_call,
        methods=has_methods(named.found),
        backward=(backward.setup, backward.expression) if backward else None,
        device=device,
    )
    if named.made and device is not None and callable(getattr(named.found, "to", None)):
        named.found.to(device)  # a torch.nn.Module
    return CallableTarget(
        Described(text, own.name, f"{text} gets {reason}", own.layouts, written),
        named.found,
        own,
        backward=backward.found if backward else None,
        call=keywords,
        row_call=row_call,
    )


def of_function(
    function: Callable[..., Any],
    *,
    arrays: str | None = None,
    backward: Callable[..., Any] | None = None,
    call: dict[str, Any] | None = None,
    name: str = "",
) -> CallableTarget:
    """The target that a Python object is: a function, a lambda, a closure, an object of refacts."""
    if not callable(function):
        raise UsageError(f"the kernel is not callable: {function!r}")
    text = name or str(getattr(function, "__qualname__", type(function).__qualname__))
    behind = None if backward is None else Named(backward, "", "backward")
    here = Named(function, "", "kernel")
    return of_named(text, here, arrays=arrays, device=None, backward=behind, call=call or {})


def _row_call(named: Named) -> dict[str, Any]:
    """How a function is told that rows lie along the last axis, where it can be told."""
    parameters = parameters_of(named.found)
    if not parameters and named.root == "torch":  # builtins of torch have no signature
        return {"dim": -1}
    return next(({name: -1} for name in ("dim", "axis") if name in parameters), {})
