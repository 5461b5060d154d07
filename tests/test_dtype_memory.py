"""Memory beside operands of another format than the results, and `out` over operands of another width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from tests.layouts import Call, agree, calls, operands_of
from tests.test_memory import ELEMENTS, LIMIT, LONG_ROWS, each_row, large, peak


@pytest.mark.parametrize(
    ("of_operands", "dtype"), [("float64", "float32"), ("float64", "bfloat16"), ("bfloat16", "float64")]
)
def test_results_of_another_format_take_no_more(of_operands: str, dtype: str) -> None:
    """With the tiers of the wider; half of the operands special, or not."""
    target = FORMATS[dtype].dtype
    for kernel in ELEMENTS:
        for call in calls(kernel):
            operands = large(call, of_operands, 60_000)
            for number in (None, np.inf):
                if number is not None:
                    operands[call.names[0]].reshape(-1)[::2] = number
                most = peak(to(call, target), operands)
                assert most <= LIMIT, f"{call} of {of_operands} in {dtype}: {most} bytes"


def to(call: Call, dtype: Any) -> Any:
    """A call with results of another format."""

    def called(operands: dict[str, Any], out: Any = None) -> Any:
        kernel = type(call.kernel)(operands["weight"]) if "weight" in operands else call.kernel
        method = kernel if call.method == "value" else getattr(kernel, call.method)
        options = {} if out is None else {"out": out}
        options |= {"where": operands["where"]} if "where" in operands else {}
        given = [operands[name] for name in call.names if name not in ("where", "weight")]
        return method(*given, dtype=dtype, **options)

    return called


@pytest.mark.parametrize("pair", [("float64", "float32"), ("float32", "float64"), ("bfloat16", "float64")])
def test_out_overlaps_operands_of_another_width(pair: tuple[str, str]) -> None:
    """`out` in the memory of x, before it, after it, with its strides or its own."""
    source, target = (FORMATS[name].dtype for name in pair)
    n = 20_000
    for kernel in (refacts.relu, refacts.tanh):
        for shift in (0, 1, -1, 3):
            for strides in ((1, 1), (2, 2), (2, 4), (4, 2)):
                memory = np.zeros(16 * n + 64, np.uint8)
                x = memory[32:].view(source)[:: strides[0]][:n]
                out = memory[32 + shift * 8 :].view(target)[:: strides[1]][:n]
                x[...] = np.random.default_rng(0).normal(size=x.size).astype(source)
                m = min(x.size, out.size)
                x, out = x[:m], out[:m]
                want = kernel(x.copy(), dtype=target)
                assert kernel(x, out=out, dtype=target) is out
                assert agree(out, want), f"{kernel!r} {pair} by {shift} of strides {strides}"


def test_operands_that_overlap_themselves() -> None:
    """Numbers of 8 bytes every 4 bytes, under an `out` of 4 bytes: each lies over two of it."""
    n = 20_000
    for shift in (0, 2, 4, -2, -4):
        memory = np.random.default_rng(0).normal(size=n + 8).astype(np.float32).view(np.uint8)
        x = np.lib.stride_tricks.as_strided(memory[8:16].view(np.float64), (n,), (4,), writeable=False)
        out = memory[8 + shift :][: 4 * n].view(np.float32)
        want = refacts.relu(x.copy(), dtype=np.float32)
        assert agree(refacts.relu(x, out=out, dtype=np.float32), want), shift


@each_row
def test_rows_of_another_format_take_four_mebibytes_and_some_rows(kernel: Any) -> None:
    for call in calls(kernel):
        if call.method == "jacobian":
            continue
        for dtype in ("float32", "bfloat16"):
            for shape in ((2_000, 30), (1, 60_000)):
                operands = operands_of(call, np.float64, shape)
                lowered = to(call, FORMATS[dtype].dtype)
                lowered(operands)
                most, allowed = peak(lowered, operands), LIMIT + LONG_ROWS * 8 * shape[-1]
                assert most <= allowed, f"{call} of {shape} in {dtype}: {most} bytes, allowed {allowed}"
