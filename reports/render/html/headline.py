"""The answers at the top of a report: is it good enough, how wrong is it, where is it worst."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from refacts.oracles import Format
from refacts.reports.judge import severity
from refacts.reports.judge.rows import Row, Worst
from refacts.reports.notation import decimal, percent, ulps
from refacts.reports.question import pair
from refacts.reports.render import verdict_words as words
from refacts.reports.render.bug_report import KINDS, interval, whole
from refacts.reports.verdicts import Document

REASONS = 4  # of the worst row, and sentences on other definitions, that are shown
NAMED = 4  # targets that are told by name


@dataclass(frozen=True)
class Headline:
    """verdict: as rows have it; then sentences, in the order in which they are read.

    worst: the row that `where` and `reasons` are of; more: how many of its reasons are not among these.
    """

    verdict: str
    title: str
    enough: tuple[str, ...]
    wrong: tuple[str, ...]
    where: tuple[str, ...]
    reasons: tuple[str, ...]
    more: int
    worst: Row | None


def headline(document: Document) -> Headline:
    """What a hurried reader should know."""
    worst = severity.worst_of(document.rows)
    reasons = tuple(dict.fromkeys(worst.reasons)) if worst else ()
    others = words.diagnoses(document.rows)
    if len(others) > REASONS:
        others[REASONS:] = [f"And {len(others) - REASONS:,} more sentences of this kind are in the entries."]
    return Headline(
        severity.overall(document.rows, document.complete),
        _title(document),
        (*others, _enough(document), *words.aloud(document.rows)),
        tuple(_wrong(document)),
        tuple(_where(worst, document.rows)) if worst else (),
        reasons[:REASONS],
        len(reasons[REASONS:]),
        worst,
    )


def _title(document: Document) -> str:
    targets = _targets(document.rows)
    subjects = list(dict.fromkeys(row.subject for row in document.rows))
    judged = ", ".join(targets) if len(targets) <= NAMED else f"{len(targets)} targets"
    named = subjects[0] if len(subjects) == 1 else f"{len(subjects)} activations"
    return f"{judged} as {named}" if document.rows else "No results"


def _targets(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.target for row in rows))


def _enough(document: Document) -> str:
    counts = Counter(row.verdict for row in document.rows)
    all_of = _entries(len(document.rows))
    if not document.complete:
        return f"Not known: the run was not finished, with {all_of} there."
    if counts["void"]:
        return f"Not known: the judge failed its control in {counts['void']} of {all_of}."
    if counts["fail"]:
        return f"No: the gate failed in {counts['fail']} of {all_of}."
    if counts["incomplete"] or not document.rows:
        return f"Not known: results are missing in {counts['incomplete']} of {all_of}."
    if not counts["pass"]:
        return f"Yours to decide: no gate was set (--max-ulp) in {all_of}."
    bounds = sorted({row.gate.max_ulp for row in document.rows if row.gate.max_ulp is not None})
    asked = f", with at most {', '.join(f'{bound:g}' for bound in bounds)} ulp allowed" if bounds else ""
    passed = f"{'all ' if counts['pass'] > 1 else ''}{_entries(counts['pass'])}"
    if not counts["measured"]:
        return f"Yes: {passed} passed{asked}."
    targets = ", ".join(_targets([row for row in document.rows if row.verdict == "pass"])[:NAMED])
    return f"Yes: {passed} of {targets} passed{asked}; the others have no gate, and are measured beside."


def _wrong(document: Document) -> Iterator[str]:
    """A sentence on the results of each target, or of all where they are many."""
    targets = _targets(document.rows)
    for target in targets if 1 < len(targets) <= NAMED else [""]:
        found = _results([row for row in document.rows if target in ("", row.target)])
        yield f"{target}: {found}" if target else f"{found[0].upper()}{found[1:]}"


def _results(rows: Sequence[Row]) -> str:
    inputs, correct = severity.totals(rows)
    if not inputs:
        return "there are no results."
    if correct == inputs:
        return f"all {inputs:,} results are correctly rounded."
    share = f"{correct:,} of {inputs:,} results are correctly rounded ({percent(correct, inputs)} %)"
    largest = max((row.error.max for row in rows if row.error.max is not None), default=None)
    lost = sum(map(severity.without_distance, rows))
    kinds = "NaN, infinite, of the wrong sign or 0 where the exact value is not"
    return f"{share}; the largest error is {ulps(largest)} ulp{f'; {lost:,} are {kinds}' if lost else ''}."


def _where(row: Row, rows: Sequence[Row]) -> Iterator[str]:
    shown = severity.shown(row)
    if not shown:
        exact = severity.is_exact(row)
        yield "Nowhere: every result is correctly rounded." if exact else "No wrong result is shown."
        return
    right = [name for name in _targets(rows) if all(severity.is_exact(r) for r in rows if r.target == name)]
    if right:
        yield f"Nowhere in {', '.join(right[:NAMED])}: every result is correctly rounded. Elsewhere:"
    on = f", on {row.drawn}" if row.drawn else ""
    of = f"{row.quantity} of {row.subject} in {row.formats} by {row.target}{on}, " if len(rows) > 1 else ""
    for before, worst in zip(("", "The largest error of those with a distance: "), shown, strict=False):
        yield f"{before or of}{_told(row, worst)}"
        region = severity.region_of(row, worst)
        if region is not None:
            yield f"It lies in {interval(row, region)}."


def _told(row: Row, worst: Worst) -> str:
    """A result in a sentence."""
    source, output = pair(row.formats)
    result = source if row.quantity.startswith("vjp") else output
    at = ", ".join(_number(x, output if name == "g" else source, name) for name, x in worst.operands.items())
    if worst.row:
        place = 0 if worst.place is None else worst.place[1]
        at = f"entry {place} of the row {', '.join(whole(row, *each) for each in worst.row.items())}, {at}"
    got, want = (_number(x, result) for x in (worst.got, worst.want))
    distance = f"{ulps(worst.ulp)} ulp" if worst.ulp is not None else KINDS[worst.kind]
    kind = f" ({KINDS[worst.kind]})" if worst.ulp is not None and worst.kind != "finite" else ""
    return f"{at}: got {got}, the exact value is {want}: {distance}{kind}."


def _number(written: str, fmt: Format, name: str = "") -> str:
    """In decimal and hex."""
    number = float.fromhex(written)
    shown = decimal(number, fmt)
    given = f"{name} = {shown}" if name else shown
    return f"{given} ({written})" if math.isfinite(number) and number else given


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"
