"""What a target must reach: at most so many ulp, no mismatch, no incident."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from refacts.reports.exits import FAILED, INCOMPLETE, PASS, UsageError
from refacts.reports.judge import allowances
from refacts.reports.notation import ulps

if TYPE_CHECKING:
    from refacts.reports.judge.rows import Row, Worst

LEAST = 10  # results a quota must speak of: so many must lie above before it is exceeded
UNIFORM = ("exhaustive", "uniform")  # coverages in which a share is one of the bit patterns
STOPPED = ("raised", "shape", "type", "hung", "died")  # incidents that leave results unanswered
MISMATCHED = {
    "nan": "NaN mismatches",
    "inf": "infinity mismatches",
    "sign": "wrong signs",
    "false_zero": "false zeros",
}
_ARTEFACTS = {
    "flushed": ("results are an artefact of flushing subnormals", "--ftz or --daz"),
    "saturated": ("results are an artefact of saturation", "--saturate"),
    "kink": ("results are another derivative at a kink", "--kink"),
}


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
        return "void", (_control(row),)
    if gate.judges:
        wrong = [*_incidents(row, gate, STOPPED), *_mismatches(row, gate), *_distances(row, gate)]
        wrong += [*_artefacts(row), *_ratio(row, gate), *_incidents(row, gate)]
        if wrong:
            other = [row.diagnosis.sentence] if row.diagnosis and row.diagnosis.other else []
            return "fail", (*other, *wrong, *_unanswered(row))
    missing = [*([] if gate.judges else _incidents(row, gate, STOPPED)), *_unanswered(row)]
    if missing:
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


def _control(row: Row) -> str:
    control = row.control
    if not control.exact_passed:
        return "the control failed: the exact results did not pass"
    return (
        f"the control failed: the exact results passed with {control.moved:,} of {control.inputs:,} "
        "moved past the budget"
    )


def _mismatches(row: Row, gate: Gate) -> Iterator[str]:
    """Any one, or, where a peer alone is the measure, more than the peer has."""
    for kind, count in row.mismatches.items():
        allowed = row.peer.mismatches.get(kind, 0) if row.peer and gate.max_ulp is None else 0
        if count > allowed:
            beside = f" (the peer has {allowed:,})" if allowed else ""
            yield f"{count:,} {MISMATCHED[kind]}{beside}{_example(row, kind)}"


def _distances(row: Row, gate: Gate) -> Iterator[str]:
    if gate.max_ulp is None or not row.over_budget:
        return
    refused = gate.refuses(row.coverage, row.inputs)
    if not refused and row.over_budget <= gate.share * row.inputs:
        return
    share = ""
    if gate.quota and not refused:
        share = f"; {row.over_budget:,} of {row.inputs:,} results lie above, {gate.quota:g} of them may"
    if gate.max_ulp <= 0.5 and row.error.max is not None and row.error.max <= 0.5:
        yield f"{row.over_budget:,} results are a tie rounded to the wrong side{_example(row, 'finite')}"
        return
    worst = _worst(row, "finite")
    largest = row.error.max if worst is None else worst.ulp
    place = "" if worst is None else f" at {_place(worst)}"
    yield f"max error {ulps(largest)} ulp{place}, at most {gate.max_ulp:g} allowed{share}"
    if refused:
        yield refused


def _artefacts(row: Row) -> Iterator[str]:
    for kind, count in row.artefacts.items():
        if count:
            sentence, profile = _ARTEFACTS[kind]
            found = [worst for worst in row.worst if worst.artefact == kind and not worst.excused]
            place = f" (at {_place(found[0])})" if found else ""
            yield f"{count:,} {sentence}{place}; {profile} judges by the device's rule"


def _ratio(row: Row, gate: Gate) -> Iterator[str]:
    if gate.max_ratio is None:
        return
    if row.peer is None or row.peer.ratio is None:
        yield "there is no peer's error to compare with"
    elif row.peer.ratio > gate.max_ratio:
        found = ulps(row.peer.ratio)
        yield f"max error is {found} times that of {row.peer.target}, at most {gate.max_ratio:g} allowed"


def _incidents(row: Row, gate: Gate, kinds: tuple[str, ...] = ()) -> Iterator[str]:
    """Those of the kinds, or of all but `STOPPED`, that nothing excuses."""
    excused = allowances.incidents(gate.allow)
    for incident in row.incidents:
        chosen = incident.kind in kinds if kinds else incident.kind not in STOPPED
        if chosen and incident.kind not in excused:
            yield incident.sentence


def _unanswered(row: Row) -> Iterator[str]:
    if row.unanswered:
        yield f"{row.unanswered:,} of {row.inputs + row.unanswered:,} results are missing"
    elif not row.inputs:
        yield "no result was judged"


def _example(row: Row, kind: str) -> str:
    worst = _worst(row, kind)
    return "" if worst is None else f": at {_place(worst)} got {worst.got}, want {worst.want}"


def _worst(row: Row, kind: str) -> Worst | None:
    """The first of a kind that is a defect."""
    found = [each for each in row.worst if each.kind == kind and not each.excused and not each.artefact]
    return found[0] if found else None


def _place(worst: Worst) -> str:
    operands = ", ".join(f"{name} = {value}" for name, value in worst.operands.items())
    return operands if worst.place is None else f"row {worst.place[0]}, entry {worst.place[1]}, {operands}"
