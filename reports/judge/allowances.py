"""What `--allow` excuses: a closed list, narrow ones first: the first that can excuses a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from refacts.reports.exits import unknown


@dataclass(frozen=True)
class Allowance:
    """What it excuses, as a predicate of results; the kind of incidents it excuses, or "".

    Other results are excused one by one, by `refacts.reports.judge.judging.ALLOWANCES`.
    """

    sentence: str
    incident: str = ""


ALLOWANCES: dict[str, Allowance] = {
    "nan-at-inf": Allowance("are NaN where an operand is infinite and a number is exact"),
    "flushed": Allowance("are what flushing subnormals makes of the exact ones"),
    "saturated": Allowance("are the largest number where infinity is exact"),
    "sign-of-zero": Allowance("are a zero of the other sign"),
    "false-zero": Allowance("are zero where the nearest number is not"),
    "early-overflow": Allowance("are infinite where a finite number is exact"),
    "inf": Allowance("are infinite where a finite number is exact, or the other way round"),
    "kink": Allowance("are another derivative at a kink than the one asked for"),
    "unsteady": Allowance("differ from run to run, or with the layout of the inputs", incident="unsteady"),
    "dtype": Allowance("have another dtype than the one asked for", incident="dtype"),
    "input": Allowance("come from a call that changed its input", incident="input"),
}


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
