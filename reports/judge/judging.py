"""Each result of a batch beside the exact one: how far off it is, in which way, and what excuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from refacts.oracles import Comparison, Format, Reference, compare
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.kinks import at_kinks, between, of_the_left
from refacts.reports.judge.truth import oracle, sharpened, truth
from refacts.reports.question import Batch, Question

Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
KINDS = ("right", "finite", "nan", "inf", "sign", "false_zero")
RIGHT, FINITE, NAN, INF, SIGN, FALSE_ZERO = range(6)
ARTEFACTS = ("", "flushed", "saturated", "kink")  # a device's way to be wrong, or a convention
NO_ARTEFACT, FLUSHED, SATURATED, KINK = range(4)
PROFILES = {"ftz": "results that are subnormal are 0", "daz": "operands that are subnormal are 0",
            "saturate": "the largest number stands for what overflows"}  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What a target is judged by.

    profile: some of PROFILES. kink: "any" value between the one-sided derivatives is right, or only
    the one from the "left" or "right". allow: names of allowances. budget: the largest error in ulp that
    passes; up to 0.5 the nearest number alone. oracle: whether exact results are the mpmath oracle's, and not
    those of refacts' kernels.
    """

    profile: frozenset[str] = frozenset()
    kink: str = "any"
    allow: tuple[str, ...] = ()
    budget: float = 1.0
    oracle: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The rules that can excuse a result, in the order in which they are tried."""
        return ("", "kink", *sorted(self.profile), *(name for name in self.allow if name != "kink"))


@dataclass(frozen=True)
class Judged:
    """The results of a batch, flat: indices into KINDS, ARTEFACTS and ``rules.names``."""

    computed: Floats
    exact: Reference
    comparison: Comparison
    kinds: Codes
    artefacts: Codes
    excuses: Codes
    rules: Rules = field(default_factory=Rules)


def judged(question: Question, batch: Batch, computed: Floats, exact: Reference, rules: Rules) -> Judged:
    """Each of the flat results ``computed`` beside the exact ones."""
    if not rules.oracle:
        exact = sharpened(question, batch, exact, computed)
    artefacts = np.zeros(computed.size, np.int8)
    excuses = np.zeros(computed.size, np.int8)
    if rules.kink == "left":
        exact = _from_the_left(question, batch, exact)
    comparison = compare(computed, exact)
    kinds = _kinds(comparison, exact, question.result, rules)
    wrong = kinds != RIGHT
    if wrong.any():
        excused = rules.kink == "any" or "kink" in rules.allow
        if excused:
            here = _between(question, batch, computed, wrong)
            artefacts[here], excuses[here] = KINK, rules.names.index("kink")
        results = Results(question, batch, computed, exact, comparison.ulps, kinds, artefacts, rules)
        failing = wrong & (artefacts == 0) & ~_within(kinds, comparison.ulps, rules)
        _judge_flushing(results, failing, excuses)
        if not excused:
            artefacts[_between(question, batch, computed, failing & (artefacts == 0))] = KINK
        for name in rules.allow:
            if name in ALLOWANCES:
                here = wrong & (excuses == 0) & ALLOWANCES[name](results)
                excuses[here] = rules.names.index(name)
    return Judged(computed, exact, comparison, kinds, artefacts, excuses, rules)


class Results(NamedTuple):
    """What the rules look at, the artefacts as far as they are known."""

    question: Question
    batch: Batch
    computed: Floats
    exact: Reference
    ulps: Floats
    kinds: Codes
    artefacts: Codes
    rules: Rules


def _kinds(comparison: Comparison, exact: Reference, fmt: Format, rules: Rules) -> Codes:
    """Zero is an ordinary number beside the least one, and within the budget where subnormals are due."""
    kinds = np.where(comparison.correct, RIGHT, FINITE).astype(np.int8)
    kinds[comparison.sign_mismatch] = SIGN
    near = (comparison.ulps <= rules.budget) & _is_below(exact, fmt) & ~comparison.sign_mismatch
    kinds[comparison.false_zero & (comparison.ulps > 1) & ~near] = FALSE_ZERO
    kinds[comparison.inf_mismatch] = INF
    infinities = np.isnan(comparison.ulps) & ~comparison.nan_mismatch  # of opposite signs, too
    kinds[infinities] = INF
    kinds[comparison.nan_mismatch] = NAN
    return kinds


def _within(kinds: Codes, ulps: Floats, rules: Rules) -> Flags:
    """Results other than the nearest number that pass by their distance."""
    found: Flags = (kinds == FINITE) & (ulps <= rules.budget) & (rules.budget > 0.5)
    return found


def _is_below(exact: Reference, fmt: Format) -> Flags:
    """Where the exact value is less than the least normal number."""
    with np.errstate(all="ignore"):
        found: Flags = np.abs(exact.rounded + exact.residual * exact.ulp) < 2.0**fmt.emin
    return found


def _from_the_left(question: Question, batch: Batch, exact: Reference) -> Reference:
    places = np.flatnonzero(at_kinks(question, batch))
    if not places.size:
        return exact
    rounded, residual = exact.rounded.copy(), exact.residual.copy()
    rounded[places] = of_the_left(question, batch, places)
    residual[places] = 0.0
    return Reference(rounded, residual, exact.ulp)


def _between(question: Question, batch: Batch, computed: Floats, wrong: Flags) -> npt.NDArray[np.intp]:
    """Places at kinks where the result lies between those of the one-sided derivatives."""
    places = np.flatnonzero(wrong & at_kinks(question, batch))
    if not places.size:
        return places
    least, most = between(question, batch, places)
    return places[(computed[places] >= least) & (computed[places] <= most)]


def _judge_flushing(results: Results, failing: Flags, excuses: Codes) -> None:
    """Mark failing results that a device gives which flushes subnormals, or saturates, and excuse them.

    What a device's rule would hardly change is no artefact, unless that rule excuses it.
    """
    _, _, computed, exact, ulps, _, artefacts, rules = results
    fmt = results.question.result
    flushed = failing & _is_zero_for(computed, exact, rules) & _is_below(exact, fmt)
    as_zero, apart = _right_for_zeroed(results, failing)
    for name, here, differs in (("ftz", flushed, ulps > 1), ("daz", as_zero, apart)):
        if name in rules.profile:
            excuses[here & (excuses == 0)] = rules.names.index(name)
            artefacts[here] = FLUSHED
        else:
            artefacts[here & differs] = FLUSHED
    saturated = failing & np.isinf(exact.rounded) & (computed == np.copysign(fmt.max, exact.rounded))
    artefacts[saturated] = SATURATED
    if "saturate" in rules.profile:
        excuses[saturated] = rules.names.index("saturate")


def _is_zero_for(computed: Floats, exact: Reference, rules: Rules) -> Flags:
    """Where a result is a zero of the exact value's sign, or one of any sign, if that is allowed."""
    same = (np.signbit(computed) == np.signbit(exact.rounded)) | ("sign-of-zero" in rules.allow)
    found: Flags = (computed == 0) & same
    return found


