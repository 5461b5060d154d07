"""A survey's document as pages: survey.md for people, bugs/ for bug reports, table.md for a README."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from refacts.reports.judge.rows import Row
from refacts.reports.render.texts import as_code, in_markdown
from refacts.reports.survey.bugs import bugs
from refacts.reports.survey.examples import defects
from refacts.reports.survey.findings import (
    MARKS,
    NOTHING,
    activations,
    cell,
    chosen,
    frameworks,
    is_wrong,
    marks,
    short,
    worst_first,
    wrong_share,
)
from refacts.reports.survey.frameworks import FRAMEWORKS
from refacts.reports.survey.functions import Entry, entries
from refacts.reports.survey.record import MACHINE, run_of
from refacts.reports.survey.surveying import FORMATS
from refacts.reports.verdicts import Document

MARK = "<!-- refacts survey -->"
NAMES = ("survey.md", "bugs.md", "table.md")
WORST = 40  # rows that are shown first
README = {  # activations of the small table, and its columns
    "rows": ("sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh", "mish", "elu", "log_softmax"),
    "columns": ("refacts", "torch", "jax", "tensorflow"),
}


def survey(document: Document) -> str:
    """The page: what is wrong first, then a table for each format, and what was left out."""
    rows, found = document.rows, [MARK, "", "# How exact are the frameworks?", ""]
    found += [_sentence(document), "", _made(document), "", *_followed(rows), *_worst(rows)]
    found += [*_tables(rows), *_documented(rows)]
    return "\n".join([*found, *_left_out(document)]) + "\n"


def table(document: Document) -> str:
    """The table of a README: float32, popular activations."""
    columns = [name for name in README["columns"] if name in frameworks(document.rows)]
    of_them = [row for row in document.rows if row.activation in README["rows"]]
    names = [name for name in README["rows"] if name in activations(of_them)]
    said = "Largest error in ulp, value / derivative, in float32; 0.5 is the correctly rounded value."
    shown = _table(of_them, names, columns, "float32")
    return "\n".join([MARK, "", said, "", *shown, "", _legend(of_them)]) + "\n"


def _sentence(document: Document) -> str:
    others = [row for row in document.rows if frameworks([row]) != ["refacts"]]
    functions = {(row.target, row.activation) for row in others}
    wrong = {(row.target, row.activation) for row in others if is_wrong(row)}
    exact = {(row.target, row.activation) for row in others} - {
        (row.target, row.activation) for row in others if row.wrong
    }
    state = "" if document.complete else "INCOMPLETE: the run was not finished. "
    return (
        f"{state}Of {len(functions)} functions, {len(wrong)} are wrong somewhere by more than 4 ulp, or in a "
        "way that has no distance (NaN, infinity, sign, a false zero), in value or derivative; "
        f"{len(exact)} are correctly rounded everywhere they were judged."
    )


def _made(document: Document) -> str:
    run = run_of(document)
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    made = [run.date, versions, *(document.environment[name] for name in MACHINE)]
    command = f"refacts survey --samples {run.samples} --seed {run.seed}"
    return f"{in_markdown('; '.join(made))}; `{command}`"


def _followed(rows: Sequence[Row]) -> Iterator[str]:
    """The functions that follow another definition than their documentation's."""
    found = [row.diagnosis.sentence for row in rows if row.diagnosis is not None and row.diagnosis.other]
    if found:
        yield from ("## What follows another definition", "")
        yield from (f"- {in_markdown(sentence)}" for sentence in dict.fromkeys(found))
        yield ""


