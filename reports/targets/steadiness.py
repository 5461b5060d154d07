"""The same inputs in other company: in long arrays, alone, at odd lengths and offsets, strided, again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.reports.notation import hexadecimal
from refacts.reports.question import Batch, Question
from refacts.reports.targets.company import Company, smaller, windows
from refacts.reports.targets.direct import Asked
from refacts.reports.targets.incidents import Incident, hexes, piece, recorded
from refacts.reports.targets.padding import PADDED, can_be_padded
from refacts.reports.targets.target import NoAnswerError

LONG = 2**17  # numbers of the longest array, as many as a shard has
SECONDS = 10.0  # that the comparisons of a question may take, and making each example small
MOST_SHRINKING = 400  # calls
REPEATS = 2  # of two calls that differ, each of which has the same bits again where company is the cause
EXPLAINED = 8  # units with other bits, looked at for another cause


@dataclass(frozen=True)
class Steadiness:
    """What other company and other runs change, one example of each, made small.

    from_run_to_run: whether one call with the same operands gave two results. cut_short: a sentence that says
    how many of the comparisons there was no time for; empty if all were made.
    """

    incidents: list[Incident]
    from_run_to_run: bool = False
    cut_short: str = ""


def steadiness(target: Asked, question: Question, batch: Batch, first: Floats) -> Steadiness:
    """Whether the bits of a batch depend on the company an input is in, or on the run.

    first: what the target made of the batch already. A call without an answer is an incident, too.
    """
    return _Comparison(target, question, batch, first).found()


class _Comparison:
    def __init__(self, target: Asked, question: Question, batch: Batch, first: Floats) -> None:
        """The batch, and what is to be expected of it, are repeated to a long array."""
        self.target, self.question = target, question
        operand = batch[question.operands[0]]
        self.whole = Company(0, len(operand))
        self.long = Company(0, len(operand) * max(1, -(-LONG // max(operand.size, 1))))
        self.batch = {name: self.repeated(values) for name, values in batch.items()}
        self.values = self.repeated(first)
        self.deadline = time.monotonic() + SECONDS
        self.made, self.cut_short, self.varies = 0, False, False
        self.shortest = self.longest = 0.0  # seconds that the fastest call took, and that of the whole batch

    def repeated(self, values: Floats) -> Floats:
        """As many copies, one after the other, as the long array has."""
        copies = self.long.units // max(self.whole.units, 1)
        return np.tile(values, (copies, *[1] * (values.ndim - 1)))

    def found(self) -> Steadiness:
        """Again first: what differs from run to run differs everywhere."""
        try:
            again = self.results(self.whole)
        except NoAnswerError as error:
            return Steadiness([self.without_answer(error, self.whole, " when run again")])
        self.shortest = self.longest = self.target.seconds
        places = np.flatnonzero(self.differ(self.values[: self.whole.units], again))
        if places.size:
            place = int(places[0])
            return Steadiness([self.run_again(place, self.values[place], again[place], self.whole)], True)
        causes = self.causes()
        found = [each for each in map(self.first, causes) if each is not None]
        if not found and self.long != self.whole:  # what differs in short arrays differs in long ones
            causes.append([self.long])
            found = [each for each in map(self.first, causes[-1:]) if each is not None]
        calls = sum(map(len, causes))
        sentence = (
            f"in {SECONDS:g} s there was time for only {self.made} of {calls} comparisons of its bits, "
            "of inputs alone and in other arrays"
        )
        return Steadiness(found, self.varies, sentence if self.cut_short else "")

    def causes(self) -> list[list[Company]]:
        """Companies to compare with the whole, by what makes them different."""
        layouts = [[replace(self.whole, layout=each)] for each in self.target.layouts if each != "plain"]
        padded = [replace(self.whole, padding=entries) for entries in (1, 7)]
        rows = [padded] if self.question.activation.spec.name in PADDED else []
        return [*layouts, *rows, windows(self.whole.units)]

    def late(self, company: Company) -> bool:
        """Whether there is no time for a call, by how long others took."""
        each = (self.longest - self.shortest) / self.whole.units
        seconds = self.shortest + each * company.units
        if time.monotonic() + seconds > self.deadline:
            self.cut_short = True
            return True
        return False

    def first(self, companies: list[Company]) -> Incident | None:
        """The first that gives other bits than the whole, as an incident; or that has no answer."""
        for company in companies:
            if self.late(company):
                return None
            self.made += 1
            try:
                values = self.results(company)
            except NoAnswerError as error:
                return self.without_answer(error, company, self.answers_again(error, company))
            self.shortest = min(self.shortest, self.target.seconds)
            differ = self.differ(values, self.values[company.start : company.stop])
            if company.padding:
                differ &= can_be_padded(self.question, self.batch["x"][: len(differ)])
            for place in (company.start + np.flatnonzero(differ)[:EXPLAINED]).tolist():
                if not self.as_alone(place, company):
                    return self.unsteady(place, company, values[place - company.start])
        return None

    def as_alone(self, place: int, company: Company) -> bool:
        """Whether a layout only gives a unit the bits that it has alone, which are compared, too."""
        lone = Company(place, place + 1)
        return company.layout != "plain" and self.bits_at(place, company) == self.bits_at(place, lone)

    def unsteady(self, place: int, other: Company, got: npt.ArrayLike) -> Incident:
        """A unit's results in the batch and in other company, which differ; shrunk for as long as they do."""
        start = place - place % self.whole.units  # of the copy of the batch that it is in
        one, want = Company(start, start + self.whole.units), np.asarray(self.values[place])
        seen = {one: want, other: np.asarray(got)}
        cause = self.not_company(place, seen)
        if cause is not None:
            return cause
        calls, end, shrunk = 0, time.monotonic() + SECONDS, True
        while shrunk:
            shrunk = False
            for pair in smaller(one, other, place):
                if calls >= MOST_SHRINKING or time.monotonic() > end:
                    break
                calls += sum(company not in seen for company in pair)
                results = [seen[each] if each in seen else self.at(place, each) for each in pair]
                if results[0] is None or results[1] is None or _bits(results[0]) == _bits(results[1]):
                    continue
                (one, other), shrunk = pair, True
                seen = {one: results[0], other: results[1]}
                break
        return self.not_company(place, seen) or self.example(place, seen)

    def not_company(self, place: int, seen: dict[Company, Floats]) -> Incident | None:
        """The incident of a unit that has other bits in the same company, or no answer; else None."""
        for company, values in seen.items():
            for _ in range(REPEATS):
                try:
                    again = self.results(company)[place - company.start]
                except NoAnswerError as error:
                    return self.without_answer(error, company, " when run again")
                if _bits(again) != _bits(values):
                    self.varies = True
                    return self.run_again(place, values, again, company)
        return None

    def run_again(self, place: int, one: npt.ArrayLike, other: npt.ArrayLike, company: Company) -> Incident:
        """The same call twice, with the two results of a unit."""
        first, second = self.shown(one, other)
        where = "" if company == self.whole else f", {company.said(self.question)}"
        return self.recorded(place, f"{first} at first, {second} when run again{where}")

    def example(self, place: int, seen: dict[Company, Floats]) -> Incident:
        """A difference between two companies, the other one first."""
        (one, mine), (other, theirs) = seen.items()
        first, second = self.shown(theirs, mine)
        where = [company.said(self.question) for company in (other, one)]
        return self.recorded(place, f"{first} {where[0]}, {second} {where[1]}")

    def without_answer(self, error: NoAnswerError, company: Company, when: str) -> Incident:
        """The incident of a call that has no answer, though the batch as a whole had one."""
        sentence = f"{error.sentence}{when}, {company.said(self.question)}"
        part, plain = company.part(self.question, self.batch), company.layout == "plain"
        return recorded(self.target, self.question, error.kind, sentence, part, plain=plain)

    def answers_again(self, error: NoAnswerError, company: Company) -> str:
        """Words for a call that had no answer, if it has one when it is made again; one that hung is not."""
        if error.kind == "hung":
            return ""
        try:
            self.results(company)
        except NoAnswerError:
            return ""
        return " (but answered when run again)"

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

    def results(self, company: Company) -> Floats:
        """What the target makes of the company, without the padding."""
        part = company.part(self.question, self.batch)
        values = self.target.answer(self.question, part, company.layout).values
        if company.padding and not self.question.reduces:
            return values[..., : -company.padding]
        return values

    def at(self, place: int, company: Company) -> Floats | None:
        """A unit's results in a company; None without an answer."""
        try:
            return np.asarray(self.results(company)[place - company.start])
        except NoAnswerError:
            return None

    def bits_at(self, place: int, company: Company) -> bytes | None:
        """The bits of a unit's results in a company; None without an answer."""
        values = self.at(place, company)
        return None if values is None else _bits(values)

    def differ(self, one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
        """Which units have other bits."""
        found = _other_bits(one, other)
        return np.any(found.reshape(len(found), -1), axis=1) if found.ndim > 1 else found


def _bits(values: npt.ArrayLike) -> bytes:
    """The bits of a unit's results; NaN is NaN."""
    return np.where(np.isnan(values), np.nan, values).tobytes()


def _other_bits(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Where two results differ, signs of zero included; NaN is NaN."""
    other_value = (one != other) & ~(np.isnan(one) & np.isnan(other))
    found: npt.NDArray[np.bool_] = other_value | ((one == other) & (np.signbit(one) != np.signbit(other)))
    return found
