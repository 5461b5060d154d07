"""A report on a terminal: one screen, what is wrong first, the verdict last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from refacts.reports.judge.overview import (
    Total,
    by_activation,
    catalogue,
    failed,
    grouped,
    on_logits,
    strict,
    targets,
    total,
)
from refacts.reports.judge.rows import Row
from refacts.reports.notation import ulps
from refacts.reports.render.texts import WIDTH, aligned, columns, wrapped
from refacts.reports.verdicts import Document

_WRONG = 8  # rows that fail, and are named
_TALL = 20  # lines of a table beyond which it has two halves, side by side
_GAP = "    "


def terminal(document: Document, files: Sequence[str]) -> str:
    """The rows that fail, a line for each activation, one for logits, the verdict.

    ``files``: where the rest is. Lines are `texts.WIDTH` columns wide at most.
    """
    rows = document.rows
    lines = [line for sentence in _wrong(rows) for line in wrapped(sentence, "  ")]
    lines += wrapped(_heading(targets(catalogue(rows))), "  ")
    lines += _halves(_activations(catalogue(rows)))
    if logits := grouped(on_logits(rows), "target"):
        said = [f"{target} {_errors(total(found))}" for target, found in logits.items()]
        lines += wrapped(f"On rows of logits: {'; '.join(said)}.", "  ")
    return "\n".join([*lines, *wrapped(verdict(document, files), "  ")])


def verdict(document: Document, files: Sequence[str] = ()) -> str:
    """One sentence: whether what is demanded is there, and where the rest is."""
    rows = document.rows
    count, found, must = len(rows), failed(rows), strict(rows)
    where = f"; the rest is in {' and '.join(files)}" if files else ""
    if not document.complete:
        return f"INCOMPLETE: the run was not finished, {count} rows are there{where}"
    if void := sum(row.verdict == "void" for row in found):
        return f"VOID: the judge failed its control in {void} of {count} rows{where}"
    if found:
        return f"FAIL: {len(found)} of {count} rows fail the gate{where}"
    if not must:
        return f"PASS: {count} rows are measured{where}"
    by_target = grouped(rows, "target")
    strictly = [name for name in targets(rows) if name in must]
    results = [f"{total(by_target[name]).inputs:,} results of {name}" for name in strictly]
    number = sum(len(by_target[name]) for name in must)
    return f"PASS: all {' and '.join(results)} in {number} rows are correctly rounded{where}"


def _wrong(rows: Sequence[Row]) -> list[str]:
    found = failed(rows)
    words = {"void": "VOID", "fail": "WRONG"}
    said = [f"{words[row.verdict]}: {row.key}: {_told(row)}" for row in found[:_WRONG]]
    rest = len(found) - len(said)
    return [*said, *([f"... and {rest} more rows that are wrong"] if rest else [])]


def _told(row: Row) -> str:
    if not row.wrong or row.verdict == "void":
        return row.reasons[0]
    return f"{row.wrong:,} of {row.inputs:,} results, {ulps(row.error.max)} ulp at most"


def _heading(names: Sequence[str]) -> str:
    return f"Errors of {' and '.join(names)}: the largest in ulp, and how many results are wrong or % right."


def _activations(rows: Sequence[Row]) -> list[str]:
    """A table: of a strict target how many results are wrong, of others how many percent are right."""
    names, must = targets(rows), strict(rows)
    heads = ["activation"]
    for target in names:
        heads += [target, "wrong" if target in must else "% right"]
    table = [heads]
    for name, totals in by_activation(rows).items():
        cells = [name]
        for target in names:
            one = totals.get(target)
            right = one and (str(one.wrong) if target in must else one.percent_correct)
            cells += [ulps(one.max_ulp) if one else "-", right or "-"]
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