def _worst(rows: Sequence[Row]) -> Iterator[str]:
    found = worst_first(rows)
    yield from ("## What is wrong, worst first", "")
    if not found:
        yield from ("Nothing.", "")
        return
    yield "| function | as | quantity | format | max ulp | wrong | where |"
    yield "|---|---|---|---|---:|---:|---|"
    for row in found[:WORST]:
        where = max(defects(row), key=lambda region: region.wrong, default=None)
        shown = "" if where is None else f"{where.kind} in [{_x(where.low)}, {_x(where.high)}]"
        share = f"{100 * wrong_share(row):.3g} %"
        cells = [row.subject, row.quantity, row.formats, short(row.error.max), share, shown]
        yield f"| {' | '.join([as_code(row.target), *map(in_markdown, cells)])} |"
    rest = len(found) - WORST
    more = f"... and {rest} more rows. " if rest > 0 else ""
    yield from ("", f"{more}[Each wrong region is a line](bugs.md).", "")


def _x(written: str) -> str:
    return f"{float.fromhex(written):.4g}"


def _tables(rows: Sequence[Row]) -> Iterator[str]:
    for fmt in FORMATS:
        yield from (f"## {fmt}: the largest error in ulp, value / derivative", "")
        yield from _table(rows, activations(rows), frameworks(rows), fmt)
        yield ""
    yield from (_legend(rows), "")


def _table(rows: Sequence[Row], names: Sequence[str], columns: Sequence[str], fmt: str) -> Iterator[str]:
    yield f"| activation | {' | '.join(FRAMEWORKS[name][0] for name in columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for name in names:
        texts = [_both(rows, name, framework, fmt) for framework in columns]
        if any(text != NOTHING for text in texts):
            yield f"| {name} | {' | '.join(texts)} |"


def _both(rows: Sequence[Row], activation: str, framework: str, fmt: str) -> str:
    found = [cell(chosen(rows, activation, framework, fmt, value)) for value in (True, False)]
    if found == [None, None]:
        return NOTHING
    return " / ".join(NOTHING if each is None else each.text for each in found)


def _legend(rows: Sequence[Row]) -> str:
    there = {mark for row in rows for mark in marks([row])}
    letters = [f"{letter}: {meaning}" for mark, (letter, meaning) in MARKS.items() if mark in there]
    said = "The derivative of a row-wise or gated function is its VJP."
    return " ".join([*[f"{each}." for each in letters], said, f"{NOTHING} not judged."])


def _documented(rows: Sequence[Row]) -> Iterator[str]:
    there = {(row.target, row.activation) for row in rows}
    found = [each for each in entries() if (each.target.title, each.activation) in there and _aside(each)]
    if found:
        yield from ("## Which function is which", "")
        yield "Each is judged as what its documentation says it is. Names and defaults that need a word:"
        yield ""
        for each in found:
            given = ", ".join(f"{name} = {value}" for name, value in each.parameters.items())
            said = f"{each.activation}{' with ' if given else ''}{given}"
            said += f": {each.documented}" if each.documented else ""
            yield f"- {as_code(each.target.title)} is {in_markdown(said)}"
        yield ""


def _aside(entry: Entry) -> bool:
    return bool(entry.parameters or entry.documented)


def _left_out(document: Document) -> Iterator[str]:
    found = run_of(document).left_out
    if not found:
        return
    yield from ("## Left out", "")
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {}
    for each in found:
        counts[each.why] += 1
        names.setdefault(each.why, []).append(f"{each.function} ({each.asked})")
    for why, _ in counts.most_common(30):
        yield f"- {in_markdown(why)}: {in_markdown(', '.join(dict.fromkeys(names[why])))}"


def ending(document: Document, files: Sequence[str]) -> str:
    """What the command prints: the sentence, the worst functions, and where the files are."""
    shown = [_sentence(document), ""]
    for row in worst_first(document.rows)[:10]:
        question = f"as {row.subject}, {row.quantity} in {row.formats}"
        shown.append(f"{short(row.error.max):>9} ulp  {row.target} {question}")
    return "\n".join([*shown, "", f"More is in {', '.join(files)}."])


def pages(document: Document) -> Iterator[tuple[str, str]]:
    """Each page by its file's name."""
    yield "survey.md", survey(document)
    yield from bugs(document.rows, [MARK, _made(document)])
    yield "table.md", table(document)
