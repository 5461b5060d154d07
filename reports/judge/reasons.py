"""Why a row does not pass its gate: a sentence each, with an example, and what would excuse it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from refacts.reports.judge import allowances
from refacts.reports.notation import counted, decimal, ulps
from refacts.reports.question import pair

if TYPE_CHECKING:
    from refacts.reports.judge.gate import Gate
    from refacts.reports.judge.rows import Incident, Peer, Row, Worst

STOPPED = ("raised", "shape", "type", "hung", "died")  # incidents that leave results unanswered
MISMATCHED = {
    "nan": ("NaN mismatch", "NaN mismatches"),
    "inf": ("infinity mismatch", "infinity mismatches"),
    "sign": ("wrong sign", "wrong signs"),
    "false_zero": ("false zero", "false zeros"),
}
_ARTEFACTS = {
    "flushed": "what flushing subnormal numbers to 0 gives",
    "saturated": "the largest number where infinity is exact",
    "kink": "another derivative at a kink",
}
_NARROW = ("nan-at-inf", "early-overflow", "sign-of-zero")  # excuse some results of a kind only
_EXCUSES = {"saturated": "--saturate", "kink": "--kink any"}


def control(row: Row) -> str:
    """Why the judge cannot be believed."""
    found = row.control
    if not found.exact_passed:
        return "the control failed: the exact results did not pass"
    return (
        f"the control failed: the exact results passed with {found.moved:,} of {found.inputs:,} "
        "moved past the budget"
    )


def failing(row: Row, gate: Gate) -> list[str]:
    """Why a row fails a gate, what matters most first; what it lacks beside that is said last."""
    found = [*_incidents(row, gate, STOPPED), *_mismatches(row, gate), *_distances(row, gate)]
    found += [*_artefacts(row, gate), *_ratio(row, gate), *_incidents(row, gate)]
    return [*found, *_unanswered(row)] if found else []


def missing(row: Row, gate: Gate) -> list[str]:
    """What a row lacks; a gate would have failed it for what stopped the target."""
    stopped = [] if gate.judges else _incidents(row, gate, STOPPED)
    return [*stopped, *_unanswered(row), *_without_ratio(row, gate)]


def _unanswered(row: Row) -> Iterator[str]:
    if row.unanswered:
        verb = "is" if row.unanswered == 1 else "are"
        yield f"{row.unanswered:,} of {counted(row.inputs + row.unanswered, 'result')} {verb} missing"
    elif not row.inputs:
        yield "no result was judged"


def _mismatches(row: Row, gate: Gate) -> Iterator[str]:
    """Any one, or, where a peer alone is the measure, one where it answers, and has not the same."""
    peer = _only_peer(row, gate)
    for kind, count in row.mismatches.items() if peer is None or peer.answered else ():
        allowed = peer.shared.get(kind, 0) if peer else 0
        if count > allowed:
            worst = _worst(row, kind)
            hint = "" if worst is None else _excused_by(row, worst, gate, count)
            yield f"{counted(count, *MISMATCHED[kind])}{_beside(allowed)}{_example(row, worst)}{hint}"


def _distances(row: Row, gate: Gate) -> Iterator[str]:
    if gate.max_ulp is None or not row.over_budget:
        return
    refused = gate.refuses(row.coverage, row.quota_of)
    if gate.quota and not refused and row.quota_over <= gate.share * row.quota_of:
        return
    share = ""
    if gate.quota and not refused:
        what = "results" if row.quota_of == row.inputs else "uniform results"
        share = f"; {row.quota_over:,} of {row.quota_of:,} {what} lie above, {gate.quota:g} of them may"
    worst = _worst(row, "finite")
    if gate.max_ulp <= 0.5 and row.error.max is not None and row.error.max <= 0.5:
        ties = "result is a tie" if row.over_budget == 1 else "results are a tie"
        yield f"{row.over_budget:,} {ties} rounded to the wrong side{_example(row, worst)}"
        return
    largest = row.error.max if worst is None else worst.ulp
    place = "" if worst is None else f" at {_place(row, worst)}"
    others = largest is not None and row.error.max is not None and largest < row.error.max
    what = "max error of the other results" if others else "max error"
    yield f"{what} {ulps(largest)} ulp{place}, at most {gate.max_ulp:g} allowed{share}"
    if refused:
        yield refused


def _artefacts(row: Row, gate: Gate) -> Iterator[str]:
    """Any one, or, where a peer alone is the measure, one where it answers, and has not the same."""
    peer = _only_peer(row, gate)
    for kind, count in row.artefacts.items() if peer is None or peer.answered else ():
        allowed = peer.shared.get(kind, 0) if peer else 0
        if count <= allowed:
            continue
        found = [worst for worst in row.worst if worst.artefact == kind and not worst.excused]
        what, option = _ARTEFACTS[kind], _EXCUSES.get(kind, "")
        if kind == "flushed":
            is_zero = [float.fromhex(worst.got) == 0 for worst in found]
            results = "ftz" not in row.profile.split("+") and all(is_zero)
            what = "zero where the exact result is subnormal" if results and found else what
            option = "--ftz" if results else "--daz"
        verb = "result is" if count == 1 else "results are"
        example = _example(row, found[0]) if found else ""
        yield f"{count:,} {verb} {what}{_beside(allowed)}{example}; {option} or --allow {kind} excuses such"


def _beside(allowed: int) -> str:
    return f" (the peer has {allowed:,} of them)" if allowed else ""


def _excused_by(row: Row, worst: Worst, gate: Gate, count: int) -> str:
    """What would excuse results like this one, which others of the same kind may not be."""
    got, want = float.fromhex(worst.got), float.fromhex(worst.want)
    operands = [float.fromhex(value) for value in worst.operands.values()]
    budget = 1.0 if gate.max_ulp is None else gate.max_ulp
    name = ""
    if worst.kind == "false_zero":
        name = "false-zero"
    elif worst.kind == "nan" and got != got and any(abs(x) == float("inf") for x in operands):
        name = "nan-at-inf"
    elif worst.kind == "inf":
        source, output = pair(row.formats)
        largest = (source if row.quantity.startswith("vjp") else output).max
        early = largest / allowances.EARLY < abs(want) <= largest and got == math.copysign(math.inf, want)
        name = "early-overflow" if early else "inf" if math.isinf(got) != math.isinf(want) else ""
    elif worst.kind == "sign" and got == 0 and (want == 0 or 0.5 < (worst.ulp or 0.0) <= budget):
        name = "sign-of-zero"
    such = "only such" if name in _NARROW and count > 1 else "such"
    return f"; --allow {name} excuses {such}" if name and name not in gate.allow else ""


def _ratio(row: Row, gate: Gate) -> Iterator[str]:
    if gate.max_ratio is not None and row.peer and (row.peer.ratio or 0.0) > gate.max_ratio:
        found = ulps(row.peer.ratio)
        yield f"max error is {found} times that of {row.peer.target}, at most {gate.max_ratio:g} allowed"


def _without_ratio(row: Row, gate: Gate) -> Iterator[str]:
    if gate.max_ratio is not None and (row.peer is None or row.peer.ratio is None):
        why = f": {row.peer.sentence}" if row.peer else ""
        yield f"the ratio to the peer's error cannot be judged{why}"


def _only_peer(row: Row, gate: Gate) -> Peer | None:
    """The peer, where it alone is the measure."""
    return row.peer if gate.max_ulp is None else None


def _incidents(row: Row, gate: Gate, kinds: tuple[str, ...] = ()) -> Iterator[str]:
    """Those of the kinds, or of all but `STOPPED`, that nothing excuses; the same ones once."""
    excused = allowances.incidents(gate.allow)
    alike: dict[tuple[str, str], list[Incident]] = {}
    for incident in row.incidents:
        chosen = incident.kind in kinds if kinds else incident.kind not in STOPPED
        if chosen and incident.kind not in excused:
            alike.setdefault((incident.kind, incident.sentence), []).append(incident)
    for (kind, sentence), found in alike.items():
        operands = found[0].operands
        at = ""
        if operands and all(len(values) == 1 for values in operands.values()):
            at = f", at {_operands(row, {name: values[0] for name, values in operands.items()})}"
        more = f" and {counted(len(found) - 1, 'other place')}" if at and found[1:] else ""
        names = [name for name, one in allowances.ALLOWANCES.items() if one.incident == kind]
        yield f"{sentence}{at}{more}" + "".join(f"; --allow {name} excuses such" for name in names)


def _example(row: Row, worst: Worst | None) -> str:
    if worst is None:
        return ""
    source, output = pair(row.formats)
    fmt = source if row.quantity.startswith("vjp") else output
    got, want = (decimal(float.fromhex(value), fmt) for value in (worst.got, worst.want))
    return f": at {_place(row, worst)} got {got}, want {want}"


def _worst(row: Row, kind: str) -> Worst | None:
    """The first of a kind that is a defect."""
    found = [each for each in row.worst if each.kind == kind and not each.excused and not each.artefact]
    return found[0] if found else None


def _place(row: Row, worst: Worst) -> str:
    operands = _operands(row, worst.operands)
    return operands if worst.place is None else f"row {worst.place[0]}, entry {worst.place[1]}, {operands}"


def _operands(row: Row, operands: dict[str, str]) -> str:
    source, output = pair(row.formats)
    return ", ".join(
        f"{name} = {decimal(float.fromhex(value), output if name == 'g' else source)}"
        for name, value in operands.items()
    )
