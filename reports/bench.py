"""Speed and memory: medians of interleaved runs and their ratios, printed beside the targets."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np

from reports.environment import ROOT
from reports.kernels import CATALOGUE, REFACTS, TEXTBOOK
from reports.terminal import aligned

ROW = 1000  # length of softmax rows
TARGETS = {"float32": "ratio <= 6", "float64": "refacts <= 200 ns"}
MEMORY_SIZES = (100_000, 1_000_000)


def speed(size: int, repeats: int) -> Iterator[list[str]]:
    """A row per activation, quantity and format: ns per element of both kernels, and their ratio."""
    yield ["activation", "quantity", "format", "target", "refacts ns", "textbook ns", "ratio"]
    rng = np.random.default_rng(0)
    for name, activation in CATALOGUE.items():
        drawn = rng.normal(size=(2, *_shape(activation, size))) * 3
        for fmt, target in TARGETS.items():
            x, g = drawn.astype(fmt)
            for quantity in ("value", "derivative", "vjp"):
                cotangent = g if quantity == "vjp" else None
                calls = [_call(k, activation, quantity, x, cotangent) for k in (REFACTS, TEXTBOOK)]
                ours, theirs = interleaved(calls, repeats)
                scale = 1e9 / x.size
                cells = [f"{ours * scale:.1f}", f"{theirs * scale:.1f}", f"{ours / theirs:.2f}"]
                yield [name, quantity, fmt, target, *cells]


def _shape(activation: Any, size: int) -> tuple[int, ...]:
    """Of ``size`` elements or a few less, in rows where the activation wants rows."""
    return (max(size // ROW, 1), min(ROW, size)) if activation.spec.rowwise else (size,)


def _call(kernel: Any, activation: Any, quantity: str, x: Any, g: Any) -> Callable[[], float]:
    def timed() -> float:
        start = time.perf_counter()
        kernel.evaluate(activation, quantity, x, g)
        return time.perf_counter() - start

    return timed


def interleaved(calls: list[Callable[[], float]], repeats: int) -> list[float]:
    """The median of what each call returns, called in turn; the first round is not counted."""
    found: list[list[float]] = [[] for _ in calls]
    with np.errstate(all="ignore"):
        for turn in range(repeats + 1):
            for call, seconds in zip(calls, found, strict=True):
                spent = call()
                if turn:
                    seconds.append(spent)
    return [median(seconds) for seconds in found]


def memory(sizes: tuple[int, ...] = MEMORY_SIZES) -> Iterator[list[str]]:
    """A row per activation, quantity and format: peak MiB beyond the output, at each size."""
    yield ["activation", "quantity", "format", "target", *(f"MiB at {size}" for size in sizes)]
    for name, activation in CATALOGUE.items():
        for fmt in TARGETS:
            for quantity, method in (("value", activation), ("derivative", activation.gradient)):
                inputs = [_input(activation, size, fmt) for size in sizes]
                cells = [f"{_peak(method, x) / 2**20:.2f}" for x in inputs]
                yield [name, quantity, fmt, "the same", *cells]


def _input(activation: Any, size: int, fmt: str) -> Any:
    return (np.random.default_rng(0).normal(size=_shape(activation, size)) * 3).astype(fmt)


def _peak(method: Any, x: Any) -> int:
    out = np.empty_like(x)
    method(x, out)  # tables and constants are made once
    tracemalloc.start()
    try:
        method(x, out)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def imports(repeats: int) -> Iterator[list[str]]:
    """Milliseconds to import refacts, and to import numpy, each in a fresh interpreter."""
    ours, theirs = interleaved([_fresh("refacts"), _fresh("numpy")], repeats)
    yield ["import", "target", "refacts ms", "numpy ms", "ratio"]
    cells = [f"{ours * 1e3:.0f}", f"{theirs * 1e3:.0f}", f"{ours / theirs:.2f}"]
    yield ["fresh process", "ratio <= 1.5", *cells]


def _fresh(module: str) -> Callable[[], float]:
    """Import in a new process that finds our packages first and nothing in the working directory."""
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    command = [sys.executable, "-P", "-c", code]
    return lambda: float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def tables(size: int, repeats: int) -> Iterator[str]:
    """All of it, a table at a time."""
    for rows, left in ((speed(size, repeats), 4), (memory(), 4), (imports(repeats), 2)):
        yield "\n".join(aligned(list(rows), left=left)) + "\n"
