"""Peaks of memory, as tracemalloc sees them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

from refacts.reports.bench.operands import drawn, in_shape, rows_of
from refacts.reports.bench.timing import columns
from refacts.reports.quantities import CATALOGUE
from refacts.reports.targets.kernels import REFACTS


def of_catalogue(formats: tuple[str, ...], sizes: tuple[int, ...]) -> Iterator[str]:
    """A line per activation: peak MiB beyond the output, by format and quantity at each size."""
    yield f"memory: peak MiB beyond the output at {' and '.join(map(str, sizes))} elements (target: the same)"
    kinds = [(fmt, quantity) for fmt in formats for quantity in ("value", "derivative")]
    yield columns("activation", [f"{f'{fmt} {quantity}':>18}" for fmt, quantity in kinds])
    for name, activation in CATALOGUE.items():
        cells = []
        for fmt, quantity in kinds:
            peaks = [peak(activation, quantity, drawn(activation, quantity, fmt, size)) for size in sizes]
            cells.append(f"{' '.join(f'{bytes_ / 2**20:.2f}' for bytes_ in peaks):>18}")
        yield columns(name, cells)


def of_rows(size: int, length: int) -> Iterator[str]:
    """A line per row-wise activation: what some rows, many rows and one long row need."""
    rows, length = rows_of(size, length)
    some = max(rows // 10, 1)
    yield (
        f"rows: peak beyond the output in float64, MiB at {some} and {rows} rows of {length} (target: the "
        f"same), and for one row of {size} in units of it"
    )
    yield columns("activation", [f"{quantity:>18}" for quantity in ("value", "vjp", "jvp")])
    shapes = [(some, length), (rows, length), (1, size)]
    for name, activation in CATALOGUE.items():
        if activation.spec.kind == "rowwise":
            yield columns(name, [_row_peaks(activation, q, shapes) for q in ("value", "vjp", "jvp")])


def _row_peaks(activation: Any, quantity: str, shapes: list[tuple[int, int]]) -> str:
    given = [in_shape(activation, quantity, "float64", shape) for shape in shapes]
    some, many, one = (peak(activation, quantity, each) for each in given)
    return f"{f'{some / 2**20:.2f} {many / 2**20:.2f} {one / given[-1][0].nbytes:.2f}':>18}"


def peak(activation: Any, quantity: str, given: tuple[Any, ...]) -> int:
    """The most bytes at any time beyond what is there before the call and what it returns."""
    REFACTS.evaluate(activation, quantity, *given)  # tables and constants are made once
    tracemalloc.start()
    try:
        result = REFACTS.evaluate(activation, quantity, *given)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return most - sum(part.nbytes for part in (result if isinstance(result, tuple) else (result,)))
