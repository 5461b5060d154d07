"""Each result of a batch beside the exact one: how far off it is, in which way, and what excuses it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
    is within bounds, for operands taken as 0. oracle: whether exact results are the mpmath oracle's, and not
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
    kinds = _kinds(comparison)
    wrong = kinds != RIGHT
    if wrong.any():
        if rules.kink == "any" or "kink" in rules.allow:
            here = _between(question, batch, computed, wrong)
            artefacts[here], excuses[here] = KINK, rules.names.index("kink")
        flushing = wrong & (artefacts == 0)
        if not rules.profile:
            flushing &= ~(comparison.ulps <= 1)  # next to the least number 0 is an ordinary neighbour
        _judge_flushing(question, batch, computed, exact, flushing, rules, artefacts, excuses)
        for name in rules.allow:
            if name in ALLOWANCES:
                here = wrong & (excuses == 0) & ALLOWANCES[name](batch, computed, exact, kinds, artefacts)
                excuses[here] = rules.names.index(name)
    return Judged(computed, exact, comparison, kinds, artefacts, excuses, rules)


def _kinds(comparison: Comparison) -> Codes:
    kinds = np.where(comparison.correct, RIGHT, FINITE).astype(np.int8)
    kinds[comparison.sign_mismatch] = SIGN
    kinds[comparison.false_zero & (comparison.ulps > 1)] = FALSE_ZERO  # else a neighbour
    kinds[comparison.inf_mismatch] = INF
    infinities = np.isnan(comparison.ulps) & ~comparison.nan_mismatch  # of opposite signs, too
    kinds[infinities] = INF
    kinds[comparison.nan_mismatch] = NAN
    return kinds


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


def _judge_flushing(
    question: Question,
    batch: Batch,
    computed: Floats,
    exact: Reference,
    wrong: Flags,
    rules: Rules,
    artefacts: Codes,
    excuses: Codes,
) -> None:
    fmt = question.result
    with np.errstate(all="ignore"):
        below = np.abs(exact.rounded + exact.residual * exact.ulp) < 2.0**fmt.emin
        flushed = wrong & (computed == 0) & below & (np.signbit(computed) == np.signbit(exact.rounded))
    saturated = wrong & np.isinf(exact.rounded) & (computed == np.copysign(fmt.max, exact.rounded))
    as_zero = _as_if_operands_were_zero(question, batch, computed, wrong & ~flushed, rules)
    artefacts[flushed | as_zero] = FLUSHED
    artefacts[saturated] = SATURATED
    for name, here in (("ftz", flushed), ("daz", as_zero | (flushed & _subnormal(question, batch)))):
        if name in rules.profile:
            excuses[here & (excuses == 0)] = rules.names.index(name)
    if "saturate" in rules.profile:
        excuses[saturated] = rules.names.index("saturate")


def _subnormal(question: Question, batch: Batch) -> Flags:
    """Where a result has a subnormal operand; of a row, where one is anywhere in it."""
    found = [_is_subnormal(values, question.format_of(name)) for name, values in batch.items()]
    if question.kind != "rowwise":
        return np.logical_or.reduce(found)
    rows = np.logical_or.reduce([each.reshape(len(each), -1).any(-1) for each in found])
    return np.repeat(rows, question.results(batch["x"].shape[1]))


def _is_subnormal(values: Floats, fmt: Format) -> Flags:
    return (values != 0) & (np.abs(values) < 2.0**fmt.emin)


def _as_if_operands_were_zero(
    question: Question, batch: Batch, computed: Floats, wrong: Flags, rules: Rules
) -> Flags:
    """Where a result is right for operands with 0 instead of each subnormal number."""
    found = np.zeros(computed.size, bool)
    places = np.flatnonzero(wrong & _subnormal(question, batch))
    if not places.size:
        return found
    each = question.results(batch["x"].shape[1]) if question.kind == "rowwise" else 1
    rows = np.unique(places // each)
    zeroed = {}
    for name, values in batch.items():
        part = values[rows]
        zeroed[name] = np.where(_is_subnormal(part, question.format_of(name)), np.copysign(0.0, part), part)
    exact = oracle(question, zeroed) if rules.oracle else truth(question, zeroed)
    inner = (np.searchsorted(rows, places // each) * each) + places % each
    exact = Reference(exact.rounded[inner], exact.residual[inner], exact.ulp[inner])
    comparison = compare(computed[places], exact)
    zero = (computed[places] == 0) & (np.abs(exact.rounded) < 2.0**question.result.emin)
    found[places[(comparison.ulps <= max(rules.budget, 1.0)) | zero]] = True
    return found


def _any_infinite(batch: Batch, size: int) -> Flags:
    """Where a result has an infinite operand; of a row, where one is anywhere in it."""
    found = np.zeros(size, bool)
    for values in batch.values():
        of_each = np.any(np.isinf(values).reshape(len(values), -1), axis=1)
        found |= np.repeat(of_each, size // max(len(values), 1))
    return found


ALLOWANCES: dict[str, Any] = {  # those of `refacts.reports.judge.allowances` that are about results
    "nan-at-inf": lambda batch, got, exact, kinds, artefacts: (
        (kinds == NAN) & np.isnan(got) & _any_infinite(batch, got.size)
    ),
    "sign-of-zero": lambda batch, got, exact, kinds, artefacts: (got == 0) & (exact.rounded == 0),
    "false-zero": lambda batch, got, exact, kinds, artefacts: kinds == FALSE_ZERO,
    "early-overflow": lambda batch, got, exact, kinds, artefacts: (kinds == INF) & np.isinf(got),
    "inf": lambda batch, got, exact, kinds, artefacts: kinds == INF,
    "flushed": lambda batch, got, exact, kinds, artefacts: artefacts == FLUSHED,
    "saturated": lambda batch, got, exact, kinds, artefacts: artefacts == SATURATED,
    "kink": lambda batch, got, exact, kinds, artefacts: artefacts == KINK,
}
