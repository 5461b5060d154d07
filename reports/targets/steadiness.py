"""The same inputs in other company: in a long array, alone, at odd lengths and offsets, strided, again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.reports.notation import hexadecimal
from refacts.reports.question import Batch, Question
from refacts.reports.targets.direct import Asked
from refacts.reports.targets.incidents import Incident, hexes, piece, recorded
from refacts.reports.targets.padding import PADDED, can_be_padded, padded
from refacts.reports.targets.target import NoAnswerError

LENGTHS = (1, 2, 3, 5, 7, 9, 15, 17, 31, 33, 63, 65, 127, 129, 255, 257)
PLACES = 4  # where windows of each length begin
ALONE = 32  # elements or rows
SHIFTS = (1, 3, 8, 21)
MOST_SHRINKING = 400  # calls
EXPLAINED = 8  # units with other bits, looked at for another cause
FEW = 32  # elements, as many as the widest vectors hold


@dataclass(frozen=True)
class _Company:
    """A call: which part of the batch, how it lies in memory, how many entries its rows are padded with."""

    start: int
    stop: int
    layout: str = "plain"
    padding: int = 0

    def part(self, question: Question, batch: Batch) -> Batch:
        """The operands."""
        part = piece(batch, self.start, self.stop)
        return padded(question, part, self.padding) if self.padding else part

    def said(self, question: Question) -> str:
        """Where an element is: "alone", "in a strided array of 17"."""
        units = self.stop - self.start
        what = {"plain": "an array", "strided": "a strided array", "offset": "an unaligned array"}[
            self.layout
        ]
        where = f"in {what} of {units}{' rows' if question.kind == 'rowwise' else ''}"
        if units == 1:
            where = "alone" if self.layout == "plain" else f"alone in {what}"
        return f"{where}, padded by {self.padding}" if self.padding else where


def steadiness(target: Asked, question: Question, batch: Batch) -> list[Incident]:
    """Where bits depend on the company an input is in, or on the run: one example of each, made small.

    A call that has no answer though the batch as a whole has one is an incident too. NoAnswerError if
    the batch as a whole has none.
    """
    return _Comparison(target, question, batch).incidents()


@dataclass
class _Comparison:
    target: Asked
    question: Question
    batch: Batch

    def __post_init__(self) -> None:
        """Ask for the whole batch."""
        self.units = len(self.batch[self.question.operands[0]])
        self.whole = _Company(0, self.units)
        self.values = self.results(self.whole)

    def incidents(self) -> list[Incident]:
        """Again first: what differs from run to run differs everywhere."""
        again = self.results(self.whole)
        places = np.flatnonzero(self.differ(self.values, again))
        if places.size:
            return [self.from_run_to_run(int(places[0]), again)]
        found = (self.first(companies) for companies in self.causes())
        return [each for each in found if each is not None]

    def causes(self) -> Iterator[Iterator[_Company]]:
        """Companies to compare with the whole, by what makes them different."""
        yield self.windows()
        for layout in self.target.layouts:
            if layout != "plain":
                yield iter([replace(self.whole, layout=layout)])
        if self.question.activation.spec.name in PADDED:
            yield iter([replace(self.whole, padding=entries) for entries in (1, 7)])

    def windows(self) -> Iterator[_Company]:
        """Short arrays before long ones."""
        for start in np.unique(np.linspace(0, self.units - 1, ALONE).astype(int)).tolist():
            yield _Company(start, start + 1)
        for length in LENGTHS:
            if length < self.units:
                for start in np.unique(np.linspace(0, self.units - length, PLACES).astype(int)).tolist():
                    yield _Company(start, start + length)
        for shift in SHIFTS:
            if shift < self.units:
                yield _Company(shift, self.units)

    def first(self, companies: Iterator[_Company]) -> Incident | None:
        """The first that gives other bits than the whole, as an incident; or that has no answer."""
        for company in companies:
            try:
                values = self.results(company)
            except NoAnswerError as error:
                sentence = f"{error.sentence}, {company.said(self.question)}"
                part, plain = company.part(self.question, self.batch), company.layout == "plain"
                return recorded(self.target, self.question, error.kind, sentence, part, plain=plain)
            differ = self.differ(values, self.values[company.start : company.stop])
            if company.padding:
                differ &= can_be_padded(self.question, self.batch["x"])
            for place in (company.start + np.flatnonzero(differ)[:EXPLAINED]).tolist():
                if not self.as_alone(place, company):
                    return self.unsteady(place, self.whole, company)
        return None

    def as_alone(self, place: int, company: _Company) -> bool:
        """Whether a layout only gives a unit the bits that it has alone, which are compared before."""
        lone = _Company(place, place + 1)
        return company.layout != "plain" and self.at(place, company) == self.at(place, lone)

    def unsteady(self, place: int, one: _Company, other: _Company) -> Incident:
        """Two companies in which a unit has different bits, shrunk for as long as they differ."""
        calls = 0
        shrunk = True
        while shrunk and calls < MOST_SHRINKING:
            shrunk = False
            for first, second in _smaller(one, other, place):
                calls += 2
                results = self.at(place, first), self.at(place, second)
                if None not in results and results[0] != results[1]:
                    one, other, shrunk = first, second, True
                    break
        return self.example(place, one, other)

    def from_run_to_run(self, place: int, again: Floats) -> Incident:
        """The same call twice, with the two results of the whole."""
        first, second = self.shown(self.values[place], again[place])
        return self.recorded(place, f"{first} at first, {second} when run again")

    def example(self, place: int, one: _Company, other: _Company) -> Incident:
        """A difference between two companies."""
        values = [self.results(company)[place - company.start] for company in (other, one)]
        first, second = self.shown(*values)
        where = [company.said(self.question) for company in (other, one)]
        return self.recorded(place, f"{first} {where[0]}, {second} {where[1]}")

    def recorded(self, place: int, results: str) -> Incident:
        """The incident of a unit."""
        sentence = f"{self.written(place)} = {results}"
        return recorded(self.target, self.question, "unsteady", sentence, piece(self.batch, place, place + 1))

    def shown(self, one: npt.ArrayLike, other: npt.ArrayLike) -> tuple[str, str]:
        """The first two entries that differ, in hex."""
        first, second = np.atleast_1d(one), np.atleast_1d(other)
        entry = int(np.flatnonzero(_other_bits(first, second))[0])
        return hexadecimal(float(first[entry])), hexadecimal(float(second[entry]))

    def written(self, place: int) -> str:
        """The unit: "float32 f(0x1.8p+0)"."""
        operands = hexes({name: np.ravel(values[place]).tolist() for name, values in self.batch.items()})
        texts = [", ".join([*numbers[:4], *["..."] * (len(numbers) > 4)]) for numbers in operands.values()]
        if self.question.kind == "rowwise":
            texts = [f"[{text}]" for text in texts]
        name = "f" if self.question.quantity == "value" else self.question.quantity
        return f"{self.question.formats} {name}({', '.join(texts)})"

    def results(self, company: _Company) -> Floats:
        """What the target makes of the company, without the padding."""
        part = company.part(self.question, self.batch)
        values = self.target.answer(self.question, part, company.layout).values
        if company.padding and not self.question.reduces:
            return values[..., : -company.padding]
        return values

    def at(self, place: int, company: _Company) -> bytes | None:
        """The bits of a unit's results in a company; None without an answer."""
        try:
            values = self.results(company)[place - company.start]
        except NoAnswerError:
            return None
        return np.where(np.isnan(values), np.nan, values).tobytes()

    def differ(self, one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
        """Which units have other bits."""
        found = _other_bits(one, other)
        return np.any(found.reshape(len(found), -1), axis=1) if found.ndim > 1 else found


def _other_bits(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Where two results differ, signs of zero included; NaN is NaN."""
    other_value = (one != other) & ~(np.isnan(one) & np.isnan(other))
    found: npt.NDArray[np.bool_] = other_value | ((one == other) & (np.signbit(one) != np.signbit(other)))
    return found


def _smaller(one: _Company, other: _Company, place: int) -> Iterator[tuple[_Company, _Company]]:
    """Pairs of companies with less in them: both cut alike where they are the same part, else the longer."""
    together = (one.start, one.stop) == (other.start, other.stop)
    for low, high in _cuts(one.start, one.stop, place):
        shorter = replace(one, start=low, stop=high)
        yield shorter, replace(other, start=low, stop=high) if together else other
    if not together:
        for low, high in _cuts(other.start, other.stop, place):
            yield one, replace(other, start=low, stop=high)


def _cuts(start: int, stop: int, place: int) -> Iterator[tuple[int, int]]:
    """Shorter parts that still hold a place: few elements before it, and none or few after; then halves."""
    before, after = place - start, stop - place - 1
    few = [(b, a) for a in (0, FEW) for b in range(FEW)]
    halves = [(b, a) for b in (before, before // 2) for a in (after, after // 2)]
    for b, a in (*few, *halves):
        if b <= before and a <= after and (b, a) != (before, after):
            yield place - b, place + 1 + a
