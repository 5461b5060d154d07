"""Verdicts as Markdown, fit for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from refacts.reports.judge.rows import Row
from refacts.reports.render import verdict_words as words
from refacts.reports.render.texts import as_code, fenced, in_markdown
from refacts.reports.verdicts import Document

MARK = "<!-- refacts verify -->"
LINES, CHARACTERS = 300, 60_000  # GitHub takes 65,536 characters
_TABLE, _DIAGNOSES = 100, 20  # rows of the table, and sentences before it


def markdown(document: Document, files: Sequence[str] | None = None) -> str:
    """The verdict, diagnoses of another definition, the table, and the details of rows that do not pass.

    At most `LINES` lines and about `CHARACTERS` characters; what does not fit is counted.
    """
    rows = words.ordered(document.rows)
    lines = [MARK, "", f"**{in_markdown(words.verdict(document, files))}**", ""]
    found = words.diagnoses(rows)
    for sentence in found[:_DIAGNOSES]:
        lines += [in_markdown(sentence), ""]
    if len(found) > _DIAGNOSES:
        lines += [f"... and {len(found) - _DIAGNOSES} more rows follow another definition", ""]
    for sentence in document.run.get("refused", ()):
        lines += [in_markdown(sentence), ""]
    if rows:
        lines += _table(rows)
        said = [*words.aloud(rows), *words.beside(rows)[:_DIAGNOSES], words.believed(document)]
        lines += ["", in_markdown(" ".join(said)), ""]
    lines += _details([row for row in rows if row.verdict != "pass"], found[:_DIAGNOSES], lines)
    return "\n".join([*lines, _environment(document)]) + "\n"


def _table(rows: Sequence[Row]) -> list[str]:
    rule = "|" + "---|" * words.LEFT + "---:|" * (len(words.HEADS) - words.LEFT - 1) + "---|"
    lines = [_line(words.HEADS), rule]
    for row in rows[:_TABLE]:
        target, *cells = words.cells(row)
        lines.append(_line([as_code(target), *map(in_markdown, cells)]))
    rest = len(rows) - _TABLE
    return [*lines, *(["", f"... and {rest} more rows"] if rest > 0 else [])]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _details(rows: Sequence[Row], said: Sequence[str], before: Sequence[str]) -> list[str]:
    """Blocks that open on a click, as many as there is room for behind the lines ``before``."""
    lines: list[str] = []
    for shown, row in enumerate(rows):
        block = _block(row, said)
        text = "\n".join([*before, *lines, *block])
        if len(text) > CHARACTERS or text.count("\n") > LINES - 10:
            rest = len(rows) - shown
            return [*lines, f"... and {rest} more row{'s' if rest > 1 else ''} in detail in the files", ""]
        lines += block
    return lines


def _block(row: Row, said: Sequence[str]) -> list[str]:
    name = f"{row.key}: {row.verdict.upper()}"
    lines = ["<details>", f"<summary>{as_code(name)}</summary>"]
    for detail in words.details(row, said):
        lines += ["", *(f"- {in_markdown(sentence)}" for sentence in detail.sentences)]
        lines += ["", *fenced([detail.code])] if detail.code else []
    return [*lines, "", "</details>", ""]


def _environment(document: Document) -> str:
    shown = ("refacts", "commit", "cpu", "system", "python", "numpy", "mpmath")
    found = [f"{key} {document.environment[key]}" for key in shown if document.environment.get(key)]
    return in_markdown(", ".join(found))
