"""Memory beside the operands and the result, as tracemalloc sees it: it does not grow with their number."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from refacts import blocks, rowwise
from tests.checks import same_bits
from tests.layouts import LAYOUTS, Call, agree, calls, operands_of
from tests.strategies import FORMAT_NAMES

LIMIT = 4 << 20
LONG_ROWS = 11  # float64 rows, beside that
every_format = pytest.mark.parametrize("fmt", FORMAT_NAMES)
ELEMENTS = [f for f in refacts.CATALOGUE if f.spec.kind != "rowwise"]
ROWS = [f for f in refacts.CATALOGUE if f.spec.kind == "rowwise"]
each_element = pytest.mark.parametrize("kernel", ELEMENTS, ids=lambda f: f.spec.name)
each_row = pytest.mark.parametrize("kernel", ROWS, ids=lambda f: f.spec.name)


def peak(call: Call, operands: dict[str, Any], out: Any = None) -> int:
    """The most bytes at any time beside the operands and what is returned."""
    tracemalloc.start()
    try:
        result = call(operands, out)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    several = result if isinstance(result, tuple) else (result,)
    return most - (0 if out is not None else sum(y.nbytes for y in several))


def large(
    call: Call, fmt: str, n: int, layout: Callable[[Any], Any] = np.ascontiguousarray
) -> dict[str, Any]:
    """About n ordinary numbers an operand, 499 of them subnormal; no call is the first."""
    dtype = FORMATS[fmt].dtype
    call(operands_of(call, dtype))
    operands = operands_of(call, dtype, (2, 3, n // 6))
    first = operands[call.names[0]].reshape(-1)
    bits = np.arange(1, 500, dtype=np.dtype(f"u{dtype.itemsize}"))
    first[: bits.size] = bits.view(dtype)
    return {name: layout(a) for name, a in operands.items()}


@every_format
@each_element
def test_elements_take_four_mebibytes(kernel: Any, fmt: str) -> None:
    for call in calls(kernel):
        most = []
        for n in (120_000, 240_000):  # each axis is longer than a block
            most.append(peak(call, large(call, fmt, n)))
            assert most[-1] <= LIMIT, f"{call} of {n} in {fmt}: {most[-1]} bytes"
        assert most[1] - most[0] <= grown(fmt, 120_000), f"{call} in {fmt}: {most} bytes"


def grown(fmt: str, n: int) -> int:
    """Half of what n more elements of one operand take, which a copy of it grows by."""
    return n * FORMATS[fmt].dtype.itemsize // 2


@every_format
@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan, 0.5])
def test_numbers_that_are_special_take_no_more(number: float, fmt: str) -> None:
    """All operands infinite or NaN, or half of them, each in its own way."""
    for kernel in (refacts.gelu, refacts.elu, refacts.prelu, refacts.swiglu, refacts.geglu, refacts.reglu):
        for call in calls(kernel):
            for every in (1, 2):
                operands = large(call, fmt, 60_000)
                for name, a in operands.items():
                    if name != "weight":
                        a.reshape(-1)[::every] = number
                most = peak(call, operands)
                assert most <= LIMIT, f"{call} of {number} in {fmt}: {most} bytes"


@every_format
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_take_no_more(layout: str, fmt: str) -> None:
    for kernel in (refacts.sigmoid, refacts.prelu, refacts.glu, refacts.swiglu):
        for call in calls(kernel):
            most = peak(call, large(call, fmt, 120_000, LAYOUTS[layout]))
            assert most <= LIMIT, f"{call} {layout} in {fmt}: {most} bytes"


SHIFTS = (0, 1, -1, 7, -1000)


@every_format
@pytest.mark.parametrize("kernel", [refacts.sigmoid, refacts.relu, refacts.elu], ids=lambda f: f.spec.name)
def test_out_overlaps_without_a_copy(kernel: Any, fmt: str) -> None:
    """`out` is an operand, or begins some elements before or after it, in memory of any stride."""
    for stride, shift, call in product((1, 3, -2), SHIFTS, calls(kernel)[:3]):
        most = [overlapping(call, fmt, n, stride, shift) for n in (50_000, 100_000)]
        assert max(most) <= LIMIT, f"{call} shifted by {shift} of stride {stride} in {fmt}: {most} bytes"
        sentence = f"{call} shifted by {shift} of stride {stride} in {fmt}: {most}"
        assert most[1] - most[0] <= grown(fmt, 50_000), sentence


def overlapping(call: Call, fmt: str, n: int, stride: int, shift: int) -> int:
    """The peak of a call whose `out` lies among its x, once its results are seen to be right."""
    whole = np.random.default_rng(0).normal(size=(n + 1000) * abs(stride)).astype(FORMATS[fmt].dtype)
    line = whole[::stride]
    x, out = line[max(-shift, 0) :][:n], line[max(shift, 0) :][:n]
    g = np.ones(n, x.dtype) * 3
    operands = {name: x if name == "x" else g for name in call.names}
    want = call({name: a.copy() for name, a in operands.items()})
    most = peak(call, operands, out)
    assert agree(out, want), f"{call} shifted by {shift} of stride {stride} in {fmt}"
    return most


def test_both_outputs_of_gated_units_overlap() -> None:
    n = 100_000
    memory = np.random.default_rng(0).normal(size=(4, n + 5)).astype(np.float32)
    (vjp,) = (call for call in calls(refacts.swiglu) if call.method == "vjp")
    a, b, g = memory[0, 2:-3], memory[1, 2:-3], memory[2, 2:-3]
    want = vjp({"a": a.copy(), "b": b.copy(), "g": g.copy()})
    outs = memory[0, 3:-2], memory[1, 3:-2]
    most = peak(vjp, {"a": a, "b": b, "g": g}, outs)
    assert all(agree(out, y) for out, y in zip(outs, want, strict=True))
    assert most <= LIMIT


@pytest.mark.parametrize("shift", [1, -1, 3])
def test_outputs_of_two_layouts_overlap(shift: int) -> None:
    """The second output and its operand lie otherwise in memory than the first output."""
    n, ones = 40_000, np.ones(40_000)
    memory = np.random.default_rng(0).normal(size=n + 6)
    g, out = memory[3:-3][::-1], memory[3 + shift :][:n][::-1]
    want = refacts.reglu.vjp(ones, ones, g.copy())[1]
    refacts.reglu.vjp(ones, ones, g, out=(np.empty(n), out))
    assert agree(out, want)
    memory = np.random.default_rng(0).normal(size=n + 6)
    g, out = memory[3:-3], memory[3 + shift :][:n]
    want = refacts.reglu.vjp(ones, ones, g.copy())[1]
    refacts.reglu.vjp(ones, ones, g, out=(np.empty(n)[::-1], out))
    assert agree(out, want)


def test_numbers_that_overlap_by_some_bytes() -> None:
    memory = np.zeros(24, np.uint8)
    x, out = memory[0:8].view(float).reshape(()), memory[4:12].view(float).reshape(())
    assert refacts.sigmoid(x, out=out) == 0.5
    assert out == 0.5


def test_other_overlaps_are_copied() -> None:
    """Reversed, transposed and crossing operands: no order of blocks serves them."""
    x = np.random.default_rng(0).normal(size=60_000)
    want = refacts.tanh(x[::-1].copy())
    assert agree(refacts.tanh(x[::-1], out=x), want)
    y = np.random.default_rng(1).normal(size=(300, 300))
    want = refacts.tanh(y.T.copy())
    assert agree(refacts.tanh(y.T, out=y), want)
    z = np.random.default_rng(2).normal(size=60_002)
    want = refacts.tanh.vjp(z[2:].copy(), z[:-2].copy())
    assert agree(refacts.tanh.vjp(z[2:], z[:-2], out=z[1:-1]), want)


@every_format
@each_row
def test_rows_take_four_mebibytes_and_some_rows(kernel: Any, fmt: str) -> None:
    """Many rows take no more than a few; one long row takes memory for float64 rows of its length."""
    for call in calls(kernel):
        long = ((1, 600), (1, 1_200)) if call.method == "jacobian" else ((1, 60_000), (1, 120_000))
        for shape in ((1_000, 30), (3_000, 30), *long):
            operands = operands_of(call, FORMATS[fmt].dtype, shape)
            call(operands)
            most, allowed = peak(call, operands), LIMIT + LONG_ROWS * 8 * shape[-1]
            assert most <= allowed, f"{call} of {shape} in {fmt}: {most} bytes, allowed {allowed}"


@pytest.mark.parametrize("shift", [1, -1])
@pytest.mark.parametrize(
    "kernel", [f for f in ROWS if f is not refacts.logsumexp], ids=lambda f: f.spec.name
)  # whose results have another shape than x
def test_rows_overlap_without_a_copy(kernel: Any, shift: int) -> None:
    """`out` begins an element or a row before or after x."""
    for by in (shift, 30 * shift):
        memory = np.random.default_rng(0).normal(size=10_002 * 30).astype(np.float32)
        x = memory[30 + max(-by, 0) :][: 300_000 - 60].reshape(-1, 30)
        out = memory[30 + max(-by, 0) + by :][: 300_000 - 60].reshape(-1, 30)
        want = kernel(x.copy())
        tracemalloc.start()
        kernel(x, out=out)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert agree(out, want)
        assert most <= LIMIT


def test_blocks_in_the_wrong_order_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: operands written over before they are read."""

    def forwards(operands: Any, outputs: Any, by_rows: bool = False) -> Any:
        return list(operands), None

    for module in (blocks, rowwise):
        monkeypatch.setattr(module, "ordered", forwards)
    for check in (
        lambda: test_out_overlaps_without_a_copy(refacts.relu, "float32"),
        lambda: test_rows_overlap_without_a_copy(refacts.softmax, 1),
        test_other_overlaps_are_copied,
        test_both_outputs_of_gated_units_overlap,
    ):
        with pytest.raises(AssertionError):
            check()


def test_a_copy_of_all_operands_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what NumPy's iterator does with operands that overlap."""

    def copied(operands: Any, outputs: Any, by_rows: bool = False) -> Any:
        return [a.copy() for a in operands], None

    monkeypatch.setattr(blocks, "ordered", copied)
    call = calls(refacts.relu)[0]
    operands = large(call, "float32", 1_200_000)
    assert peak(call, operands, operands["x"]) > LIMIT


@every_format
def test_the_halves_of_a_pulled_back_cotangent_may_replace_x(fmt: str) -> None:
    """They lie among each other, row by row, and share no element."""
    rng, dtype = np.random.default_rng(0), FORMATS[fmt].dtype
    x, g = rng.normal(size=(1000, 3000)).astype(dtype), rng.normal(size=(1000, 1500)).astype(dtype)
    want = refacts.glu.vjp(x, g)
    tracemalloc.start()
    try:
        refacts.glu.vjp(x, g, out=x)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most <= LIMIT
    assert same_bits(x, want)
