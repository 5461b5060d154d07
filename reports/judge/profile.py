"""Errors along x: bins by sign and exponent of x, and which neighbours are shown as one.

A tally counts in bins of a few exponents, 256 for each sign at the most. Neighbours of one sign, with nothing
between them, are joined while the largest errors of all of them lie within a factor of 2, and so do the 99th
percentiles; what is at most 0.5 ulp counts as 0.5, the rounding of right results. In a plot over all
magnitudes they lie on one line. Where more than MOST are left, the factor is squared until they are not. A
joined bin has the largest max and the largest p99 of its bins, both rounded up to three digits: nothing is
shown smaller than it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from refacts.reports.judge.rows import Bin
from refacts.reports.notation import ulps

MOST = 64
RATIO = 2.0


def joined(bins: Sequence[Bin]) -> tuple[Bin, ...]:
    """The bins to be shown, the most negative x first."""
    ordered = sorted(bins, key=lambda b: (not b.negative, -b.exponent if b.negative else b.exponent))
    factor = RATIO
    found = _runs(ordered, factor)
    while len(found) > MOST:
        factor = factor * factor if factor < 2.0**500 else math.inf
        found = _runs(ordered, factor)
    return tuple(map(_one, found))


def _runs(bins: Sequence[Bin], factor: float) -> list[list[Bin]]:
    """Neighbours within a factor, together."""
    runs: list[list[Bin]] = []
    for each in bins:
        if runs and runs[-1][0].negative == each.negative and _alike([*runs[-1], each], factor):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _alike(bins: Sequence[Bin], factor: float) -> bool:
    columns = [[max(b.max, 0.5) for b in bins], [max(b.p99, 0.5) for b in bins]]
    return all(max(errors) <= factor * min(errors) for errors in columns)


def _one(bins: Sequence[Bin]) -> Bin:
    low = min(b.exponent for b in bins)
    width = max(b.exponent + b.width for b in bins) - low
    largest, p99 = (float(ulps(max(errors))) for errors in ([b.max for b in bins], [b.p99 for b in bins]))
    return Bin(bins[0].negative, low, width, sum(b.inputs for b in bins), largest, p99)
