"""What is kept of judged results: sums that can be added up in any order, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.judging import ARTEFACTS, FINITE, KINDS, Codes, Judged
from refacts.reports.judge.normwise import normwise
from refacts.reports.judge.profile import joined
from refacts.reports.judge.rows import Bin, Error
from refacts.reports.question import Batch

KEPT = 3  # of the worst results of each kind
Counts = npt.NDArray[np.int64]
_FINE, _COARSE = 8, 2  # bits of an error's significand by which errors are counted
_LEAST = -40  # errors below 2^-40 ulp are counted as that


@dataclass(frozen=True, order=True)
class Candidate:
    """One of the worst results: sorted by badness, then by where it was met."""

    pardoned: bool
    badness: float  # negative: the worst first
    index: int  # of all results of the question
    operands: dict[str, list[float]] = field(compare=False)
    kind: str = field(compare=False)
    computed: float = field(compare=False)
    want: float = field(compare=False)
    ulp: float = field(compare=False)
    excused: str = field(compare=False)
    artefact: str = field(compare=False)
    place: tuple[int, int] | None = field(compare=False)


class Tally:
    """Statistics of results judged one batch after the other, for errors up to a budget in ulp."""

    def __init__(self, budget: float, source: Format, result: Format) -> None:
        self.budget, self.least_normal = budget, 2.0**result.emin
        self.width = max(1, (2 * source.emax + 2) // 256)
        self.inputs = self.correct = self.within_one = self.over_budget = self.measured = 0
        self.total, self.max = 0.0, -1.0
        self.kinds, self.artefacts = np.zeros(len(KINDS), np.int64), np.zeros(len(ARTEFACTS), np.int64)
        self.excused: dict[str, int] = {}
        self.normal = 0
        self.excused_normal: dict[str, int] = {}
        self.errors: dict[int, int] = {}
        self.profile: dict[tuple[bool, int], dict[int, int]] = {}
        self.peaks: dict[tuple[bool, int], float] = {}
        self.worst: dict[str, list[Candidate]] = {}
        self.result, self.normwise = result, -1.0

    def add(self, batch: Batch, points: Floats, judged: Judged, start: int) -> None:
        """Count a batch; ``points``: the x each result belongs to; ``start``: results before it."""
        ulps, excuses = judged.comparison.ulps, judged.excuses
        counts = excuses == 0
        self.inputs += ulps.size
        self.correct += int(np.count_nonzero(judged.comparison.correct))
        self.kinds += np.bincount(judged.kinds[counts & (judged.artefacts == 0)], minlength=len(KINDS))
        self.artefacts += np.bincount(judged.artefacts[counts], minlength=len(ARTEFACTS))
        exact = np.abs(judged.exact.rounded)
        normal = (exact >= self.least_normal) & (exact < np.inf)
        self.normal += int(np.count_nonzero(normal))
        _merge(self.excused, _by_rule(judged, excuses))
        _merge(self.excused_normal, _by_rule(judged, excuses[normal]))
        used = counts & ~np.isnan(ulps)
        errors = ulps if used.all() else ulps[used]
        if errors.size:
            self.measured += errors.size
            with np.errstate(over="ignore"):
                self.total += float(errors.sum())
            self.max = max(self.max, float(errors.max()))
            self.within_one += int(np.count_nonzero(errors <= 1))
            over = (
                ((ulps > self.budget) | (self.budget <= 0.5))
                & counts
                & (judged.kinds == FINITE)
                & (judged.artefacts == 0)
            )
            self.over_budget += int(np.count_nonzero(over))
            _merge(self.errors, _counted(_binned(errors, _FINE)))
            self._add_profile(points if used.all() else points[used], errors)
        first = next(iter(batch.values()))
        if first.ndim == 2:
            found = normwise(ulps, judged.exact, self.result, len(first))
            self.normwise = max(self.normwise, float(np.fmax.reduce(found, initial=-1.0)))
        self._add_worst(batch, judged, start)

    def _add_profile(self, x: Floats, errors: Floats) -> None:
        finite = np.isfinite(x) & (x != 0)
        if not finite.all():
            x, errors = x[finite], errors[finite]
        if not x.size:
            return
        exponents = (np.frexp(x)[1] - 1) // self.width * 2 + np.signbit(x)
        order = np.argsort(exponents, kind="stable")
        keys, starts = np.unique(exponents[order], return_index=True)
        sorted_errors = errors[order]
        for key, part in zip(keys.tolist(), np.split(sorted_errors, starts[1:]), strict=True):
            place = (bool(key % 2), key // 2 * self.width)
            _merge(self.profile.setdefault(place, {}), _counted(_binned(part, _COARSE)))
            self.peaks[place] = max(self.peaks.get(place, 0.0), float(part.max()))

    def _add_worst(self, batch: Batch, judged: Judged, start: int) -> None:
        """Keep the worst of each kind, and of each artefact: none hides another."""
        distances = judged.comparison.ulps
        badness = np.where(np.isnan(distances), np.nan_to_num(np.abs(judged.exact.rounded)), distances)
        groups = np.where(judged.artefacts != 0, len(KINDS) + judged.artefacts, judged.kinds)
        for group in np.unique(groups).tolist():
            places = np.flatnonzero(groups == group)
            excused = judged.excuses[places] != 0
            order = np.lexsort((places, -badness[places], excused))[:KEPT]
            found = [_candidate(batch, judged, int(k), start, float(badness[k])) for k in places[order]]
            self._keep((*KINDS, *ARTEFACTS)[group], found)

    def _keep(self, kind: str, found: list[Candidate]) -> None:
        self.worst[kind] = sorted(self.worst.get(kind, []) + found)[:KEPT]  # excused ones last

    def merge(self, other: Tally) -> None:
        """Add what another tally of the same question has counted."""
        for name in ("inputs", "correct", "within_one", "over_budget", "measured", "total", "normal"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.max, self.normwise = max(self.max, other.max), max(self.normwise, other.normwise)
        self.kinds, self.artefacts = self.kinds + other.kinds, self.artefacts + other.artefacts
        _merge(self.excused, other.excused)
        _merge(self.excused_normal, other.excused_normal)
        _merge(self.errors, other.errors)
        for place, counts in other.profile.items():
            _merge(self.profile.setdefault(place, {}), counts)
            self.peaks[place] = max(self.peaks.get(place, 0.0), other.peaks[place])
        for kind, found in other.worst.items():
            self._keep(kind, found)

    def error(self) -> Error:
        """The distribution of the errors that count."""
        if not self.measured:
            return Error(None, None, None, None)
        p999, p99 = (min(_percentile(self.errors, _FINE, share), self.max) for share in (0.999, 0.99))
        mean = float(f"{self.total / self.measured:.6g}")  # later digits depend on the order of the shards
        return Error(self.max, p999, p99, mean)

    def normwise_error(self) -> float | None:
        """The largest of rows whose results all have a distance; None if there is no such row."""
        return self.normwise if self.normwise >= 0 else None

    def mismatches(self) -> dict[str, int]:
        """How many results have no distance worth a number, by kind."""
        return {kind: int(n) for kind, n in zip(KINDS[2:], self.kinds[2:], strict=True)}

    def artefact_counts(self) -> dict[str, int]:
        """How many results are wrong in a device's way that no rule excuses, by artefact."""
        return {name: int(n) for name, n in zip(ARTEFACTS[1:], self.artefacts[1:], strict=True)}

    def loud(self) -> tuple[str, ...]:
        """The rules that excuse more than 1 % of the results whose exact value is normal."""
        return tuple(sorted(rule for rule, n in self.excused_normal.items() if 100 * n > self.normal))

    def bins(self) -> tuple[Bin, ...]:
        """The errors by exponent of the input, the most negative x first."""
        return joined(
            [
                Bin(negative, exponent, self.width, sum(counts.values()), self.peaks[negative, exponent],
                    min(_percentile(counts, _COARSE, 0.99), self.peaks[negative, exponent]))
                for (negative, exponent), counts in self.profile.items()
            ]
        )  # fmt: skip


