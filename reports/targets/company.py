"""The company an input is in: which part of a batch is one call, and how that lies in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
from refacts.reports.question import Batch, Question
from refacts.reports.targets.incidents import piece
from refacts.reports.targets.padding import padded

LENGTHS = (1, 2, 3, 5, 7, 9, 15, 17, 31, 33, 63, 65, 127, 129, 255, 257)
PLACES = 4  # where windows of each length begin
ALONE = 32  # elements or rows
SHIFTS = (1, 3, 8, 21)
FEW = 32  # elements, as many as the widest vectors hold


@dataclass(frozen=True)
class Company:
    """A call: which part of the batch, how it lies in memory, how many entries its rows are padded with."""

    start: int
    stop: int
    layout: str = "plain"
    padding: int = 0

    @property
    def units(self) -> int:
        """How many elements, or rows."""
        return self.stop - self.start

    def part(self, question: Question, batch: Batch) -> Batch:
        """The operands."""
        part = piece(batch, self.start, self.stop)
        return padded(question, part, self.padding) if self.padding else part

    def said(self, question: Question) -> str:
        """Where an element is: "alone", "in a strided array of 17"."""
        what = {"plain": "an array", "strided": "a strided array", "offset": "an unaligned array"}[
            self.layout
        ]
        where = f"in {what} of {self.units:,}{' rows' if question.kind == 'rowwise' else ''}"
        if self.units == 1:
            where = "alone" if self.layout == "plain" else f"alone in {what}"
        return f"{where}, padded by {self.padding}" if self.padding else where


def windows(units: int) -> list[Company]:
    """Parts of so many units: each length once before any again, short ones before long ones."""
    shorter = [length for length in LENGTHS if length < units]
    starts = [_spread(units - length, ALONE if length == 1 else PLACES) for length in shorter]
    lengths = [[Company(s, s + length) for s in each] for length, each in zip(shorter, starts, strict=True)]
    shifted = [[Company(shift, units)] for shift in SHIFTS if shift < units]
    rounds = zip_longest(*lengths, *shifted)
    return [company for each in rounds for company in each if company is not None]


def _spread(last: int, count: int) -> list[int]:
    """Places from 0 to the last."""
    return [int(place) for place in np.unique(np.linspace(0, last, count).astype(int))]


def smaller(one: Company, other: Company, place: int) -> Iterator[tuple[Company, Company]]:
    """Pairs of companies with less in them: both cut alike where they are the same part, else one of them."""
    together = (one.start, one.stop) == (other.start, other.stop)
    for low, high in _cuts(one.start, one.stop, place):
        shorter = replace(one, start=low, stop=high)
        if shorter != other:
            yield shorter, replace(other, start=low, stop=high) if together else other
    if not together:
        for low, high in _cuts(other.start, other.stop, place):
            shorter = replace(other, start=low, stop=high)
            if shorter != one:
                yield one, shorter


def _cuts(start: int, stop: int, place: int) -> Iterator[tuple[int, int]]:
    """Shorter parts that still hold a place: few elements before it, and none or few after; then halves."""
    before, after = place - start, stop - place - 1
    few = [(b, a) for a in (0, FEW) for b in range(FEW)]
    halves = [(b, a) for b in (before, before // 2) for a in (after, after // 2)]
    for b, a in (*few, *halves):
        if b <= before and a <= after and (b, a) != (before, after):
            yield place - b, place + 1 + a
