"""Times per element of the whole catalogue, beside the textbook formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from refacts.reports.bench.operands import drawn
from refacts.reports.bench.timing import Timing, columns, interleaved, timed
from refacts.reports.quantities import CATALOGUE
from refacts.reports.targets.kernel import Kernel
from refacts.reports.targets.kernels import REFACTS, TEXTBOOK

QUANTITIES = ("value", "derivative", "vjp")
MEDIAN_RATIO = 6.0  # target in float32: the median over the catalogue of refacts' time to the textbook's
MOST_NS = 300.0  # target in float64: refacts' ns per element


def of_catalogue(fmt: str, size: int, repeats: int) -> Iterator[str]:
    """A line per activation as soon as it is measured, then the target and what was reached."""
    yield f"{fmt}: ns per element at {size} elements, refacts/textbook, and the ratio"
    yield columns("activation", [f"{quantity:>24}" for quantity in QUANTITIES])
    found: dict[str, list[Timing]] = {quantity: [] for quantity in QUANTITIES}
    for name, activation in CATALOGUE.items():
        cells = []
        for quantity in QUANTITIES:
            if activation.spec.kind == "gated" and quantity == "derivative":
                cells.append(f"{'-':>24}")  # nobody wants that: it is the VJP of ones
                continue
            given = drawn(activation, quantity, fmt, size)
            calls = [timed(_call(kernel, activation, quantity, given)) for kernel in (REFACTS, TEXTBOOK)]
            ours, theirs = (seconds * 1e9 / given[0].size for seconds in interleaved(calls, repeats))
            timing = Timing(f"{name} {quantity}", ours, theirs)
            found[quantity].append(timing)
            cells.append(f"{ours:>8.1f} /{theirs:>6.1f} {timing.ratio:>7.2f}")
        yield columns(name, cells)
    yield from reached(fmt, found)


def _call(kernel: Kernel, activation: Any, quantity: str, given: tuple[Any, ...]) -> Callable[[], Any]:
    """Of a gated activation's VJP both parts, which refacts gives at once."""
    if activation.spec.kind == "gated" and quantity == "vjp" and kernel is TEXTBOOK:
        return lambda: [kernel.evaluate(activation, part, *given) for part in ("vjp_a", "vjp_b")]
    return lambda: kernel.evaluate(activation, quantity, *given)


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
