"""Golden results as a C header: inputs and exact outputs as bit patterns, which no compiler can round."""

from __future__ import annotations

import re
from pathlib import Path

from refacts.reports import atomic
from refacts.reports.exits import UsageError
from refacts.reports.inputs.dumps import Column, Dump
from refacts.reports.inputs.marks import About

MARK = "/* refacts: "
_END = " */"
_WIDTH = 108


def write(path: Path, dump: Dump, definition: str) -> None:
    """Write a golden dump, atomically; ``definition``: the activation's, in a line."""
    about = dump.about
    assert about is not None
    stem = _identifier(f"{about.subject}_{about.quantity}_{dump.formats}")
    guard = f"REFACTS_GOLDEN_{stem.upper()}_H"
    first = next(iter(dump.columns.values()))
    lines = [
        f"{MARK}{_comment(about.text())}{_END}",
        f"/* {_comment(f'{about.subject}: {definition}')}, {about.quantity}, {dump.formats}.",
        "   Every result is the exact value rounded once, to nearest, ties to even; made by refacts",
        f"   {_comment(about.version)}. Arrays are bit patterns: {_kinds(dump)}.",
        f"   {about.confirmed} results were confirmed by an independent oracle. */",
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <stdint.h>",
        "",
        f"#define {stem.upper()}_COUNT {first.bits.size}",
    ]
    if dump.lengths is not None:
        lines.append(f"#define {stem.upper()}_ROWS {len(dump.lengths)}")
        lines += _array("uint32_t", f"{stem}_lengths", [str(n) for n in dump.lengths.tolist()])
    for name, column in dump.columns.items():
        lines += _array(f"uint{column.format.bits}_t", f"{stem}_{name}", patterns(column))
    atomic.write(path, "\n".join([*lines, "", f"#endif /* {guard} */"]) + "\n")


def write_table(path: Path, column: Column, about: About, definition: str) -> None:
    """Write the results of all inputs of a 16-bit format, in the order of their bits."""
    stem = _identifier(f"{about.subject}_{about.quantity}_{about.formats}_table")
    guard = f"REFACTS_{stem.upper()}_H"
    lines = [
        f"{MARK}{_comment(about.text())}{_END}",
        f"/* {_comment(f'{about.subject}: {definition}')}, {about.quantity}, {about.formats}.",
        "   Entry k is the bit pattern of the exact result, rounded once, for the input with bit pattern k;",
        f"   made by refacts {_comment(about.version)}. {about.confirmed} results were confirmed",
        "   by an independent oracle. */",
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <stdint.h>",
        *_array(f"uint{column.format.bits}_t", stem, patterns(column)),
        "",
        f"#endif /* {guard} */",
    ]
    atomic.write(path, "\n".join(lines) + "\n")


def about(path: Path) -> tuple[About | None, list[str]]:
    """What a file says of itself; it has no other columns than ours."""
    try:
        with open(path, encoding="utf-8") as file:
            line = file.readline().rstrip("\n")
    except UnicodeDecodeError:
        raise UsageError(f"{path.name} is not a header in UTF-8") from None
    if not (line.startswith(MARK) and line.endswith(_END)):
        return None, []
    return About.read(line[len(MARK) : -len(_END)], path.name), []


def patterns(column: Column) -> list[str]:
    """Bit patterns as C writes them, all digits."""
    digits = column.format.bits // 4
    suffix = "ULL" if column.format.bits == 64 else "u"
    return [f"0x{pattern:0{digits}x}{suffix}" for pattern in column.bits.tolist()]


def _array(ctype: str, name: str, cells: list[str]) -> list[str]:
    """The lines of an array; cells of one width."""
    per_line = max(1, (_WIDTH - 4) // (max(map(len, cells)) + 2))
    rows = [f"    {', '.join(cells[k : k + per_line])}," for k in range(0, len(cells), per_line)]
    return ["", f"static const {ctype} {name}[{len(cells)}] = {{", *rows, "};"]


def _kinds(dump: Dump) -> str:
    return ", ".join(f"{name} {column.format.name}" for name, column in dump.columns.items())


def _identifier(text: str) -> str:
    return re.sub(r"\W+", "_", text.replace("-", "_minus_"))


def _comment(text: str) -> str:
    """The text, which must not end a comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")
