"""What got better or worse from one document of verdicts to another, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from refacts.reports.judge.reasons import MISMATCHED
from refacts.reports.judge.rows import Row
from refacts.reports.notation import counted, ulps
from refacts.reports.verdicts import Document

_RIGHT = ("pass", "measured")


@dataclass(frozen=True)
class Change:
    """A row and what became of it: phrases such as "max ulp 2.1 -> 3.4"."""

    key: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """compared: rows that are in both. remarks: what differs between the runs, a sentence each."""

    compared: int
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    remarks: tuple[str, ...]


def changes(old: Document, new: Document, missing_ok: bool = False) -> Changes:
    """Rows by their keys; a row that ``new`` lacks is worse unless ``missing_ok``.

    Rows on other inputs are remarked upon and not compared: other inputs find other errors. A document of
    a run that was stopped has fewer rows, not other ones.
    """
    before, after = ({row.key: row for row in each.rows} for each in (old, new))
    both = [key for key in before if key in after]
    lacking = [key for key in before if key not in after]
    compared = [key for key in both if _inputs(before[key]) == _inputs(after[key])]
    worse: list[Change] = [] if missing_ok else [Change(key, ("is no longer there",)) for key in lacking]
    better: list[Change] = []
    for key in compared:
        found = list(_phrases(before[key], after[key]))
        for changed, sign in ((worse, True), (better, False)):
            if phrases := tuple(phrase for is_worse, phrase in found if is_worse is sign):
                changed.append(Change(key, phrases))
    remarks = [*_of_runs(old, new), *_of_inputs([(before[key], after[key]) for key in both])]
    remarks += [f"{key} is new" for key in after if key not in before]
    if missing_ok:
        remarks += [f"{key} is no longer there" for key in lacking]
    return Changes(len(compared), tuple(worse), tuple(better), tuple(remarks))


def _phrases(old: Row, new: Row) -> Iterator[tuple[bool, str]]:
    """What differs between two rows, and whether it is worse."""
    if (old.verdict in _RIGHT) != (new.verdict in _RIGHT):
        yield new.verdict not in _RIGHT, f"verdict {old.verdict} -> {new.verdict}"
    if old.error.max is not None and new.error.max is not None and old.error.max != new.error.max:
        yield new.error.max > old.error.max, f"max ulp {_apart(old.error.max, new.error.max)}"
    for what, was, now in _counts(old, new):
        shares = _share(was, old), _share(now, new)
        if shares[0] != shares[1]:
            totals = f" of {new.inputs:,}" if old.inputs == new.inputs else ""
            before = f"{was:,}" if totals else f"{was:,} of {old.inputs:,}"
            after = f"{now:,}{totals}" if totals else f"{now:,} of {new.inputs:,}"
            yield shares[1] > shares[0], f"{what} {before} -> {after}"
    were, are = (Counter(incident.kind for incident in row.incidents) for row in (old, new))
    for kind in sorted(were | are):
        if were[kind] != are[kind]:
            yield are[kind] > were[kind], f"calls that went wrong ({kind}) {were[kind]} -> {are[kind]}"


def _counts(old: Row, new: Row) -> Iterator[tuple[str, int, int]]:
    """Counts of results of which fewer are better."""
    yield "not correctly rounded", old.inputs - old.correct, new.inputs - new.correct
    if old.gate.max_ulp == new.gate.max_ulp is not None:
        yield "over the budget", old.over_budget, new.over_budget
    for kind, (_, words) in MISMATCHED.items():
        yield words, old.mismatches.get(kind, 0), new.mismatches.get(kind, 0)
    for kind in sorted({*old.artefacts, *new.artefacts}):
        yield f"artefacts ({kind})", old.artefacts.get(kind, 0), new.artefacts.get(kind, 0)
    for rule in sorted({*old.excused, *new.excused}):
        yield f"excused by {rule}", old.excused.get(rule, 0), new.excused.get(rule, 0)
    yield "unanswered", old.unanswered, new.unanswered


def _inputs(row: Row) -> tuple[object, ...]:
    """What tells the inputs of a row from others of the same question."""
    seed = None if row.coverage == "exhaustive" else row.seed
    return row.coverage, seed, row.inputs + row.unanswered


def _share(count: int, row: Row) -> Fraction:
    """Of the results wanted."""
    return Fraction(count, max(row.inputs + row.unanswered, 1))


def _apart(old: float, new: float) -> str:
    """Two errors, in as many digits as tell them apart."""
    shown = [ulps(old), ulps(new)]
    return " -> ".join(shown if shown[0] != shown[1] else (repr(old), repr(new)))


def _of_runs(old: Document, new: Document) -> Iterator[str]:
    for name, document in (("old", old), ("new", new)):
        if not document.complete:
            yield f"the {name} run was not finished"
        for verdict in ("void", "incomplete"):
            count = sum(row.verdict == verdict for row in document.rows)
            if count:
                yield f"{counted(count, 'row')} of the {name} run {'is' if count == 1 else 'are'} {verdict}"
    for key in sorted({*old.environment, *new.environment}):
        was, now = (document.environment.get(key) for document in (old, new))
        if was != now and isinstance(was, str | None) and isinstance(now, str | None) and "sha256" not in key:
            yield f"{key}: {was} -> {now}"


def _of_inputs(pairs: list[tuple[Row, Row]]) -> Iterator[str]:
    """How many rows were measured on other inputs, or by another gate, in which way."""
    counts: Counter[tuple[str, str]] = Counter()
    for old, new in pairs:
        facts = [
            ("seed", str(old.seed), str(new.seed)),
            ("inputs", f"{old.inputs + old.unanswered:,}", f"{new.inputs + new.unanswered:,}"),
            ("coverage", old.coverage, new.coverage),
            ("gate", _gate(old), _gate(new)),
        ]
        apart = "" if _inputs(old) == _inputs(new) else ", which are not compared"
        counts.update((f"{what} {was} -> {now}", apart) for what, was, now in facts if was != now)
    for (phrase, apart), count in counts.items():
        yield f"{phrase} in {count} of {len(pairs)} rows{apart}"


def _gate(row: Row) -> str:
    gate = row.gate
    bound = "none" if gate.max_ulp is None else f"{gate.max_ulp:g} ulp"
    parts = [bound, *([f"quota {gate.quota:g}"] if gate.quota else []), *gate.allow]
    return ", ".join([*parts, *([f"ratio {gate.max_ratio:g}"] if gate.max_ratio is not None else [])])
