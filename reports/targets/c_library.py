"""A C function of a shared library: of arrays, ``void f(const T *x, T *y, size_t n)``, or ``T f(T)``."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Bits
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.frameworks.arrays import laid_out
from refacts.reports.targets.loaded import Computed, Described, Loaded, Patterns
from refacts.reports.targets.returned import rounded

LIBRARY = re.compile(r"\.(so(\.\d+)*|dylib|dll)$")
SCALARS: dict[str, Any] = {"float32": ctypes.c_float, "float64": ctypes.c_double}
GUARD = 64  # elements on either side of y
UNTOUCHED = 0xA5  # in each byte of the guards


class CLibrary(Loaded):
    """A C function by pointers or by numbers; a backward one takes g after x."""

    def __init__(self, text: str, backward: str | None, *, scalar: bool) -> None:
        written = WrittenC(text, backward, scalar)
        layouts = ("plain",) if scalar else ("plain", "offset")
        kind = "C numbers, one a call" if scalar else "C arrays"
        super().__init__(Described(text, "c", f"{text} gets {kind}", layouts, written))
        self._scalar = scalar
        self._f = _symbol(text)
        self._backward = None if backward is None else _symbol(backward)

    def covers(self, question: Question) -> str:
        """The value of elementwise functions, and what a backward function gives."""
        if question.kind != "elementwise":
            return f"a C function is asked for elementwise activations only, not {question.kind} ones"
        for fmt in (question.source, question.output):
            if self._scalar and fmt.name not in SCALARS:
                return f"a C function of a number takes float or double, no {fmt.name}"
        if question.quantity == "value":
            return ""
        if self._backward is None:
            return "a C function has no derivatives: --backward names one for them"
        if question.quantity == "vjp":
            return ""
        if question.quantity == "derivative" and question.source == question.output:
            return ""
        return "a backward function gives VJPs, and derivatives in one format"

    def compute(self, question: Question, operands: Patterns, layout: str) -> Computed:
        """Call it, and look at x, and beyond the ends of y."""
        given = dict(operands)
        function: Any = self._f
        if question.quantity != "value":
            function = self._backward
            given.setdefault("g", np.full_like(given["x"], question.source.bit_patterns(1.0)))
        if self._scalar:
            return Computed(_one_by_one(function, question, given), {})
        handed = {name: laid_out(bits, layout) for name, bits in given.items()}
        n = len(given["x"])
        lead = GUARD + (layout == "offset")
        room, y = _guarded(lead, n, question.result)
        function.argtypes = [ctypes.c_void_p] * (len(handed) + 1) + [ctypes.c_size_t]
        function.restype = None
        function(*(array.ctypes.data for array in (*handed.values(), y)), n)
        faults = {}
        changed = [name for name, array in handed.items() if not np.array_equal(array, given[name])]
        if changed:
            faults["input"] = f"changed {' and '.join(changed)}"
        if (room[:lead].view(np.uint8) != UNTOUCHED).any():
            faults["bounds"] = "wrote before the start of y"
        if (room[lead + n :].view(np.uint8) != UNTOUCHED).any():
            faults["bounds"] = "wrote beyond the end of y"
        return Computed(y.copy(), faults)


def _one_by_one(function: Any, question: Question, given: Patterns) -> Bits:
    function.argtypes = [SCALARS[question.format_of(name).name] for name in given]
    function.restype = SCALARS[question.result.name]
    columns = [bits.view(question.format_of(name).dtype).tolist() for name, bits in given.items()]
    return rounded(np.array(list(map(function, *columns)), np.float64), question.result)


def _guarded(lead: int, n: int, fmt: Format) -> tuple[Bits, Bits]:
    """Memory for n results with guards around it, and the part for them, which is NaN before."""
    room: Bits = np.full((lead + n + GUARD) * fmt.bits // 8, UNTOUCHED, np.uint8).view(fmt.unsigned)
    y: Bits = room[lead : lead + n]
    y[...] = fmt.bit_patterns(np.nan)
    return room, y


def is_library(text: str) -> bool:
    """Whether the text names a symbol of a shared library."""
    return bool(LIBRARY.search(text.rpartition(":")[0]))


def _symbol(text: str) -> Any:
    path, _, name = text.rpartition(":")
    local = Path(path)
    try:
        library = ctypes.CDLL(str(local.resolve()) if local.exists() else path)
    except OSError as error:
        raise UsageError(f"{path} cannot be loaded: {error}") from error
    try:
        return library[name]
    except AttributeError as error:
        raise UsageError(f"{path} has no symbol {name!r}") from error


@dataclass(frozen=True)
class WrittenC:
    """A C function by its text."""

    text: str
    backward: str | None
    scalar: bool

    def line(self, question: Question, operands: dict[str, list[str]]) -> str:
        """One line of Python that prints the results for operands given as hex floats."""
        given = dict(operands)
        text = self.text
        if question.quantity != "value" and self.backward is not None:
            text = self.backward
            given.setdefault("g", ["1"] * len(given["x"]))
        path, _, name = text.rpartition(":")
        local = str(Path(path).resolve()) if Path(path).exists() else path
        f = f"import ctypes; f = ctypes.CDLL({local!r})[{name!r}]; h = float.fromhex"
        types = [_c_name(question.format_of(operand)) for operand in given]
        columns = [f"[{', '.join(f'h({number!r})' for number in numbers)}]" for numbers in given.values()]
        result = _c_name(question.result)
        if self.scalar:
            return (
                f"{f}; f.argtypes = [{', '.join(types)}]; f.restype = {result}; "
                f"print(*(v.hex() for v in map(f, {', '.join(columns)})))"
            )
        if "ctypes.c_uint16" in (result, *types):  # bits in, bits out
            columns = [
                f"[{', '.join(str(int(_bits(question, operand, number))) for number in numbers)}]"
                for operand, numbers in given.items()
            ]
            f, shown = f.removesuffix("; h = float.fromhex"), "print(*map(hex, y))"
        else:
            shown = "print(*map(float.hex, y))"
        n = len(given["x"])
        made = "; ".join(
            f"{operand} = ({kind} * {n})(*{column})"
            for operand, kind, column in zip(given, types, columns, strict=True)
        )
        return f"{f}; {made}; y = ({result} * {n})(); f({', '.join(given)}, y, ctypes.c_size_t({n})); {shown}"


def _c_name(fmt: Format) -> str:
    return {"float32": "ctypes.c_float", "float64": "ctypes.c_double"}.get(fmt.name, "ctypes.c_uint16")


def _bits(question: Question, operand: str, number: str) -> Any:
    return question.format_of(operand).bit_patterns(float.fromhex(number))