def _subnormal(question: Question, batch: Batch) -> Flags:
    """Where a result has a subnormal operand; of a row, where one is anywhere in it."""
    found = [_is_subnormal(values, question.format_of(name)) for name, values in batch.items()]
    if question.kind != "rowwise":
        return np.logical_or.reduce(found)
    rows = np.logical_or.reduce([each.reshape(len(each), -1).any(-1) for each in found])
    return np.repeat(rows, question.results(batch["x"].shape[1]))


def _is_subnormal(values: Floats, fmt: Format) -> Flags:
    return (values != 0) & (np.abs(values) < 2.0**fmt.emin)


def _right_for_zeroed(results: Results, failing: Flags) -> tuple[Flags, Flags]:
    """Where a result is right for operands with 0 instead of each subnormal number.

    And where the exact result for those is more than 1 ulp and the budget away from the exact result.
    """
    question, batch, computed, exact, _, _, _, rules = results
    found, apart = np.zeros(computed.size, bool), np.zeros(computed.size, bool)
    places = np.flatnonzero(failing & _subnormal(question, batch))
    if not places.size:
        return found, apart
    each = question.results(batch["x"].shape[1]) if question.kind == "rowwise" else 1
    rows = np.unique(places // each)
    zeroed = {}
    for name, values in batch.items():
        part = values[rows]
        zeroed[name] = np.where(_is_subnormal(part, question.format_of(name)), np.copysign(0.0, part), part)
    answers = oracle if rules.oracle else truth
    inner = (np.searchsorted(rows, places // each) * each) + places % each
    other, here = _at(answers(question, zeroed), inner), computed[places]
    comparison = compare(here, other)
    kinds = _kinds(comparison, other, question.result, rules)
    right = (kinds == RIGHT) | (_within(kinds, comparison.ulps, rules) & (other.rounded != 0))
    least = 2.0**question.result.emin if "ftz" in rules.profile else question.result.smallest_subnormal
    right |= _is_zero_for(here, other, rules) & (np.abs(other.rounded) < least)
    found[places] = right
    apart[places] = ~(compare(other.rounded, _at(exact, places)).ulps <= max(rules.budget, 1.0))
    return found, apart


def _at(exact: Reference, places: npt.NDArray[np.intp]) -> Reference:
    return Reference(exact.rounded[places], exact.residual[places], exact.ulp[places])


def _any_infinite(batch: Batch, size: int) -> Flags:
    """Where a result has an infinite operand; of a row, where one is anywhere in it."""
    found = np.zeros(size, bool)
    for values in batch.values():
        of_each = np.any(np.isinf(values).reshape(len(values), -1), axis=1)
        found |= np.repeat(of_each, size // max(len(values), 1))
    return found


def _passes_with_its_sign(results: Results) -> Flags:
    """Zeros of the other sign instead of which the right one would pass."""
    _, _, computed, exact, ulps, _, _, rules = results
    near = _is_below(exact, results.question.result) & (ulps <= rules.budget) & (rules.budget > 0.5)
    wrong = np.signbit(computed) != np.signbit(exact.rounded)
    found: Flags = (computed == 0) & wrong & ((exact.rounded == 0) | near)
    return found


ALLOWANCES: dict[str, Callable[[Results], Flags]] = {  # those of `judge.allowances` that are about results
    "nan-at-inf": lambda r: (r.kinds == NAN) & np.isnan(r.computed) & _any_infinite(r.batch, r.computed.size),
    "flushed": lambda r: r.artefacts == FLUSHED,
    "saturated": lambda r: r.artefacts == SATURATED,
    "sign-of-zero": _passes_with_its_sign,
    "false-zero": lambda r: r.kinds == FALSE_ZERO,
    "early-overflow": lambda r: (r.kinds == INF) & np.isinf(r.computed),
    "inf": lambda r: r.kinds == INF,
    "kink": lambda r: r.artefacts == KINK,
}
