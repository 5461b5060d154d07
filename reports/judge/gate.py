"""What a target must reach: at most so many ulp, no mismatch, no incident."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from refacts.reports.exits import FAILED, INCOMPLETE, PASS, UsageError
from refacts.reports.judge import allowances, reasons

if TYPE_CHECKING:
    from refacts.reports.judge.rows import Row

LEAST = 10  # results a quota must speak of: so many must lie above before it is exceeded
UNIFORM = ("exhaustive", "uniform")  # coverages in which a share is one of the bit patterns


@dataclass(frozen=True)
class Gate:
    """The bound of a verdict.

    max_ulp: the largest error allowed, None for no bound; 0.5 allows
    the correctly rounded value alone. quota: the share of results that may lie above;
    never used for mismatches and incidents. allow: names in `allowances.ALLOWANCES`. max_ratio: the
    largest error allowed in units of the peer's.
    """

    max_ulp: float | None = None
    quota: float = 0.0
    allow: tuple[str, ...] = ()
    max_ratio: float | None = None

    @property
    def judges(self) -> bool:
        """Whether there is anything to pass."""
        return self.max_ulp is not None or self.max_ratio is not None

    @property
    def share(self) -> Fraction:
        """The quota as its decimal says."""
        return Fraction(str(self.quota))

    def refuses(self, coverage: str, inputs: int) -> str:
        """Empty if the quota may be used on such inputs, else a sentence that says why not."""
        if not self.quota:
            return ""
        if coverage not in UNIFORM:
            return f"a quota needs inputs exhaustive or uniform over bit patterns (these are {coverage})"
        least = math.ceil(LEAST / self.share)
        if inputs < least:
            return f"a quota of {self.quota:g} needs at least {least:,} results (there are {inputs:,})"
        return ""


def option(key: str) -> str:
    """A key as the command's option."""
    return f"--{key.replace('_', '-')}"


def asked(
    max_ulp: Any = None,
    quota: Any = None,
    allow: Iterable[str] = (),
    max_ratio: Any = None,
    named: Callable[[str], str] = option,
) -> Gate:
    """The gate asked for in texts or numbers; UsageError for what is none. ``named``: keys in messages."""
    bounds = {"max_ulp": max_ulp, "quota": quota, "max_ratio": max_ratio}
    numbers = {key: _number(named(key), given) for key, given in bounds.items()}
    share = numbers["quota"] or 0.0
    if share >= 1:
        raise UsageError(f"{named('quota')} must be below 1 (got {quota})")
    if share and numbers["max_ulp"] is None:
        raise UsageError(f"{named('quota')} needs {named('max_ulp')}, above which that share may lie")
    found = Gate(numbers["max_ulp"], share, allowances.allowed(allow), numbers["max_ratio"])
    if found.allow and not found.judges:
        raise UsageError(f"{named('allow')} needs a gate: {named('max_ulp')} or {named('max_ratio')}")
    return found


def _number(name: str, given: Any) -> float | None:
    if given is None:
        return None
    try:
        number = float(given) if not isinstance(given, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise UsageError(f"{name} must be a finite number of at least 0 (got {given})")
    return number


def judged(row: Row, gate: Gate) -> tuple[str, tuple[str, ...]]:
    """The verdict on a row and the reasons for it, a sentence each; none for "pass" and "measured"."""
    if row.inputs and not row.control.holds:
        return "void", (reasons.control(row),)
    if gate.judges and (wrong := reasons.failing(row, gate)):
        other = [row.diagnosis.sentence] if row.diagnosis and row.diagnosis.other else []
        return "fail", (*other, *wrong)
    if missing := reasons.missing(row, gate):
        return "incomplete", tuple(missing)
    return ("pass" if gate.judges else "measured"), ()


def exit_code(verdicts: Iterable[str]) -> int:
    """Of a command: a judge that is void has said nothing of the others; a failed gate outweighs a gap."""
    found = set(verdicts)
    if "void" in found:
        return INCOMPLETE
    if "fail" in found:
        return FAILED
    return INCOMPLETE if "incomplete" in found or not found else PASS
