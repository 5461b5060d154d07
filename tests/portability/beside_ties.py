"""The committed inputs whose exact results lie beside ties, as cases: `python -m scripts.ties` finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import refacts
from tests.portability.cases import Case, gated_call, method
from tests.portability.integers import LAYOUTS, Layout

FILE = Path(__file__).parent / "beside_ties.txt"


class Entry(NamedTuple):
    """A line of the file: the operands, of which each is a row, and the result that is beside a tie."""

    name: str
    quantity: str
    layout: Layout
    element: int
    operands: tuple[Any, ...]


def read(text: str) -> list[Entry]:
    """The entries of a text, a line each."""
    found = []
    for line in text.splitlines():
        name, quantity, fmt, element, *codes = line.split()
        layout = LAYOUTS[fmt]
        operands = tuple(layout.floats(_patterns(each, layout.bits // 4)) for each in codes)
        found.append(Entry(name, quantity, layout, int(element), operands))
    return found


def _patterns(code: str, digits: int) -> Any:
    each = [int(code[k : k + digits], 16) for k in range(0, len(code), digits)]
    return np.array(each, np.uint64)


def grouped(entries: list[Entry]) -> dict[tuple[str, str, str], list[Entry]]:
    """Entries by activation, quantity and format."""
    groups: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.name, entry.quantity, entry.layout.name), []).append(entry)
    return groups


def cases() -> Iterator[Case]:
    """All entries of an activation, quantity and format are one case."""
    for (name, quantity, fmt), entries in grouped(read(FILE.read_text(encoding="ascii"))).items():
        activation = getattr(refacts, name)
        yield Case(activation, quantity, LAYOUTS[fmt], call(activation, quantity, entries))


def call(activation: Any, quantity: str, entries: list[Entry]) -> Callable[[], list[Any]]:
    """The call for the operands of entries, one below the other."""
    operands = [np.stack(each) for each in zip(*(entry.operands for entry in entries), strict=True)]
    if activation.spec.kind == "rowwise":
        if operands[-1].shape[-1] == 1:  # a cotangent of logsumexp
            operands[-1] = operands[-1][:, 0]
        return lambda: [method(activation, quantity)(*operands)]
    flat = [each[:, 0] for each in operands]
    if activation.spec.kind == "gated":
        return gated_call(activation, quantity, flat)
    return lambda: [method(activation, quantity)(*flat)]
