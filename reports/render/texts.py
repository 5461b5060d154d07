"""Texts of others on a terminal and in Markdown: nothing in them is obeyed, no line is too wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

WIDTH = 100
_MARKS = "\\`*_[]<>|~&"  # what Markdown could take for more than itself
_BREAKS = " ,;(=["  # behind which a line of Python or shell can be continued


def printable(text: str) -> str:
    """The text with control characters, line ends and invisible characters as escapes."""
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def encodable(text: str, encoding: str) -> str:
    """The text with what the encoding has not as escapes."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes."""
    return sum(_width(each) for each in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text in so many columns at most, its middle left out where it is longer."""
    if columns(text) <= width:
        return text
    half = (width - 3) // 2
    return f"{_begin(text, width - 3 - half)}...{_begin(text[::-1], half)[::-1]}"


def _begin(text: str, width: int) -> str:
    """As much of the text as fits."""
    taken = 0
    for place, character in enumerate(text):
        taken += _width(character)
        if taken > width:
            return text[:place]
    return text


def wrapped(text: str, indent: str = "", first: str = "", width: int = WIDTH) -> list[str]:
    """Lines of whole words, indented by ``first``, then by ``indent``; a word that is too long is cut."""
    lines, line = [], first
    for place, word in enumerate(text.split(" ")):
        added = f"{line} {word}" if place else first + word
        if place and columns(added) > width:
            lines.append(line)
            added = indent + word
        while columns(added) > width:
            head = _begin(added, width)
            lines.append(head)
            added = indent + added[len(head) :]
        line = added
    return [*lines, line]


def continued(command: str, width: int = WIDTH) -> list[str]:
    """A line of Python or shell in lines that end in a backslash: pasted, they are the same.

    A line is broken behind a blank or punctuation, wherever that is: in a string, too, a backslash joins what
    follows, so that no line is indented.
    """
    lines = []
    while columns(command) > width:
        head = _begin(command, width - 1)
        place = max(head.rfind(each) for each in _BREAKS) + 1
        lines.append(f"{head[: place or None]}\\")
        command = command[place or len(head) :]
    return [*lines, command]


def aligned(
    table: Sequence[Sequence[str]], left: int, room: Sequence[int] = (), gap: str = "  "
) -> list[str]:
    """Lines of a table whose first ``left`` columns are flush left, the others flush right.

    The columns in ``room`` are cut, the widest first, until a line has `WIDTH` columns at most.
    """
    cells = [list(map(printable, row)) for row in table]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    while room and sum(widths) + len(gap) * (len(widths) - 1) > WIDTH:
        widths[max(room, key=lambda k: widths[k])] -= 1
    lines = []
    for row in cells:
        fitted = [cut(cell, width) for cell, width in zip(row, widths, strict=True)]
        blanks = [" " * (width - columns(cell)) for cell, width in zip(fitted, widths, strict=True)]
        parts = [c + b if k < left else b + c for k, (c, b) in enumerate(zip(fitted, blanks, strict=True))]
        lines.append(gap.join(parts).rstrip())
    return lines


def in_markdown(text: str) -> str:
    """The text as Markdown that shows it; nobody is mentioned."""
    shown = "".join(f"&#{ord(each)};" if each in _MARKS else each for each in printable(text))
    return shown.replace("@", "@\u200b").replace("://", ":&#8203;//")


def as_code(text: str) -> str:
    """The text as code inside a line of Markdown, in tables too."""
    shown = "".join(f"&#{ord(each)};" if each in _MARKS else each for each in printable(text))
    return f"<code>{shown.replace('@', '&#64;')}</code>"


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Lines of code as a block of Markdown, in a fence that none of them ends."""
    shown = [printable(line) for line in lines]
    fence = "`" * (3 + max((line.count("`") for line in shown), default=0))
    return [fence + language, *shown, fence]