def _candidate(batch: Batch, judged: Judged, k: int, start: int, badness: float) -> Candidate:
    first = next(iter(batch.values()))
    place = None
    if first.ndim == 1:
        operands = {name: [float(values[k])] for name, values in batch.items()}
    else:
        each = judged.computed.size // len(first)
        place = (k // each, k % each)
        operands = {name: np.atleast_1d(values[place[0]]).tolist() for name, values in batch.items()}
    return Candidate(
        bool(judged.excuses[k]),
        -badness,
        start + k,
        operands,
        KINDS[judged.kinds[k]],
        float(judged.computed[k]),
        float(judged.exact.rounded[k]),
        float(judged.comparison.ulps[k]),
        judged.rules.names[judged.excuses[k]],
        ARTEFACTS[judged.artefacts[k]],
        place,
    )


def _by_rule(judged: Judged, excuses: Codes) -> dict[str, int]:
    numbers = np.bincount(excuses, minlength=1).tolist()
    return {judged.rules.names[code]: n for code, n in enumerate(numbers) if code and n}


def _binned(errors: Floats, bits: int) -> Counts:
    """The leading bits of each error, its exponent and some of its significand, as an integer."""
    least = np.float64(2.0**_LEAST).view(np.int64) >> (52 - bits)
    return np.maximum(errors.view(np.int64) >> (52 - bits), least) - least


def _counted(binned: Counts) -> dict[int, int]:
    counts = np.bincount(binned)
    filled = np.flatnonzero(counts)
    return dict(zip(filled.tolist(), counts[filled].tolist(), strict=True))


def _merge(into: dict[Any, int], counts: dict[Any, int]) -> None:
    for key, number in counts.items():
        into[key] = into.get(key, 0) + number


def _percentile(counts: dict[int, int], bits: int, share: float) -> float:
    """The upper end of the bin in which that share of the errors is reached."""
    least = int(np.float64(2.0**_LEAST).view(np.int64)) >> (52 - bits)
    missing = share * sum(counts.values())
    for key in sorted(counts):
        missing -= counts[key]
        if missing <= 0:
            end = float(np.int64((key + least + 1) << (52 - bits)).view(np.float64)) if key else 2.0**_LEAST
            return math.inf if math.isnan(end) else end  # the bin of infinity has no end
    raise ValueError("no errors were counted")
