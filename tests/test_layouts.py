"""Byte order, alignment, strides and flags of every operand: the bits of the native contiguous copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from refacts import formats
from tests.layouts import LAYOUTS, agree, calls, operands_of
from tests.strategies import FORMAT_NAMES

every = pytest.mark.parametrize("kernel", refacts.CATALOGUE, ids=lambda f: f.spec.name)
every_format = pytest.mark.parametrize("fmt", FORMAT_NAMES)


def check_operands(kernel: Any, fmt: str) -> None:
    """Each operand in each layout beside plain others, then all of them together."""
    for call in calls(kernel):
        plain = operands_of(call, FORMATS[fmt].dtype)
        want = call(plain)
        for layout, lay_out in LAYOUTS.items():
            for names in (*((name,) for name in plain), tuple(plain)):
                operands = {name: lay_out(a) if name in names else a for name, a in plain.items()}
                before = [a.tobytes() for a in operands.values()]
                found = call(operands)
                said = f"{call}: {', '.join(names)} {layout} in {fmt}"
                assert agree(found, want), said
                for y in found if isinstance(found, tuple) else (found,):
                    assert y.dtype.isnative, f"{said}: the result is not native"
                assert before == [a.tobytes() for a in operands.values()], f"{said}: changed"


def check_out(kernel: Any, fmt: str) -> None:
    """`out` in each layout gets the same bits and is returned, in its own byte order."""
    for call in calls(kernel):
        if not call.takes_out:
            continue
        plain = operands_of(call, FORMATS[fmt].dtype)
        want = call(plain)
        several = isinstance(want, tuple)
        for layout, lay_out in LAYOUTS.items():
            outs = [lay_out(np.full_like(y, 7)) for y in (want if several else (want,))]
            if layout == "read-only":
                with pytest.raises(ValueError, match="out must be writeable"):
                    call(plain, tuple(outs) if several else outs[0])
                continue
            dtypes = [out.dtype for out in outs]
            found = call(plain, tuple(outs) if several else outs[0])
            said = f"{call}: out {layout} in {fmt}"
            assert all(a is b for a, b in zip(found if several else [found], outs, strict=True)), said
            assert agree(found, want), said
            assert dtypes == [out.dtype for out in outs], said


@every_format
@every
def test_operands_in_any_layout(kernel: Any, fmt: str) -> None:
    check_operands(kernel, fmt)


@every_format
@every
def test_out_in_any_layout(kernel: Any, fmt: str) -> None:
    check_out(kernel, fmt)


def test_a_byte_order_left_in_place_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: bits read in native order, whatever the order of the array."""
    wrong = formats.Format("bfloat16", 8, -126, 127, FORMATS["bfloat16"].dtype.newbyteorder())
    monkeypatch.setattr("refacts.operands.format_of", lambda dtype: wrong)
    with pytest.raises(AssertionError, match="byte-swapped|not native"):
        check_operands(refacts.relu, "bfloat16")


@every_format
def test_repeated_operands(fmt: str) -> None:
    """Operands and masks whose strides are 0, as broadcasting makes them."""
    row = np.linspace(-3, 3, 5).astype(FORMATS[fmt].dtype)
    x = np.broadcast_to(row, (4, 5))
    mask = np.broadcast_to(np.array([True, False, True, True, True]), (4, 5))
    for kernel in refacts.CATALOGUE:
        if kernel.spec.kind == "elementwise":
            assert agree(kernel(x), kernel(x.copy()))
            assert agree(kernel.vjp(x, x), kernel.vjp(x.copy(), x.copy()))
        elif kernel.spec.kind == "rowwise":
            assert agree(kernel(x, where=mask), kernel(x.copy(), where=mask.copy()))
            assert agree(kernel.jvp(x, x, where=mask), kernel.jvp(x.copy(), x.copy(), where=mask.copy()))


def test_big_endian_bfloat16_of_the_first_report() -> None:
    dtype = FORMATS["bfloat16"].dtype
    x = np.array([1, -2, 0.5, 3], dtype).astype(dtype.newbyteorder(">"))
    y = refacts.sigmoid(x)
    assert y.dtype == dtype
    assert y.astype(float).tolist() == [0.73046875, 0.119140625, 0.62109375, 0.953125]
