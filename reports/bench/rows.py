"""The speed of rows: softmax beside the plain shifted formula, and all of them on one long row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from refacts.reports.bench.operands import in_shape, rows_of
from refacts.reports.bench.timing import Timing, columns, interleaved, timed
from refacts.reports.quantities import CATALOGUE
from refacts.reports.targets import shifted
from refacts.reports.targets.kernels import REFACTS

MOST_RATIO = 8.0  # target: refacts' time to that of the shifted formula
MOST_SECONDS = 1.0  # target: for one row of a million


def _softmax_derivative(x: Any) -> Any:
    p = shifted.softmax(x)
    return p * (1 - p)


_SHIFTED: dict[str, Callable[..., Any]] = {
    "value": shifted.softmax,
    "derivative": _softmax_derivative,
    "vjp": shifted.softmax_vjp,
}


def beside_shifted(size: int, length: int, repeats: int) -> Iterator[str]:
    """Softmax in float32, about ``size`` elements in rows, beside the shifted formula."""
    rows, length = rows_of(size, length)
    yield f"rows: softmax float32, ns per element at {rows} rows of {length}, refacts/shifted, and the ratio"
    softmax = CATALOGUE["softmax"]
    found = []
    for quantity, formula in _SHIFTED.items():
        given = in_shape(softmax, quantity, "float32", (rows, length))
        calls = [timed(REFACTS.evaluate, softmax, quantity, *given), timed(formula, *given)]
        ours, theirs = (seconds * 1e9 / given[0].size for seconds in interleaved(calls, repeats))
        found.append(Timing(quantity, ours, theirs))
        yield columns(quantity, [f"{ours:>8.1f} /{theirs:>6.1f} {found[-1].ratio:>7.2f}"])
    worst = max(found, key=lambda t: t.ratio)
    yield f"largest ratio: {worst.ratio:.2f}, softmax {worst.subject} (target: <= {MOST_RATIO:g})"


def single(size: int, repeats: int) -> Iterator[str]:
    """All row-wise activations in float64 on a single row of ``size``."""
    yield f"rows: seconds for one row of {size} in float64 (target: < {MOST_SECONDS:g} for a million)"
    quantities = ("value", "vjp")
    yield columns("activation", [f"{quantity:>8}" for quantity in quantities])
    for name, activation in CATALOGUE.items():
        if activation.spec.kind == "rowwise":
            given = {q: in_shape(activation, q, "float64", (1, size)) for q in quantities}
            calls = [timed(REFACTS.evaluate, activation, q, *arrays) for q, arrays in given.items()]
            yield columns(name, [f"{seconds:>8.3f}" for seconds in interleaved(calls, repeats)])
