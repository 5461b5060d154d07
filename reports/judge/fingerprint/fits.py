"""Numbers found from a target's results: parameters of functions, and the c of a slip.

A number that enters smoothly is found by Newton's method on robust medians, from the best of several
starts; it is then said with as few digits as explain as many results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.fingerprint.elementwise import Candidate, Probed
from refacts.reports.judge.fingerprint.functions import NARROWER, as_held, function, subject
from refacts.reports.judge.fingerprint.locations import located

import refacts

Results = Callable[[Probed, float], Floats]
Misses = Callable[[Candidate], int | None]
_SIZES = tuple(2.0**k for k in range(-4, 5))
_COARSE, _FINE, _STEPS = 60, 300, 12


@dataclass(frozen=True)
class Family:
    """Functions with one number. said: a name for the number found. negative: whether it may be.

    linear: whether it enters linearly, so that one step from anywhere finds it.
    """

    results: Results
    said: Callable[[float], str]
    negative: bool = False
    linear: bool = False

    def candidate(self, probed: Probed, number: float) -> Candidate:
        """The function with this number."""
        return Candidate(self.said(number), self.results(probed, number))


def fitted(probed: Probed, got: Floats, tolerance: Floats, misses: Misses) -> Iterator[Candidate]:
    """Candidates with the numbers that suit the results best. tolerance: an error to be expected of each."""
    if np.count_nonzero(np.isfinite(got)) < _FINE:
        return
    with np.errstate(all="ignore"):
        right = Candidate(probed.called(probed.named.name), probed.of(probed.named))
        yield from slips(right, got, tolerance, misses)
        straight = Candidate(probed.called("x"), np.ones_like(got) * probed.factor)
        if probed.question.quantity == "value":
            straight = Candidate("x", probed.x)
        yield from slips(straight, got, tolerance, misses)
        yield from _searched(_families(probed), probed, got, tolerance, misses)
        for make, numbers in located(probed, got, tolerance):
            if np.isfinite(numbers).all():
                yield _shortest_of(partial(_made_of, probed, make), numbers, misses)
        yield from _searched(_scalings(probed), probed, got, tolerance, misses)


def _made_of(probed: Probed, make: Callable[..., Any], *numbers: float) -> Candidate:
    f = make(*numbers)
    return Candidate(probed.called(subject(f)), probed.of(function(f)))


def _searched(
    families: Iterable[Family], probed: Probed, got: Floats, tolerance: Floats, misses: Misses
) -> Iterator[Candidate]:
    for family in families:
        found = _found(family, probed, got, tolerance)
        if found is not None:
            yield shortest(partial(family.candidate, probed), found, misses)


def slips(right: Candidate, got: Floats, tolerance: Floats, misses: Misses) -> Iterator[Candidate]:
    """The right results times a number, and with one added."""
    with np.errstate(all="ignore"):
        factor = weighted_median(got / right.values, np.abs(right.values) / tolerance)
        offset = weighted_median(got - right.values, 1 / tolerance)
    if np.isfinite(factor):
        yield shortest(lambda c: Candidate(f"{c} times {right.name}", c * right.values), factor, misses)
    if np.isfinite(offset):
        yield shortest(lambda c: Candidate(f"{right.name} + {c}", right.values + c), offset, misses)


def _families(probed: Probed) -> Iterator[Family]:
    like = refacts.PReLU if isinstance(probed.question.activation, refacts.PReLU) else refacts.LeakyReLU
    yield _of(probed, like, linear=True)
    yield _of(probed, refacts.ELU, linear=True)
    yield _of(probed, refacts.Swish, negative=True)
    yield _of(probed, refacts.CELU)
    yield _of(probed, refacts.Softplus)
    yield _of(probed, refacts.Squareplus)
    if probed.question.quantity == "value":
        yield _of(probed, refacts.Softshrink)


def _scalings(probed: Probed) -> Iterator[Family]:
    """The named function of c x, and its derivative there, with the factor c or without."""
    f, name = probed.named, probed.named.name
    if probed.question.quantity == "value":
        yield Family(lambda part, c: f.value(c * part.x), lambda c: f"{name}({c} x)", True)
    else:
        before = f"{probed.letter} times " if probed.letter else ""
        yield Family(
            lambda part, c: part.factor * f.slope(c * part.x), lambda c: f"{before}{name}'({c} x)", True
        )
        yield Family(
            lambda part, c: part.factor * c * f.slope(c * part.x),
            lambda c: f"{before}the derivative of {name}({c} x)",
            True,
        )


def _of(probed: Probed, make: Callable[[float], Any], negative: bool = False, linear: bool = False) -> Family:
    return Family(
        lambda part, c: part.of(function(make(c))),
        lambda c: probed.called(subject(make(c))),
        negative,
        linear,
    )


def _found(family: Family, probed: Probed, got: Floats, tolerance: Floats) -> float | None:
    """The number with which the family comes nearest, from the best start."""
    finite = np.flatnonzero(np.isfinite(got) & np.isfinite(tolerance))
    few, more = (finite[:: max(1, finite.size // count)] for count in (_COARSE, _FINE))
    start = 1.0
    if not family.linear:
        part, wanted, error = probed.part(few), got[few], tolerance[few]
        starts = [sign * size for sign in ((1.0, -1.0) if family.negative else (1.0,)) for size in _SIZES]
        start = min(starts, key=lambda c: _farness(family.results(part, c), wanted, error))
    return _polished(family, probed.part(more), start, got[more], tolerance[more])


def _farness(values: Floats, got: Floats, tolerance: Floats) -> float:
    far = np.log2(1 + np.abs(values - got) / tolerance)
    return float(np.mean(np.where(np.isnan(far), 2000.0, far)))


def _polished(family: Family, part: Probed, start: float, got: Floats, tolerance: Floats) -> float | None:
    c = start
    for _ in range(_STEPS):
        here, h = family.results(part, c), c * 2.0**-20
        slope = (family.results(part, c + h) - here) / h
        step = weighted_median((got - here) / slope, np.abs(slope) / tolerance)
        if not np.isfinite(step) or c + step == 0:
            return None
        if not family.linear:
            step = float(np.clip(step, -abs(c) / 2, abs(c)))
        c += step
        if abs(step) <= 2.0**-50 * abs(c):
            break
    return c


def weighted_median(values: Floats, weights: Floats) -> float:
    """The number with half of the weight on either side; NaN if nothing has any."""
    used = np.isfinite(values) & np.isfinite(weights) & (weights > 0)
    if not used.any():
        return float("nan")
    order = np.argsort(values[used])
    heaped = np.cumsum(weights[used][order])
    return float(values[used][order][np.searchsorted(heaped, heaped[-1] / 2)])


def shortest(made: Callable[[float], Candidate], number: float, misses: Misses) -> Candidate:
    """The candidate of the number with the fewest digits that explains about as many results."""
    return _shortest_of(made, (number,), misses)


def _shortest_of(made: Callable[..., Candidate], numbers: tuple[float, ...], misses: Misses) -> Candidate:
    whole = made(*numbers)
    missed = misses(whole)
    if missed is None:
        return whole
    for digits in range(1, 13):
        short = tuple(float(f"{number:.{digits}g}") for number in numbers)
        for fmt in ("", *NARROWER):
            held = tuple(as_held(number, fmt) if fmt else number for number in short)
            if fmt and (held == short or not np.isfinite(held).all()):
                continue
            candidate = made(*held)
            now = misses(candidate)
            if now is not None and now <= missed + len(whole.values) // 100:
                return _said(candidate, short, held, fmt)
    return whole


def _said(candidate: Candidate, short: tuple[float, ...], held: tuple[float, ...], fmt: str) -> Candidate:
    """The candidate whose name has the short numbers, with the format they are rounded to."""
    name = candidate.name
    for number, rounded in zip(short, held, strict=True):
        if number != rounded:
            name = name.replace(str(rounded), f"{number} rounded to {fmt}")
    return replace(candidate, name=name)
