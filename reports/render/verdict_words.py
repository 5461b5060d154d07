"""What is said of verdicts, however it is shown: the order of rows, their table, details, the verdict."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from refacts.oracles import Format
from refacts.reports.judge.fingerprint.closeness import ENOUGH
from refacts.reports.judge.reasons import MISMATCHED
from refacts.reports.judge.rows import Diagnosis, Incident, Peer, Region, Row, Worst
from refacts.reports.notation import counted, decimal, ulps, upper_percent
from refacts.reports.question import pair
from refacts.reports.targets.c_library import is_library
from refacts.reports.targets.dump import SUFFIXES
from refacts.reports.verdicts import Document

HEADS = ["target", "as", "quantity", "format", "inputs", "max ulp", "wrong %", "verdict"]
LEFT = 4  # columns of words
REGIONS = 3  # shown of a row
_ORDER = ("void", "fail", "incomplete", "measured", "pass")
_PEOPLE = {
    "nan": "NaN",
    "inf": "infinity",
    "sign": "wrong sign",
    "false_zero": "false zero",
    "finite": "distance",
}


@dataclass(frozen=True)
class Detail:
    """Part of what is said of a row: sentences, and a line of code that shows it."""

    sentences: tuple[str, ...]
    code: str = ""


def ordered(rows: Sequence[Row]) -> list[Row]:
    """What is wrong first; in the order of the document otherwise."""
    return sorted(rows, key=lambda row: (_ORDER.index(row.verdict), not any(row.mismatches.values())))


def cells(row: Row) -> list[str]:
    """Its line in the table."""
    share = upper_percent(row.wrong, row.inputs) if row.inputs else "-"
    formats = f"{row.formats} {row.profile}".rstrip()
    largest = "-" if _nothing_but_nan(row) else ulps(row.error.max)
    inputs = f"{row.inputs:,}" + (f" of {row.inputs + row.unanswered:,}" if row.unanswered else "")
    figures = [inputs, largest, share]
    return [row.target, row.subject, row.quantity, formats, *figures, row.verdict.upper()]


def largest_and_lost(row: Row) -> str:
    """The largest distance, and how many results are wrong in other ways."""
    allowed = "" if row.gate.max_ulp is None else f" ({row.gate.max_ulp:g} allowed)"
    largest = [] if _nothing_but_nan(row) else [f"at most {ulps(row.error.max)} ulp{allowed}"]
    lost = [counted(count, *MISMATCHED[kind]) for kind, count in row.mismatches.items() if count]
    return ", ".join([*largest, *lost])


def diagnoses(rows: Sequence[Row]) -> list[str]:
    """The sentences a verdict begins with: of targets that follow another definition than the one named."""
    found = [row.diagnosis for row in rows if row.diagnosis is not None]
    return list(dict.fromkeys(diagnosis.sentence for diagnosis in found if diagnosis.other))


def verdict(document: Document, files: Sequence[str] | None) -> str:
    """One sentence: the verdict, and where the files are (None where that need not be said)."""
    counts = Counter(row.verdict for row in document.rows)
    rows = _rows(len(document.rows))
    where = f"; more is in {_listed(files)}" if files else "; --json FILE keeps all of it"
    if files is None or not (files or document.rows):
        where = ""
    refused = len(document.run.get("refused", ()))
    if not document.complete and not refused:
        return f"INCOMPLETE: the run was not finished, {rows} are there{where}"
    for word, said in (("void", "the judge failed its control in"), ("fail", "the gate failed in")):
        if counts[word]:
            return f"{word.upper()}: {said} {counts[word]} of {rows}{where}"
    if refused:
        return f"INCOMPLETE: {_rows(refused)} of the budget could not be judged, {rows} could{where}"
    if counts["incomplete"] or not document.rows:
        return f"INCOMPLETE: results are missing in {counts['incomplete']} of {rows}{where}"
    if counts["measured"]:
        passed = f", {counts['pass']} of them passed" if counts["pass"] else ": no gate was set (--max-ulp)"
        return f"MEASURED: {rows}{passed}{where}"
    return f"PASS: {'all ' if len(document.rows) > 1 else ''}{rows} passed{where}"


def aloud(rows: Sequence[Row]) -> list[str]:
    """What each rule excuses, and a sentence on each that excuses more than it should in some row."""
    counts = Counter(rule for row in rows for rule in row.loud)
    excused: Counter[str] = Counter()
    for row in rows:
        excused.update(row.excused)
    total = _listed([f"{count:,} by {rule}" for rule, count in sorted(excused.items())]) if excused else ""
    return [
        *([f"Results excused: {total}."] if excused else []),
        *(f"The rule {rule} excuses more than 1 % of the normal results in {count} of {_rows(len(rows))}."
        for rule, count in sorted(counts.items())),
    ]


def beside(rows: Sequence[Row]) -> list[str]:
    """A sentence on each row that passes beside a peer; of others the details say it."""
    return [f"{row.key}: {_beside(row.peer)}" for row in rows if row.peer and row.verdict == "pass"]


def _beside(peer: Peer) -> str:
    times = "" if peer.ratio is None else f" (max error {ulps(peer.ratio)} times the peer's, at least 0.5)"
    return f"{peer.sentence}{times}"


def believed(document: Document) -> str:
    """Why the figures can be believed."""
    judged = [row for row in document.rows if row.inputs]
    if not judged:
        return "No result was judged: the mpmath oracle was asked for none."
    fewest = min(row.confirmed for row in judged)
    held = all(row.control.holds for row in judged)
    control = "every control held" if held else "not every control held"
    if not fewest:
        without = sum(not row.confirmed for row in judged)
        return f"The mpmath oracle confirmed no result of {without} of {_rows(len(judged))}; {control}."
    each = "each row" if len(judged) == len(document.rows) else "each row that has any"
    results = counted(fewest, "result")
    return f"The mpmath oracle confirmed the truth of at least {results} of {each}; {control}."


def details(row: Row, said: Collection[str] = ()) -> Iterator[Detail]:
    """All that is said of a row beside its line in the table, what matters most first.

    said: sentences that stand above already.
    """
    if reasons := tuple(reason for reason in row.reasons if reason not in said):
        yield Detail(reasons)
    if _nothing_but_nan(row) and is_library(row.target.partition(" (")[0]):
        yield Detail(("no result is a number: a C function of one number, T f(T), needs --scalar",))
    for incident in {each.sentence: each for each in reversed(row.incidents)}.values():
        yield Detail((_incident(row, incident),), incident.reproducer)
    for worst in _worst_of_each_kind(row):
        repeated = f"; {_led(row)}:" if worst.reproducer else ""
        yield Detail((f"{_example(row, worst)}{repeated}",), worst.reproducer)
    if row.regions:
        rest = len(row.regions) - REGIONS
        more = (f"and {counted(rest, 'more region')}",) if rest > 0 else ()
        yield Detail((*(_region(row, region) for region in row.regions[:REGIONS]), *more))
    if counts := [*_excused(row), *_artefacts(row)]:
        yield Detail(tuple(counts))
    if conventions := [*_conventions(row)]:
        yield Detail(tuple(conventions))


def _nothing_but_nan(row: Row) -> bool:
    """Whether no input but NaN, 0 and infinity has a result with a distance."""
    return bool(row.mismatches["nan"]) and not row.bins


def _led(row: Row) -> str:
    """What the line of code of a row's worst results gives."""
    dump = row.target.partition(" (")[0].endswith(SUFFIXES)
    return "the exact value" if dump else "this repeats it"


