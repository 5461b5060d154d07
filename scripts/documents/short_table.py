"""The README's table: what the committed report says of refacts, and the committed survey of frameworks."""

from __future__ import annotations

from typing import Any

from scripts.documents.sections import correct

FIRST, LAST = "<!-- short table -->\n", "<!-- end of short table -->\n"
REPORT = """\
Of {total:,} results of refacts in the accuracy report, {right} are correctly rounded: at most 0.5 ulp away
from the exact value. The survey of frameworks (1.68e7 ulp: no digit of a float32 is right):
"""


def shown_in(readme: str, report: dict[str, Any], survey: str) -> str:
    """The README with this report and this table of a survey; ValueError if it has no place for them."""
    before, begin, rest = readme.partition(FIRST)
    _, end, after = rest.partition(LAST)
    if not begin or not end:
        raise ValueError(f"README.md has no place for the table: {FIRST.strip()} and {LAST.strip()}")
    right, total = correct(list(report["rows"].values()))
    table = survey.partition("-->\n")[2].strip()
    return f"{before}{begin}\n{REPORT.format(right=right, total=total)}\n{table}\n\n{end}{after}"
