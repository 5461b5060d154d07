"""Speed and memory: medians of interleaved runs and their ratios, printed beside the targets."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from reports.environment import ROOT
from reports.kernels import REFACTS, TEXTBOOK
from reports.quantities import CATALOGUE

ROW = 1000  # length of softmax rows
QUANTITIES = ("value", "derivative", "vjp")
FORMATS = ("float32", "float64")
MEDIAN_RATIO = 6.0  # target in float32: the median over the catalogue of refacts' time to the textbook's
MOST_NS = 300.0  # target in float64: refacts' ns per element


@dataclass(frozen=True)
class Timing:
    """Nanoseconds per element of both kernels."""

    subject: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as long refacts takes."""
        return self.ours / self.theirs


def speed(fmt: str, size: int, repeats: int) -> Iterator[str]:
    """A line per activation as soon as it is measured, then the target and what was reached."""
    yield f"{fmt}: ns per element at {size} elements, refacts/textbook, and the ratio"
    yield _columns("activation", [f"{quantity:>24}" for quantity in QUANTITIES])
    found: dict[str, list[Timing]] = {quantity: [] for quantity in QUANTITIES}
    rng = np.random.default_rng(0)
    for name, activation in CATALOGUE.items():
        x, g = (rng.normal(size=(2, *_shape(activation, size))) * 3).astype(fmt)
        for quantity in QUANTITIES:
            given = (x, g) if quantity == "vjp" else (x,)
            calls = [_call(k, activation, quantity, given) for k in (REFACTS, TEXTBOOK)]
            ours, theirs = (seconds * 1e9 / x.size for seconds in interleaved(calls, repeats))
            found[quantity].append(Timing(f"{name} {quantity}", ours, theirs))
        latest = [timings[-1] for timings in found.values()]
        yield _columns(name, [f"{t.ours:>8.1f} /{t.theirs:>6.1f} {t.ratio:>7.2f}" for t in latest])
    yield from reached(fmt, found)


def _columns(first: str, others: list[str]) -> str:
    return "  ".join([f"{first:<16}", *others]).rstrip()


def reached(fmt: str, found: dict[str, list[Timing]]) -> Iterator[str]:
    """The target of a format in a line of its own."""
    everything = [timing for timings in found.values() for timing in timings]
    if fmt == "float32":
        medians = {q: median(t.ratio for t in timings) for q, timings in found.items()}
        medians["overall"] = median(t.ratio for t in everything)
        shown = ", ".join(f"{quantity} {ratio:.2f}" for quantity, ratio in medians.items())
        yield f"median ratio: {shown} (target: <= {MEDIAN_RATIO:g})"
    else:
        slowest = max(everything, key=lambda t: t.ours)
        yield f"largest: {slowest.ours:.1f} ns, {slowest.subject} (target: <= {MOST_NS:g} ns)"


def _shape(activation: Any, size: int) -> tuple[int, ...]:
    """Of ``size`` elements or a few less, in rows where the activation wants rows."""
    return (max(size // ROW, 1), min(ROW, size)) if activation.spec.kind == "rowwise" else (size,)


def _call(kernel: Any, activation: Any, quantity: str, given: Any) -> Callable[[], float]:
    def timed() -> float:
        start = time.perf_counter()
        kernel.evaluate(activation, quantity, *given)
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


def memory(sizes: tuple[int, ...]) -> Iterator[str]:
    """A line per activation: peak MiB beyond the output, by format and quantity at each size."""
    yield f"memory: peak MiB beyond the output at {' and '.join(map(str, sizes))} elements (target: the same)"
    kinds = [(fmt, quantity) for fmt in FORMATS for quantity in ("value", "derivative")]
    yield _columns("activation", [f"{f'{fmt} {quantity}':>18}" for fmt, quantity in kinds])
    for name, activation in CATALOGUE.items():
        cells = []
        for fmt, quantity in kinds:
            method = activation if quantity == "value" else activation.gradient
            peaks = [_peak(method, _input(activation, size, fmt)) for size in sizes]
            cells.append(f"{' '.join(f'{peak / 2**20:.2f}' for peak in peaks):>18}")
        yield _columns(name, cells)


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


def imports(repeats: int) -> Iterator[str]:
    """Milliseconds to import refacts, and to import numpy, each in a fresh interpreter."""
    ours, theirs = interleaved([_fresh("refacts"), _fresh("numpy")], repeats)
    yield (
        f"import in a fresh process: refacts {ours * 1e3:.0f} ms, numpy {theirs * 1e3:.0f} ms, "
        f"ratio {ours / theirs:.2f} (target: <= 1.5)"
    )


def _fresh(module: str) -> Callable[[], float]:
    """Import in a new process that finds our packages first and nothing in the working directory."""
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    command = [sys.executable, "-P", "-c", code]
    return lambda: float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def lines(size: int, repeats: int) -> Iterator[str]:
    """All of it."""
    for fmt in FORMATS:
        yield from speed(fmt, size, repeats)
        yield ""
    yield from memory((max(size // 10, 1), size))
    yield ""
    yield from imports(repeats)
