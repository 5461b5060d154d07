"""The document of `refacts report` on a terminal: one screen, what is wrong first, the verdict last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from refacts.reports.document import SECTIONS, Document
from refacts.reports.judge.overview import Total, by_activation, in_all, on_logits, wrong_rows
from refacts.reports.notation import ulps
from refacts.reports.render.texts import WIDTH, aligned, columns, wrapped

_WRONG = 8  # rows that are wrong, and named
_TALL = 20  # lines of a table beyond which it has two halves, side by side
_GAP = "    "


def terminal(document: Document, strict: Sequence[str], failures: int, files: Sequence[str]) -> str:
    """Rows in which ``strict`` kernels are wrong, a line for each activation, one for logits, the verdict.

    ``failures``: rows that fail the gate, for whatever reason. ``files``: where the rest is. Lines are
    `texts.WIDTH` columns wide at most.
    """
    lines = [line for sentence in _wrong(document, strict) for line in wrapped(sentence, "  ")]
    lines += _halves(_activations(document, strict))
    if logits := on_logits(document):
        said = [f"{kernel} {_errors(found)}" for kernel, found in logits.items()]
        lines += wrapped(f"On rows of logits: {'; '.join(said)}.", "  ")
    return "\n".join([*lines, *wrapped(_verdict(document, strict, failures, files), "  ")])


def _wrong(document: Document, strict: Sequence[str]) -> list[str]:
    found = wrong_rows(document, strict)
    said = [
        f"WRONG: {key}: {kernel} in {one.wrong:,} of {one.inputs:,} results, {ulps(one.max_ulp)} ulp at most"
        for key, kernel, one in found[:_WRONG]
    ]
    rest = len(found) - len(said)
    return [*said, *([f"... and {rest} more rows that are wrong"] if rest else [])]


def _activations(document: Document, strict: Sequence[str]) -> list[str]:
    """A table: of a strict kernel how many results are wrong, of others how many percent are right."""
    kernels = document["run"]["kernels"]["rows"]
    heads = ["max ulp"]
    for kernel in kernels:
        heads += [kernel, "wrong" if kernel in strict else "% right"]
    table = [heads]
    for name, totals in by_activation(document).items():
        cells = [name]
        for kernel in kernels:
            one = totals[kernel]
            cells += [ulps(one.max_ulp), str(one.wrong) if kernel in strict else one.percent_correct]
        table.append(cells)
    return aligned(table, left=1, gap=" ")


def _halves(lines: list[str]) -> list[str]:
    """The lines of a table, beside each other where they are many and there is room."""
    head, *body = lines
    width = max(map(columns, lines))
    if len(body) <= _TALL or 2 * width + len(_GAP) > WIDTH:
        return lines
    half = (len(body) + 1) // 2
    pairs = zip_longest([head, *body[:half]], [head, *body[half:]], fillvalue="")
    return [f"{left.ljust(width)}{_GAP}{right}".rstrip() for left, right in pairs]


def _errors(found: Total) -> str:
    return f"{ulps(found.max_ulp)} ulp at most, {found.percent_correct} % right"


def _verdict(document: Document, strict: Sequence[str], failures: int, files: Sequence[str]) -> str:
    rows = sum(len(document[section]) for section in SECTIONS)
    where = f"the rest is in {' and '.join(files)}"
    if not document["complete"]:
        return f"INCOMPLETE: the run was not finished, {rows} rows are there; {where}"
    if failures:
        return f"FAIL: {failures} of {rows} rows fail the gate; {where}"
    if not strict:
        return f"PASS: {rows} rows are measured; {where}"
    results = " and ".join(f"{in_all(document, kernel).inputs:,} results of {kernel}" for kernel in strict)
    return f"PASS: all {results} in {rows} rows are correctly rounded; {where}"