def _incident(row: Row, incident: Incident) -> str:
    """What happened, or, where a reason has told it, its kind alone; and where."""
    told = any(reason.startswith(incident.sentence) for reason in row.reasons)
    kind = "" if incident.sentence.startswith(incident.kind) else f"{incident.kind}: "
    what = incident.kind if told else f"{kind}{incident.sentence}"
    at = ", ".join(f"{name} = {' '.join(values)}" for name, values in incident.operands.items())
    repeated = "; this repeats it:" if incident.reproducer else ""
    return f"{what}{f', at {at}' if at else ''}{repeated}"


def _rows(count: int) -> str:
    return counted(count, "row")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _worst_of_each_kind(row: Row) -> list[Worst]:
    """Defects, then artefacts; what is excused is counted only."""
    found: dict[tuple[str, str], Worst] = {}
    for worst in row.worst:
        if not worst.excused:
            found.setdefault((worst.artefact, worst.kind), worst)
    return [found[key] for key in sorted(found, key=lambda key: bool(key[0]))]


def _example(row: Row, worst: Worst) -> str:
    source, output = pair(row.formats)
    result = source if row.quantity.startswith("vjp") else output
    named = f"{_PEOPLE[worst.kind]}{f', {worst.artefact}' if worst.artefact else ''}"
    place = "" if worst.place is None else f"row {worst.place[0]}, entry {worst.place[1]}: "
    operands = ", ".join(
        f"{name} = {_thrice(value, worst.bits[name], output if name == 'g' else source)}"
        for name, value in worst.operands.items()
    )
    got = _thrice(worst.got, worst.got_bits, result)
    want = _thrice(worst.want, worst.want_bits, result)
    distance = "" if worst.ulp is None else f", {ulps(worst.ulp)} ulp"
    return f"{named}: {place}{operands}: got {got}, want {want}{distance}"


def _thrice(written: str, bits: str, fmt: Format) -> str:
    """A number in decimal, as a hex float and as bits."""
    number = float.fromhex(written)
    return f"{decimal(number, fmt)} ({written}, {bits})" if math.isfinite(number) else f"{written} ({bits})"


def _region(row: Row, region: Region) -> str:
    fmt = pair(row.formats)[0]
    low, high, worst = (decimal(float.fromhex(x), fmt) for x in (region.low, region.high, region.worst))
    share = f"{upper_percent(region.wrong, region.inputs)} % of {counted(region.inputs, 'input')}"
    errors = f", max {ulps(region.max_ulp)} ulp, mean {ulps(region.mean_ulp)}"
    errors = "" if region.max_ulp is None else errors
    artefact = ", an artefact" if region.artefact else ""
    return f"{region.kind} in [{low}, {high}]: {share}{errors}, worst at x = {worst}{artefact}"


def _excused(row: Row) -> Iterator[str]:
    for rule, count in row.excused.items():
        yield f"excused by {rule}: {count:,} of {counted(row.inputs, 'result')}"


def _artefacts(row: Row) -> Iterator[str]:
    found = [f"{count:,} {kind}" for kind, count in row.artefacts.items() if count]
    if found:
        yield f"artefacts, apart from defects: {', '.join(found)}"


def _as_named(diagnosis: Diagnosis) -> bool:
    """Whether the target follows the definition named, as one expects."""
    return diagnosis.found == diagnosis.named and diagnosis.named_share >= ENOUGH


def _conventions(row: Row) -> Iterator[str]:
    if row.diagnosis is not None and not row.diagnosis.other and not _as_named(row.diagnosis):
        yield row.diagnosis.sentence
    if row.kinks:
        yield f"it {row.kinks}"
    if row.peer is not None and not any(row.peer.sentence in reason for reason in row.reasons):
        yield row.peer.sentence
