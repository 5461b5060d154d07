"""What judging costs beside the kernel that is judged: time, and memory that does not grow."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
from refacts.oracles import FORMATS
from refacts.reports.bench.timing import columns
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.judge.judging import Rules
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question
from refacts.reports.run.shard import CONTROLLED, Answered, Part, Settings, part
from refacts.reports.targets.kernels import REFACTS

KERNELS = ("sigmoid", "gelu")


def of_kernels(size: int, repeats: int) -> Iterator[str]:
    """Results judged a second, the kernel's time aside, and the peak of memory at two sizes."""
    yield (
        "judging: million float32 results a second and core, kernel time aside (target: 1), "
        f"and peak MiB at {size} and {4 * size} inputs (target: below 1024 at any number)"
    )
    for name in KERNELS:
        rate = max(_rate(_question(name, "value", "float32"), size) for _ in range(repeats))
        peaks = [_peak(_question(name, "value", "float32"), each) for each in (size, 4 * size)]
        shown = " and ".join(f"{peak / 2**20:.0f}" for peak in peaks)
        yield columns(name, [f"{rate / 1e6:8.2f}", f"{shown:>12} MiB"])
    if find_spec("ml_dtypes") is None:
        yield "all bfloat16 inputs: left out, since ml_dtypes is missing: pip install ml_dtypes"
        return
    yield "all bfloat16 inputs, value and derivative: seconds after start (target: 3)"
    for name in KERNELS:
        spent = min(sum(_seconds(_question(name, q, "bfloat16"), size)[0] for q in ("value", "derivative"))
                    for _ in range(repeats))  # fmt: skip
        yield columns(name, [f"{spent:8.2f}"])


def _question(name: str, quantity: str, fmt: str) -> Question:
    return Question(CATALOGUE[name], quantity, FORMATS[fmt], FORMATS[fmt])


def _rate(question: Question, size: int) -> float:
    seconds, kernel, results = _seconds(question, size)
    return results / (seconds - kernel)


def _seconds(question: Question, size: int) -> tuple[float, float, int]:
    """Of judging a question: all seconds, those of the kernel, and how many results there are."""
    plan = Plan(size, 0)
    settings = Settings(question, Rules(), 0.0, 0, points.count(question, plan), CONTROLLED)
    found, kernel = Part.empty(settings), 0.0
    start = time.perf_counter()
    for k in range(points.shards(question, plan)):
        batch = points.batch(question, plan, k)
        begun = time.perf_counter()
        given = [question.format_of(name).encode(values) for name, values in batch.items()]
        results = np.asarray(REFACTS.evaluate(question.activation, question.quantity, *given))
        kernel += time.perf_counter() - begun
        values = results.astype(np.float64).ravel()
        found.merge(part(settings, k, Answered(batch, values, np.ones(values.size, bool), []), None))
    return time.perf_counter() - start, kernel, found.tally.inputs


def _peak(question: Question, size: int) -> int:
    tracemalloc.start()
    try:
        _seconds(question, size)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
