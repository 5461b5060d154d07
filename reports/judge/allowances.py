"""What `--allow` excuses: a closed list, each name with the results or the incidents it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from refacts.oracles import Comparison, Reference
from refacts.oracles.numbers.formats import Floats
from refacts.oracles.ulp import Flags
from refacts.reports.exits import unknown


@dataclass(frozen=True)
class Allowance:
    """A sentence without its subject; the kind of incident excused, or "" where results are."""

    sentence: str
    incident: str = ""


ALLOWANCES: dict[str, Allowance] = {
    "nan-at-inf": Allowance("are NaN where an operand is infinite and a number is exact"),
    "nan-swallowed": Allowance("are a number where NaN is exact"),
    "inf": Allowance("are infinite where a finite number is exact, or the other way round"),
    "sign-of-zero": Allowance("are a zero of the other sign"),
    "false-zero": Allowance("are zero where the nearest number is not"),
    "flushed": Allowance("are what flushing subnormals makes of the exact ones"),
    "saturated": Allowance("are the largest number where infinity is exact"),
    "kink": Allowance("are another derivative at a kink than the one asked for"),
    "unsteady": Allowance("differ from run to run, or with the layout of the inputs", "unsteady"),
    "dtype": Allowance("have another dtype than the one asked for", "dtype"),
    "input": Allowance("come from a call that changed its input", "input"),
}
_ARTEFACTS = ("flushed", "saturated", "kink")


def allowed(names: Iterable[str]) -> tuple[str, ...]:
    """The names, each once and in the order of the list; UsageError for one that is not in it."""
    given = list(names)
    for name in given:
        if name not in ALLOWANCES:
            raise unknown("allowance", name, ALLOWANCES)
    return tuple(name for name in ALLOWANCES if name in given)


def incidents(names: Iterable[str]) -> set[str]:
    """The kinds of incidents that allowances excuse."""
    return {ALLOWANCES[name].incident for name in names} - {""}


def excused(
    names: Iterable[str],
    computed: Floats,
    exact: Reference,
    comparison: Comparison,
    infinite: Flags,
    artefacts: Mapping[str, Flags],
) -> dict[str, Flags]:
    """The results each allowance excuses, by its name; one result may be excused by several.

    computed, exact, comparison: of the same results. infinite: where an operand is. artefacts: by kind,
    what `Row.artefacts` counts.
    """
    zeros = (computed == 0) & (exact.rounded == 0)
    by_name = {
        "nan-at-inf": comparison.nan_mismatch & infinite & np.isnan(computed),
        "nan-swallowed": comparison.nan_mismatch & np.isnan(exact.rounded),
        "inf": comparison.inf_mismatch,
        "sign-of-zero": comparison.sign_mismatch & zeros,
        "false-zero": comparison.false_zero,
        **{kind: artefacts.get(kind, np.zeros(computed.shape, bool)) for kind in _ARTEFACTS},
    }
    return {name: by_name[name] for name in names if name in by_name}
