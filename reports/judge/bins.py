"""Wrong results of a stream, sorted into bins of x: what a bin holds of each label, and where bins lie."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats

Counts = npt.NDArray[np.int64]

BINS = 1 << 15  # by sign, exponent and 3 bits of the significand of a float64
_SHIFT = 49  # bits below those
_HALF = BINS // 2  # bins of one sign
_INFINITE = 0x7FF << 3  # that of infinity; beyond are NaN


def bins_of(x: Floats) -> Counts:
    """The bin of each number of a 1-d array."""
    found: Counts = (x.view(np.uint64) >> np.uint64(_SHIFT)).view(np.int64)
    return found


def position(bins: Counts) -> Counts:
    """The place of bins along the real line, NaN at its end."""
    size = bins % _HALF
    along = np.where(bins < _HALF, size, -1 - size)
    return np.where(size > _INFINITE, _HALF, along)


@dataclass(frozen=True)
class Wrong:
    """Columns, a row for each label and bin: key is label · 2^15 + bin, in ascending order.

    measured: how many have an error in ulp; total: its sum; largest: -1 if none has. worst: the x of the
    largest error; of several the one nearest 0, of two the negative one.
    """

    key: Counts
    count: Counts
    measured: Counts
    total: Floats
    largest: Floats
    low: Floats
    high: Floats
    worst: Floats

    @classmethod
    def of(cls, key: Counts, x: Floats, ulps: Floats) -> Wrong:
        """A row for each result."""
        known = ~np.isnan(ulps)
        ones = np.ones(key.shape, np.int64)
        total, largest = np.where(known, ulps, 0.0), np.where(known, ulps, -1.0)
        with np.errstate(invalid="ignore"):  # a signaling NaN
            place = x + 0.0
        return cls(key, ones, known.astype(np.int64), total, largest, place, place, x)

    @property
    def wrong(self) -> int:
        """How many results."""
        return int(self.count.sum())

    def beside(self, other: Wrong) -> Wrong:
        """The rows of both."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Wrong(*map(np.concatenate, pairs))

    def grouped(self) -> Wrong:
        """The same with a row for each key."""
        order = np.argsort(self.key, kind="stable")
        key = self.key[order]
        starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: key.size])
        sizes = np.diff(np.append(starts, key.size))
        largest = np.maximum.reduceat(self.largest[order], starts)
        is_worst = self.largest[order] == np.repeat(largest, sizes)
        x = self.worst[order]
        nearest = np.fmin.reduceat(np.where(is_worst, np.abs(x), np.nan), starts)
        negative = is_worst & np.signbit(x) & (np.abs(x) == np.repeat(nearest, sizes))
        with np.errstate(over="ignore"):
            total = np.add.reduceat(self.total[order], starts)
        return Wrong(
            key[starts],
            np.add.reduceat(self.count[order], starts),
            np.add.reduceat(self.measured[order], starts),
            total,
            largest,
            np.fmin.reduceat(self.low[order], starts),
            np.fmax.reduceat(self.high[order], starts),
            np.where(np.logical_or.reduceat(negative, starts), -nearest, nearest),
        )

    def rows(self, places: Any) -> Wrong:
        """Some of the rows."""
        return Wrong(*(getattr(self, f.name)[places] for f in fields(self)))
