"""The verdict of the probes: the named definition, another one, or none that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.probes import PROBES
from refacts.reports.judge.fingerprint import elementwise, gated, rowwise
from refacts.reports.judge.fingerprint.beside_kinks import beside_kinks
from refacts.reports.judge.fingerprint.closeness import ENOUGH, SPACINGS, Closeness, Rung, ladder
from refacts.reports.judge.fingerprint.elementwise import Candidate, Probed
from refacts.reports.judge.fingerprint.fits import fitted, slips
from refacts.reports.judge.fingerprint.kinks import kink_side
from refacts.reports.judge.rows import Diagnosis
from refacts.reports.judge.terms import spacing, terms
from refacts.reports.question import Batch, Question

Ask = Callable[[Question, Batch], Floats]
MARGIN, MORE = 4, 10  # another one misses 4 times fewer probes than the named one, and 10 fewer


def fingerprint(question: Question, answer: Ask, name: str = "the target", seed: int = 0) -> Diagnosis:
    """The definition that the answers to about 2,000 probes follow.

    On the first rung of `closeness.ladder` where it can be said: another definition if it explains at least
    99 % of the probes and the named one misses, with twice the spacings, 10 more than 4 times as many;
    else the named one if it explains 99 %. A narrower format is named only where the errors are its own.
    name: the target's, for the sentence.
    """
    batch = beside_kinks(question, PROBES, seed)
    kinks = kink_side(question, answer)
    return decided(question, batch, np.asarray(answer(question, batch), dtype=np.float64), name, kinks)


def agreed(question: Question, answer: Ask, name: str, seed: int) -> Diagnosis | None:
    """The same where bits differ from run to run; None if two runs follow different definitions."""
    batch, kinks = beside_kinks(question, PROBES, seed), kink_side(question, answer)
    runs = [np.asarray(answer(question, batch), dtype=np.float64) for _ in range(2)]
    one, other = (decided(question, batch, got, name, kinks) for got in runs)
    return one if one.found == other.found else None


def decided(question: Question, batch: Batch, got: Floats, name: str, kinks: str = "") -> Diagnosis:
    """The same of results that are there: ``got``, of finite operands, and the side taken at kinks."""
    scale = terms(question, batch)
    measured = partial(Closeness, got=got, terms=scale, fmt=question.result)
    rungs, widest = ladder(question.result), Rung(SPACINGS[-1], 1.0, question.result)
    own = measured(_named(question, batch))
    if own.misses(rungs[0], 2) < MORE:
        return _said(question, name, own, None, widest, kinks)
    others = [measured(each) for each in _others(question, batch, own, scale)]
    for rung in rungs:
        other = _better(own, others, rung)
        if other is not None and other.in_precision_of(rung.fmt):
            return _said(question, name, own, other, rung, "")
        if own.misses(rung) <= (1 - ENOUGH) * got.size and own.in_precision_of(rung.fmt):
            if rung.fmt != question.result:
                return _narrow(name, own, rung)
            return _said(question, name, own, None, widest, kinks)
    return _unknown(name, own, others, widest)


def _named(question: Question, batch: Batch) -> Candidate:
    if question.kind != "elementwise":
        return {"rowwise": rowwise, "gated": gated}[question.kind].named(question, batch)
    probed = Probed(question, batch)
    return Candidate(probed.called(probed.named.name), probed.of(probed.named))


def _others(question: Question, batch: Batch, own: Closeness, scale: Floats) -> Iterator[Candidate]:
    got, fmt = own.got, question.result
    with np.errstate(all="ignore"):
        tolerance = spacing(np.maximum(np.abs(got), scale), fmt)

    def misses(candidate: Candidate) -> int | None:
        """On all rungs together; None where it is followed on no rung."""
        found = Closeness(candidate, got, scale, fmt)
        missed = [found.misses(rung) for rung in ladder(fmt)]
        return sum(missed) if min(missed) <= (1 - ENOUGH) * got.size else None

    if question.kind == "elementwise":
        probed = Probed(question, batch)
        return chain(elementwise.candidates(probed), fitted(probed, got, tolerance, misses))
    made = {"rowwise": rowwise, "gated": gated}[question.kind].candidates(question, batch)
    return chain(made, slips(own.candidate, got, tolerance, misses))


def _better(own: Closeness, others: list[Closeness], rung: Rung) -> Closeness | None:
    """The first of those that explain the most, give or take a few, if the named one explains fewer."""
    missed = np.array([other.misses(rung) for other in others])
    most = missed.min(initial=own.got.size)
    if most > (1 - ENOUGH) * own.got.size or own.misses(rung, 2) < MARGIN * most + MORE:
        return None
    return others[int(np.argmax(missed <= most + 2))]


def _said(
    question: Question, name: str, own: Closeness, other: Closeness | None, rung: Rung, kinks: str
) -> Diagnosis:
    named, found = own.candidate.name, (other or own).candidate.name
    if rung.fmt != question.result:
        found += f" with the precision of {rung.fmt.name}"
    shares = share(own, rung), share(other or own, rung)
    probed = f"of {own.got.size:,} probes"
    sentence = f"{name} follows {found} ({percent(shares[1])} {probed})"
    if other is not None:
        sentence += f", not {named} ({percent(shares[0])})"
    elif kinks not in ("", "right"):
        sentence += f"; derivative at kinks: {kinks}"
    return Diagnosis(named, found, *shares, other is not None, f"{sentence}.")


def _narrow(name: str, own: Closeness, rung: Rung) -> Diagnosis:
    named = own.candidate.name
    found = f"{named} with the precision of {rung.fmt.name}"
    wide = Rung(SPACINGS[-1], 1.0, own.fmt)
    shares = share(own, wide), share(own, rung)
    sentence = (
        f"{name} follows {found} ({percent(shares[1])} of {own.got.size:,} probes), not of {own.fmt.name} "
        f"({percent(shares[0])})."
    )
    return Diagnosis(named, found, *shares, True, sentence)


def _unknown(name: str, own: Closeness, others: list[Closeness], rung: Rung) -> Diagnosis:
    named, least = own.candidate.name, min([own, *others], key=lambda each: each.misses(rung))
    best = least if own.misses(rung) > MARGIN * least.misses(rung) else own
    shares = share(own, rung), share(best, rung)
    probed = f"{own.got.size:,} probes of {name}"
    sentence = f"{named} explains {percent(shares[0])} of {probed}, no known definition 99 %"
    if best is not own:
        sentence += f", {best.candidate.name} {percent(shares[1])}"
    return Diagnosis(named, best.candidate.name, *shares, False, f"{sentence}.")


def share(closeness: Closeness, rung: Rung) -> float:
    """What a candidate explains, of 1."""
    return 1 - closeness.misses(rung) / closeness.got.size


def percent(of: float) -> str:
    """A share in percent, 100 only if it is all."""
    return f"{np.floor(of * 1000) / 10:g} %"
