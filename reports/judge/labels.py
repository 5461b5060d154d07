"""In which way a result is wrong: one label each, the same words in tables of regions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles import Comparison, Format, Reference
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.judging import FALSE_ZERO, FLUSHED, INF, KINK, SATURATED, SIGN, Judged
from refacts.reports.judge.terms import spacing
from refacts.reports.quantities import gate
from refacts.reports.question import Question

Codes = npt.NDArray[np.uint8]

LABELS = (
    "right",  # or no more than LARGE ulp away
    "flushed subnormals",
    "saturation",
    "kink",
    "NaN at infinity",
    "NaN",
    "NaN swallowed",  # a number where NaN is due
    "overflow",
    "infinity lost",  # a finite number where infinity is due, or the other infinity
    "false zeros",
    "sign of zero",
    "wrong sign",
    "cancellation near the root",
    "cancellation near zero",
    "tail cancellation",
    "cancellation",
    "large error",
)
CANCELLATIONS = LABELS[-5:-1]
CODE = {label: code for code, label in enumerate(LABELS)}
OF_ARTEFACTS = {FLUSHED: LABELS[1], SATURATED: LABELS[2], KINK: LABELS[3]}
LARGE = 4.0  # ulp: a finite error up to here lies in no region
CANCELS = 16.0  # spacings at the size of the terms that the rounding of terms explains
SMALL = 4.0  # how many times the spacing there exceeds that at a result which is what a cancellation leaves
NEAR = 0.75  # of a root, relatively
_ZERO = 1.0  # |x| below which a cancellation is one near zero


def labels(question: Question, x: Floats, judged: Judged, terms: Floats) -> Codes:
    """Codes of LABELS for results; x and terms (`reports.judge.terms.terms`) are as long.

    An artefact is no defect and has its own label. Then come results without a distance, false zeros, and
    signs. A wrong sign or a finite error above LARGE ulp is a cancellation if it is at most CANCELS spacings
    of the format at the size of the terms, and the spacing at the exact value is SMALL times smaller or more.
    """
    got, exact, comparison = judged.computed, judged.exact, judged.comparison
    found = np.zeros(x.shape, np.uint8)
    with np.errstate(invalid="ignore"):
        large = comparison.ulps > LARGE
    signs = judged.kinds == SIGN
    cancels = _cancels(question.result, terms, exact, comparison) & (got != 0)
    found[large] = CODE["large error"]
    found[signs] = CODE["wrong sign"]
    located = (large | signs) & cancels
    found[located] = _located(question, x[located])
    found[judged.kinds == FALSE_ZERO] = CODE["false zeros"]
    found[signs & (got == 0)] = CODE["sign of zero"]
    found[judged.kinds == INF] = CODE["overflow"]
    found[np.isinf(exact.rounded) & ~(got == exact.rounded)] = CODE["infinity lost"]
    found[np.isnan(got)] = CODE["NaN"]
    found[np.isnan(got) & np.isinf(x)] = CODE["NaN at infinity"]
    found[comparison.nan_mismatch & ~np.isnan(got)] = CODE["NaN swallowed"]
    for artefact, label in OF_ARTEFACTS.items():
        found[judged.artefacts == artefact] = CODE[label]
    return found


def _cancels(fmt: Format, terms: Floats, exact: Reference, comparison: Comparison) -> Any:
    with np.errstate(all="ignore"):
        coarser = spacing(terms, fmt) / exact.ulp
        return (comparison.ulps <= CANCELS * coarser) & (coarser >= SMALL)


def _located(question: Question, x: Floats) -> Codes:
    """Which cancellation it is: of rows it has no place."""
    if question.kind == "rowwise":
        return np.full(x.shape, CODE["cancellation"], np.uint8)
    found = np.full(x.shape, CODE["tail cancellation"], np.uint8)
    found[np.abs(x) < _ZERO] = CODE["cancellation near zero"]
    for root in roots(question):
        found[np.abs(x - root) <= NEAR * abs(root)] = CODE["cancellation near the root"]
    return found


def roots(question: Question) -> tuple[float, ...]:
    """The zeros of a derivative other than at 0, as the specs of activations and gates state them."""
    if question.kind == "rowwise" or question.quantity in ("value", "vjp_a"):
        return ()
    f = gate(question.activation) if question.kind == "gated" else question.activation
    return tuple(float(root) for root in f.fact("stationary"))
