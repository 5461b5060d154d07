"""The answers at the top of a report: is it good enough, how wrong is it, where is it worst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from refacts.reports.judge import severity
from refacts.reports.judge.rows import Row
from refacts.reports.notation import decimal, percent, ulps, upper_percent
from refacts.reports.question import pair
from refacts.reports.render import verdict_words as words
from refacts.reports.render.bug_report import KINDS
from refacts.reports.verdicts import Document

REASONS = 4  # of the worst row that are shown


@dataclass(frozen=True)
class Headline:
    """verdict: as rows have it; other sentences come in the order in which they are read."""

    verdict: str
    title: str
    enough: tuple[str, ...]
    wrong: str
    where: tuple[str, ...]
    reasons: tuple[str, ...]


def headline(document: Document) -> Headline:
    """What a hurried reader should know."""
    worst = severity.worst_of(document.rows)
    return Headline(
        severity.overall(document.rows, document.complete),
        _title(document),
        (*words.diagnoses(document.rows), _enough(document), *words.aloud(document.rows)),
        _wrong(document),
        tuple(_where(worst, len(document.rows))) if worst else (),
        worst.reasons[:REASONS] if worst else (),
    )


def _title(document: Document) -> str:
    targets = list(dict.fromkeys(row.target for row in document.rows))
    subjects = list(dict.fromkeys(row.subject for row in document.rows))
    judged = targets[0] if len(targets) == 1 else f"{len(targets)} targets"
    named = subjects[0] if len(subjects) == 1 else f"{len(subjects)} activations"
    return f"{judged} as {named}" if document.rows else "No results"


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
    if counts["measured"]:
        passed = f"; {counts['pass']} of the others passed theirs" if counts["pass"] else ""
        return f"Yours to decide: no gate was set (--max-ulp) in {counts['measured']} of {all_of}{passed}."
    bounds = sorted({row.gate.max_ulp for row in document.rows if row.gate.max_ulp is not None})
    asked = f", with at most {', '.join(f'{bound:g}' for bound in bounds)} ulp allowed" if bounds else ""
    return f"Yes: {'all ' if len(document.rows) > 1 else ''}{all_of} passed{asked}."


def _wrong(document: Document) -> str:
    inputs, correct = severity.totals(document.rows)
    if not inputs:
        return "There are no results."
    share = (
        f"{correct:,} of {inputs:,} results are correctly rounded ({percent(correct, inputs)} %)"
        if correct < inputs
        else f"Not at all: all {inputs:,} results are correctly rounded"
    )
    largest = max((row.error.max for row in document.rows if row.error.max is not None), default=None)
    lost = sum(map(severity.without_distance, document.rows))
    kinds = "NaN, infinite, of the wrong sign or 0 where the exact value is not"
    told = f"; {lost:,} are {kinds}" if lost else ""
    return f"{share}; the largest error is {ulps(largest)} ulp{told}."


def _where(row: Row, rows: int) -> Iterator[str]:
    worst, region = severity.example(row), severity.worst_region(row)
    if worst is None:
        right = severity.is_exact(row)
        yield "Nowhere: every result is correctly rounded." if right else "No wrong result is shown."
        return
    on = f", on {row.drawn}" if row.drawn else ""
    of = f"{row.quantity} of {row.subject} in {row.formats} by {row.target}{on}, " if rows > 1 else ""
    source, output = pair(row.formats)
    result = source if row.quantity.startswith("vjp") else output
    at = ", ".join(
        f"{name} = {decimal(float.fromhex(x), output if name == 'g' else source)}"
        for name, x in worst.operands.items()
    )
    got, want = (decimal(float.fromhex(x), result) for x in (worst.got, worst.want))
    distance = f"{ulps(worst.ulp)} ulp" if worst.ulp is not None else KINDS[worst.kind]
    kind = f" ({KINDS[worst.kind]})" if worst.ulp is not None and worst.kind != "finite" else ""
    yield f"{of}{at}: got {got}, the exact value is {want}: {distance}{kind}."
    if region is not None:
        low, high = (decimal(float.fromhex(x), source) for x in (region.low, region.high))
        share = f"{upper_percent(region.wrong, region.inputs)} % of the {region.inputs:,} inputs there"
        yield f"It lies in a region of {region.kind}, [{low}, {high}]: {share}."


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"
