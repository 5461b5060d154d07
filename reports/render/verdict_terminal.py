"""Verdicts on a terminal: one screen, what is wrong first, the verdict last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from refacts.reports.judge.rows import Row
from refacts.reports.render import verdict_words as words
from refacts.reports.render.texts import aligned, continued, encodable, printable, wrapped
from refacts.reports.verdicts import Document

HEIGHT = 40  # lines of a screen
_TABLE = 12  # rows of the table on it
_DIAGNOSES = 3
_PEERS = 3  # sentences on rows that pass beside a peer
_BLOCK = 6  # lines of a row's details that are worth showing


def terminal(
    document: Document, files: Sequence[str] = (), everything: bool = False, encoding: str = "utf-8"
) -> str:
    """Lines of `texts.WIDTH` columns at most; `HEIGHT` of them, unless ``everything`` is shown.

    Diagnoses of another definition, the table, the details of rows that do not pass, and a sentence with the
    verdict and the names of ``files``. What does not fit is counted. ``encoding``: the terminal's.
    """
    rows = words.ordered(document.rows)
    last = _sentence(words.verdict(document, files), encoding)
    lines = _diagnoses(rows, everything, encoding) + _table(rows, everything, encoding)
    if rows:
        beside = words.beside(rows)[: None if everything else _PEERS]
        for sentence in (*words.aloud(rows), *beside, words.believed(document)):
            lines += _sentence(sentence, encoding)
    chosen = rows if everything else [row for row in rows if row.verdict != "pass"]
    said = words.diagnoses(rows)[: None if everything else _DIAGNOSES]
    blocks = [_block(row, said, encoding) for row in chosen]
    room = HEIGHT - len(lines) - len(last) - 2  # for the line that counts what is left out, too
    shown = 0
    for block in blocks:
        room -= 1  # the empty line before it
        fits = everything or len(block) <= room
        if not fits and shown and room < _BLOCK:
            break
        taken = block if fits else _cut(block, room)
        lines += ["", *taken]
        room -= len(taken)
        shown += 1
    if shown < len(blocks):
        rest = len(blocks) - shown
        lines.append(f"... and {rest} more row{'s' if rest > 1 else ''} in detail with --all")
    return "\n".join([*lines, *([""] if blocks else []), *last])


def _safe(text: str, encoding: str) -> str:
    return encodable(printable(text), encoding)


def _sentence(text: str, encoding: str, indent: str = "  ") -> list[str]:
    return wrapped(_safe(text, encoding), indent)


def _diagnoses(rows: Sequence[Row], everything: bool, encoding: str) -> list[str]:
    found = words.diagnoses(rows)
    shown = found if everything else found[:_DIAGNOSES]
    lines = [line for sentence in shown for line in _sentence(sentence, encoding)]
    if len(found) > len(shown):
        lines.append(f"... and {len(found) - len(shown)} more rows follow another definition")
    return [*lines, ""] if found else []


def _table(rows: Sequence[Row], everything: bool, encoding: str) -> list[str]:
    if not rows:
        return []
    shown = rows if everything or len(rows) <= _TABLE else rows[:_TABLE]
    table = [words.HEADS, *([_safe(cell, encoding) for cell in words.cells(row)] for row in shown)]
    lines = aligned(table, words.LEFT, room=(0, 1))
    counts = Counter(row.verdict for row in rows[len(shown) :])
    if counts:
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        lines.append(f"... and {len(rows) - len(shown)} more: {said}")
    return lines


def _block(row: Row, said: Sequence[str], encoding: str) -> list[str]:
    """A row's details: its name, then a line or more for each sentence, code at the margin to be pasted."""
    safe = partial(_safe, encoding=encoding)
    lines = wrapped(safe(f"{row.key}: {row.verdict.upper()}"), "  ")
    for detail in words.details(row, said):
        for sentence in detail.sentences:
            lines += wrapped(safe(sentence), "    ", "  ")
        lines += continued(safe(detail.code)) if detail.code else []
    return lines


def _cut(block: list[str], room: int) -> list[str]:
    """As much of a block as fits; a line of code is there whole or not at all."""
    kept = block[: max(room - 1, 1)]
    while len(kept) > 1 and kept[-1].endswith("\\"):
        kept.pop()
    return [*kept, "  ... (the rest with --all)"]
