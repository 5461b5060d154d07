"""What got better or worse, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from refacts.reports.judge.changes import Change, Changes
from refacts.reports.render.texts import encodable, printable, wrapped

HEIGHT = 40  # lines of a screen


def terminal(
    changes: Changes, names: tuple[str, str], everything: bool = False, encoding: str = "utf-8"
) -> str:
    """What is worse, what is better, what differs between the runs, and a sentence with the verdict.

    ``names``: of the old and the new document. Lines are `texts.WIDTH` columns wide at most; those that are
    more than a screen are counted, unless ``everything`` is shown.
    """
    told = [
        *(_told("worse", change) for change in changes.worse),
        *(_told("better", change) for change in changes.better),
        *(f"remark: {remark}" for remark in changes.remarks),
    ]
    last = _lines(verdict(changes, names), encoding)
    lines: list[str] = []
    for shown, text in enumerate(told):
        added = _lines(text, encoding)
        if not everything and len(lines) + len(added) + len(last) > HEIGHT - 1:
            lines.append(f"... and {len(told) - shown} more with --all")
            break
        lines += added
    return "\n".join([*lines, *last])


def verdict(changes: Changes, names: tuple[str, str]) -> str:
    """One sentence."""
    where = f"from {names[0]} to {names[1]}, {_rows(changes.compared)} compared"
    counts = f"{_rows(len(changes.worse))} got worse and {_rows(len(changes.better))} better {where}"
    return f"WORSE: {counts}" if changes.worse else f"PASS: {counts}"


def _told(word: str, change: Change) -> str:
    return f"{word}: {change.key}: {'; '.join(change.phrases)}"


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def _lines(text: str, encoding: str) -> Sequence[str]:
    return wrapped(encodable(printable(text), encoding), "    ")
