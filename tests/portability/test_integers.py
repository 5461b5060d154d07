"""Inputs are made from integers alone, the same ones everywhere."""

from __future__ import annotations

import ast
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from tests.portability import integers
from tests.portability.integers import LAYOUTS, mixed, rows, words

formats = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)


def test_words_are_splitmix64() -> None:
    """The first numbers from state 0, as its authors' C code gives them."""
    published = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    assert words(0, 5).tolist()[1:] == published
    assert words(3, 4).tolist() != words(4, 4).tolist()


def test_inputs_are_those_of_every_machine() -> None:
    made = b"".join(
        layout.canonical_bytes(drawn)
        for layout in LAYOUTS.values()
        for drawn in (mixed(layout, 7, 100), rows(layout, 7, 22, 5))
    )
    assert sha256(made).hexdigest()[:16] == "09534978afb042d4"


def with_floats(source: str) -> list[str]:
    """What of a module's text makes floats: their literals, and divisions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if literal or isinstance(node, ast.Div):
            found.append(ast.dump(node))
    return found


def test_no_float_makes_an_input() -> None:
    assert with_floats(Path(integers.__file__).read_text(encoding="utf-8")) == []
    assert len(with_floats("x = 0.5 * n / 3")) == 2


@formats
def test_inputs_are_of_all_kinds(layout: integers.Layout) -> None:
    x = mixed(layout, 5, 4000).astype(np.float64)
    assert 0.8 < np.isfinite(x).mean() <= 1
    assert ((np.abs(x) > 0.01) & (np.abs(x) < 20)).mean() > 0.3
    assert 0.4 < (x < 0).mean() < 0.6
    drawn = rows(layout, 5, 220, 5).astype(np.float64)
    ordinary = np.isfinite(drawn).all(-1)
    assert np.isneginf(drawn).any(-1).mean() > 0.2
    assert ordinary.mean() > 0.5


@formats
def test_bytes_tell_zeros_and_neighbours_apart_but_not_nans(layout: integers.Layout) -> None:
    patterns = np.array([0, 1, layout.infinity, layout.infinity + 1, layout.minus_infinity + 3], np.uint64)
    size = layout.bits // 8
    made = layout.canonical_bytes(layout.floats(patterns))
    each = [made[k : k + size] for k in range(0, len(made), size)]
    assert len(set(each)) == 4
    assert each[3] == each[4]
    assert each[1] == b"\1" + bytes(size - 1)  # the least byte first
    zeros = layout.floats(np.array([0, 1 << (layout.bits - 1)], np.uint64))
    assert layout.canonical_bytes(zeros[:1]) != layout.canonical_bytes(zeros[1:])
