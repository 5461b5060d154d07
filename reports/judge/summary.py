"""From the comparison of a kernel with the oracle to the row of a document."""

from __future__ import annotations

from typing import Any

import numpy as np
from refacts.oracles import Comparison, Format, Reference, compare
from refacts.oracles.numbers.formats import Floats
from refacts.oracles.ulp import Flags
from refacts.reports.inputs.cases import Cases
from refacts.reports.notation import bits, hexadecimal, json_number, percent
from refacts.reports.targets.kernel import Kernel

WORST = 3


def summary(kernel: Kernel, cases: Cases, computed: Floats, exact: Reference) -> dict[str, Any]:
    """All that the document says of one kernel on one shard.

    The statistics are over the results that have a distance to the exact value at all: those with
    a NaN or infinity where the exact result has none, or the other way round, are counted instead.
    """
    comparison = compare(computed, exact)
    flags = _mismatches(comparison)
    correct = int(np.count_nonzero(comparison.correct))
    return {
        "inputs": computed.size,
        "wrong": computed.size - correct,
        "percent_correct": percent(correct, computed.size),
        "ulp": _statistics(comparison.ulps),
        "mismatches": {kind: int(np.count_nonzero(flag)) for kind, flag in flags.items()},
        "worst": [_one(kernel, cases, computed, exact, comparison, k) for k in _worst(comparison)],
        "profile": profile(cases.points, comparison.ulps, cases.fmt),
    }


def _mismatches(comparison: Comparison) -> dict[str, Flags]:
    return {
        "nan": comparison.nan_mismatch,
        "inf": comparison.inf_mismatch,
        "sign": comparison.sign_mismatch,
        "false_zero": comparison.false_zero,
    }


def _statistics(ulps: Floats) -> dict[str, Any]:
    measured = ulps[~np.isnan(ulps)]
    if not measured.size:
        return dict.fromkeys(("max", "p99.9", "p99", "mean"))
    p999, p99 = np.percentile(measured, [99.9, 99], method="higher")
    with np.errstate(over="ignore"):
        mean = float(np.mean(measured))
    return {
        "max": json_number(float(measured.max())),
        "p99.9": json_number(float(p999)),
        "p99": json_number(float(p99)),
        "mean": json_number(mean),
    }


def _worst(comparison: Comparison) -> list[int]:
    """Wrong before right, no distance before any, then by distance, then in order of the inputs."""
    badness = np.where(np.isnan(comparison.ulps), np.inf, comparison.ulps)
    order = np.lexsort((-badness, ~np.isnan(comparison.ulps), comparison.correct))
    return [int(k) for k in order[:WORST]]


def _one(
    kernel: Kernel,
    cases: Cases,
    computed: Floats,
    exact: Reference,
    comparison: Comparison,
    index: int,
) -> dict[str, Any]:
    given: dict[str, str] = {}
    for name, value in cases.given(index).items():
        given |= {name: hexadecimal(value), f"{name}_bits": bits(value, cases.fmt)}
    return {
        "call": cases.subject(kernel, index),
        **given,
        "computed": hexadecimal(computed[index]),
        "want": hexadecimal(exact.rounded[index]),
        "ulp": json_number(float(comparison.ulps[index])),
        "mismatches": [kind for kind, flag in _mismatches(comparison).items() if flag[index]],
        "correct": bool(comparison.correct[index]),
        "reproducer": cases.reproducer(kernel, index),
    }


def profile(x: Floats, ulps: Floats, fmt: Format) -> dict[str, Any]:
    """The largest error by exponent of the input, in bins of ``width`` exponents, sign by sign.

    Pairs of the bin's lowest exponent e (2^e <= |x| < 2^(e+width)) and its largest error in ulp,
    null where no result has a distance. Finite nonzero inputs only.
    """
    width = max(1, (2 * fmt.emax + 2) // 256)
    used = np.isfinite(x) & (x != 0)
    exponents = np.frexp(np.where(used, x, 1.0))[1] - 1
    found: dict[str, Any] = {"width": width}
    for side, chosen in (("negative", used & (x < 0)), ("positive", used & (x > 0))):
        bins = exponents[chosen] // width * width
        found[side] = _largest(bins, ulps[chosen])
    return found


def _largest(bins: Any, ulps: Floats) -> list[list[Any]]:
    order = np.argsort(bins, kind="stable")
    exponents, starts = np.unique(bins[order], return_index=True)
    if not starts.size:
        return []
    largest = np.fmax.reduceat(ulps[order], starts)
    return [[int(e), json_number(float(v))] for e, v in zip(exponents, largest, strict=True)]
