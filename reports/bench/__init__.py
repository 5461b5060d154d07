"""Speed and memory: medians of interleaved runs and their ratios, printed beside the targets."""

from __future__ import annotations

from collections.abc import Iterator

from refacts.reports.bench import imports, judging, memory, rows, speed
from refacts.reports.bench.operands import ROW

FORMATS = ("float32", "float64")


def lines(size: int, repeats: int) -> Iterator[str]:
    """All of it, a blank line between its tables."""
    for fmt in FORMATS:
        yield from speed.of_catalogue(fmt, size, repeats)
        yield ""
    for table in (
        rows.beside_shifted(size, ROW, repeats),
        rows.single(size, repeats),
        memory.of_catalogue(FORMATS, (max(size // 10, 1), size)),
        memory.of_rows(size, ROW),
        judging.of_kernels(size, repeats),
    ):
        yield from table
        yield ""
    yield from imports.beside_numpy(repeats)
