"""The control of a judge: the exact results, some of them moved past the budget."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from refacts.oracles import Format, Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.probes import probes
from refacts.reports.judge.kinks import at_kinks
from refacts.reports.question import Batch, Question

FEW = 200  # results of a control that has no use of the batch


def moved(
    question: Question,
    batch: Batch,
    exact: Reference,
    budget: float,
    quota: float,
    seed: int,
    uniform: int = 0,
) -> tuple[Floats, int]:
    """The exact results with max(1, n/64, 2·quota·n) of n moved, and how many those are.

    They are moved away from 0 by more than ``budget`` ulp, or are NaN where the format has no number
    that far out; what is NaN becomes a number. All are `movable`, if one is. Zeros and
    subnormal numbers are moved only where nothing else is there. uniform: where some of the results, the
    first ones, are what the quota is a share of, these are moved.
    """
    fmt, n = question.result, exact.rounded.size
    free = movable(question, batch)
    if not free.any():
        free = ~at_kinks(question, batch)
    if uniform:
        free[uniform:] = False
    normal = free & np.isfinite(exact.rounded) & (np.abs(exact.rounded) >= 2.0**fmt.emin)
    places = np.flatnonzero(normal if normal.any() else free)
    count = min(places.size, max(1, math.ceil(n / 64), math.ceil(2 * quota * n)))
    chosen = np.random.default_rng([seed, n]).choice(places, count, replace=False)
    results = exact.rounded.copy()
    results[chosen] = _further(exact.rounded[chosen], exact.ulp[chosen], budget, fmt)
    return results, count


def movable(question: Question, batch: Batch) -> Any:
    """Where no rule can excuse a result that was moved: at finite operands (of a row, all), not at kinks.

    NaN can be allowed at infinite ones.
    """
    free = ~at_kinks(question, batch)
    finite = [np.isfinite(values).reshape(len(values), -1).all(axis=1) for values in batch.values()]
    together = np.logical_and.reduce(finite)
    return free & np.repeat(together, free.size // max(together.size, 1))


def elsewhere(question: Question, seed: int) -> Batch:
    """Ordinary operands, some of which are movable: for a batch that has none."""
    return probes(question, FEW, seed)


def _further(rounded: Floats, ulp: Floats, budget: float, fmt: Format) -> Floats:
    """Numbers of the format more than the budget away from what rounds to ``rounded``."""
    with np.errstate(over="ignore"):
        size = np.abs(rounded) + (math.floor(budget) + 2) * ulp
        exponent = np.frexp(np.where(np.isfinite(size), size, 1.0))[1] - 1
        spacing = np.ldexp(1.0, np.clip(exponent, fmt.emin, fmt.emax) - fmt.precision + 1)
        size = np.ceil(size / spacing) * spacing
    moved = np.where(size <= fmt.max, np.copysign(size, rounded), np.nan)
    return np.where(np.isnan(rounded), 1.0, moved)
