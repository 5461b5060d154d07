"""Intervals of x in which a target is wrong in one way: collected from a stream, merged in any order.

x falls into bins by sign, exponent and 3 bits of the significand, as float64: 2^15 of them. A bin counts its
inputs; by label (`reports.judge.labels`) it holds how many are wrong, their least and largest x, the sum of
their ulp and the worst. Memory depends on the bins alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from functools import reduce

import numpy as np
from refacts.oracles import Comparison, Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.bins import BINS, Counts, Wrong, bins_of, position
from refacts.reports.judge.judging import FINITE, NO_ARTEFACT, RIGHT, Judged
from refacts.reports.judge.labels import CANCELLATIONS, LABELS, LARGE, OF_ARTEFACTS, labels
from refacts.reports.judge.rows import Region
from refacts.reports.notation import hexadecimal
from refacts.reports.question import Question

MOST = 20  # regions; the others are joined
ELSEWHERE = "elsewhere"
STRAY = 16  # inputs in a gap that never keep two bins apart
SURPRISING = 8.0  # wrong results expected in a gap that has none: e^-8 is the chance of that
SCATTERED = 6  # regions of one label


class Regions:
    """What is wrong where, of one question.

    Equal for equal results, however they were divided and merged; means, whose sums of float64 depend on the
    order in their last bits, are given to three digits.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        kinks = question.activation.fact("kinks") if question.kind == "elementwise" else ()
        self._points = np.array(sorted({0.0, *(float(kink) for kink in kinks)}))
        self._at_points = np.zeros(self._points.shape, np.int64)
        self._inputs = np.zeros(BINS, np.int64)
        nothing, none = np.zeros(0), np.zeros(0, np.int64)
        self._wrong = Wrong(none, none, none, *[nothing] * 5)

    def add(self, x: Floats, judged: Judged, terms: Floats) -> None:
        """Take in results.

        x: the point each belongs to, in a gated unit b, in rows the entry (of a reduced row, its largest).
        terms: `reports.judge.terms.terms` of their batch.
        """
        x = np.ascontiguousarray(x, dtype=np.float64)
        bins = bins_of(x)
        self._inputs += np.bincount(bins, minlength=BINS)
        self._at_points += [np.count_nonzero(x == point) for point in self._points]
        comparison = judged.comparison
        with np.errstate(invalid="ignore"):
            wrong = (judged.kinds > FINITE) | (comparison.ulps > LARGE) | (judged.artefacts != NO_ARTEFACT)
        places = np.flatnonzero(wrong & (judged.kinds != RIGHT))
        if not places.size:
            return
        part = replace(
            judged,
            computed=judged.computed[places],
            exact=Reference(*(getattr(judged.exact, f.name)[places] for f in fields(Reference))),
            comparison=Comparison(*(getattr(comparison, f.name)[places] for f in fields(Comparison))),
            kinds=judged.kinds[places],
            artefacts=judged.artefacts[places],
        )
        found = labels(self._question, x[places], part, terms.ravel()[places])
        key = found.astype(np.int64) * BINS + bins[places]
        rows = Wrong.of(key, x[places], comparison.ulps[places])
        self._wrong = self._wrong.beside(rows).grouped()

    def merge(self, other: Regions) -> None:
        """Take in what another one has; ValueError if it is of another question."""
        if other._question != self._question:
            raise ValueError(f"other is of {other._question.key}, want {self._question.key}")
        self._inputs += other._inputs
        self._at_points += other._at_points
        if other._wrong.key.size:
            self._wrong = self._wrong.beside(other._wrong).grouped()

    def found(self, most: int = MOST) -> tuple[Region, ...]:
        """Regions in order of x: at most so many, the smaller ones joined as one "elsewhere" at the end.

        Two bins with wrong results of a label belong to one region unless a gap between them surprises: it
        holds more than STRAY inputs, and SURPRISING of them and more would be wrong if as many were as in the
        two bins. Right results within a bin split nothing. Where a label has more than SCATTERED regions,
        those are joined whose gap does not surprise beside the share in all of them and the gap. The interval
        is that of the wrong results, the inputs are those of its bins; of a single point that is 0 or a kink,
        those at it.
        """
        runs = [(LABELS[code], *run) for code in range(len(LABELS)) for run in self._runs(code)]
        largest = {kind: max(w.wrong for k, w, _ in runs if k == kind) for kind in {run[0] for run in runs}}
        runs.sort(key=lambda run: (run[1].wrong < largest[run[0]], -run[1].wrong, run[1].low[0]))
        kept = len(runs) if len(runs) <= most else most - 1
        regions = [self._region(*run) for run in runs[:kept]]
        regions.sort(key=lambda each: (float.fromhex(each.low), float.fromhex(each.high), each.kind))
        if runs[kept:]:
            rest = reduce(Wrong.beside, (rows for _, rows, _ in runs[kept:]))
            regions.append(self._region(ELSEWHERE, rest, sum(inputs for *_, inputs in runs[kept:])))
        return tuple(regions)

    def _runs(self, code: int) -> Iterator[tuple[Wrong, int]]:
        """The rows of a label, divided into regions, and how many inputs these have."""
        rows = self._wrong.rows(self._wrong.key // BINS == code)
        if not rows.key.size:
            return
        rows = rows.rows(np.argsort(position(rows.key % BINS), kind="stable"))
        until = self._until(rows)
        since = until - self._inputs[rows.key % BINS]
        wrong = np.cumsum(rows.count)
        beside = (until - since)[1:] + (until - since)[:-1]
        expected = (since[1:] - until[:-1]) * (rows.count[1:] + rows.count[:-1]) / beside
        apart = (since[1:] - until[:-1] > STRAY) & (expected > SURPRISING)
        first = np.append(0, np.flatnonzero(apart) + 1)
        if first.size > SCATTERED:
            first = _rejoined(first, since, until, np.append(0, wrong))
        for start, end in zip(first, np.append(first[1:], rows.key.size), strict=True):
            yield rows.rows(slice(start, end)), int(until[end - 1] - since[start])

    def _until(self, rows: Wrong) -> Counts:
        """How many inputs lie in the bins up to and with those of the rows."""
        in_order = np.argsort(position(np.arange(BINS)), kind="stable")
        heaped = np.empty(BINS, np.int64)
        heaped[in_order] = np.cumsum(self._inputs[in_order])
        found: Counts = heaped[rows.key % BINS]
        return found

    def _region(self, kind: str, rows: Wrong, inputs: int) -> Region:
        whole = replace(rows, key=np.zeros_like(rows.key)).grouped()
        low, high, worst = (float(column[0]) for column in (whole.low, whole.high, whole.worst))
        point = np.flatnonzero(self._points == low)
        if low == high and point.size:
            inputs = int(self._at_points[point[0]])
        measured = int(whole.measured[0])
        return Region(
            kind=kind,
            low=hexadecimal(low),
            high=hexadecimal(high),
            inputs=inputs,
            wrong=int(whole.count[0]),
            max_ulp=float(whole.largest[0]) if measured else None,
            mean_ulp=float(f"{whole.total[0] / measured:.3g}") if measured else None,
            worst=hexadecimal(worst),
            artefact=kind in OF_ARTEFACTS.values(),
        )


def without_causes(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Those of a target that follows another definition: its distance to the one named is no cancellation."""
    return tuple(
        replace(each, kind="large error") if each.kind in CANCELLATIONS else each for each in regions
    )


def _rejoined(first: Counts, since: Counts, until: Counts, wrong: Counts) -> Counts:
    """Where runs of rows start, those joined first whose gap surprises least.

    since, until: how many inputs lie before a row's bin, and up to its end; wrong: how many wrong results
    are before a row, one more number than rows.
    """
    while first.size > 1:
        after = np.append(first[2:], since.size)
        gap = since[first[1:]] - until[first[1:] - 1]
        expected = gap * (wrong[after] - wrong[first[:-1]]) / (until[after - 1] - since[first[:-1]])
        least = int(np.argmin(expected))
        if expected[least] > SURPRISING:
            break
        first = np.delete(first, least + 1)
    return first
