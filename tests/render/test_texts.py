"""Hostile and long texts: escaped, measured, and the same when they are pasted."""

from __future__ import annotations

import subprocess
import sys

import pytest
from refacts.reports.render.texts import (
    aligned,
    as_code,
    columns,
    continued,
    cut,
    encodable,
    fenced,
    in_markdown,
    printable,
    wrapped,
)

HOSTILE = "a|b\n\x1b[31m<b>&`*_[x](y)@user\u202e\ud800"


def test_what_cannot_be_seen_is_escaped() -> None:
    assert printable(HOSTILE) == "a|b\\n\\x1b[31m<b>&`*_[x](y)@user\\u202e\\ud800"
    assert printable("é 表") == "é 表"
    assert encodable("é 表", "latin-1") == "é \\u8868"


def test_columns_are_those_of_a_terminal() -> None:
    assert [columns(text) for text in ("abc", "表", "e\u0301")] == [3, 2, 1]


@pytest.mark.parametrize("text", ["torch.nn.functional:gelu", "表" * 20, "x"])
@pytest.mark.parametrize("width", [7, 12, 13, 24])
def test_a_cut_text_keeps_both_ends(text: str, width: int) -> None:
    found = cut(text, width)
    assert columns(found) <= width
    assert (found == text) == (columns(text) <= width)
    assert (found[0], found[-1]) == (text[0], text[-1])


@pytest.mark.parametrize("text", ["a bc " * 30, "x" * 250, "表 " * 60, "", "a " + "y" * 99, " lead"])
def test_wrapped_lines_say_the_same(text: str) -> None:
    lines = wrapped(text, "    ", "  ", 40)
    assert max(map(columns, lines)) <= 40
    assert lines[0].startswith("  ")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(line.startswith("    ") for line in lines[1:])


@pytest.mark.parametrize("quoted", [False, True])
def test_a_continued_line_does_the_same(quoted: bool) -> None:
    text = "some words, (and) [more] = of; them" * 4
    code = f"import sys; print({text!r}, len([k for k in range(123456, 123458)]), float.fromhex('0x1.8p-3'))"
    lines = continued(code, 40)
    assert max(map(len, lines)) <= 40
    assert len(lines) > 4
    pasted = "\n".join(lines)
    if quoted:
        command = ["sh", "-c", "\n".join(continued(f'{sys.executable} -c "{code}"', 90))]
    else:
        command = [sys.executable, "-c", pasted]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{text} 2 0.1875\n"


def test_a_short_line_is_not_continued() -> None:
    assert continued("print(1)") == ["print(1)"]
    assert "".join(line.rstrip("\\") for line in continued("x" * 250)) == "x" * 250


def test_a_table_fits_whatever_is_in_it() -> None:
    table = [["target", "as", "inputs"], ["a" * 90, "b" * 50, "1,000"], ["表" * 60, "\x1b[1m", "5"]]
    lines = aligned(table, 2, room=(0, 1))
    assert [columns(line) for line in lines[1:]] == [100, 100]
    assert "\x1b" not in "".join(lines)
    assert lines[1].endswith("  1,000")
    assert aligned([["a", "b"], ["long", "1"]], 1) == ["a     b", "long  1"]


def test_markdown_shows_the_text_and_nothing_else() -> None:
    for found in (in_markdown(HOSTILE), as_code(HOSTILE).removeprefix("<code>").removesuffix("</code>")):
        assert not set(found.replace("&#", "").replace("\\", "")) & set("\n\x1b|<>*`[]")
        assert "@user" not in found
    assert "\\" not in in_markdown(HOSTILE)
    assert in_markdown("https://x.y") == "https:&#8203;//x.y"


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    assert fenced(["a ```` b", "c\n```"]) == ["`" * 7, "a ```` b", "c\\n```", "`" * 7]
