"""`python -m scripts.documents [--measure]`: writes the generated pages of docs/ and the README's table.

--measure first measures the curves that the pictures show anew (15 s); that is due when a formula changes.
The pages need nothing beside refacts with its reports; the pictures need matplotlib.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scripts.documents import activations, bound, command_line, curves, plots
from scripts.documents.sections import correct

ROOT = Path(__file__).parents[2]
PICTURES, DRAWINGS = Path("docs", "activations"), Path("docs", "pictures")
COMMAND = "python -m scripts.documents"
FIRST, LAST = "<!-- short table -->\n", "<!-- end of short table -->\n"
REPORT = """\
Of {total:,} results of refacts in the accuracy report, {right} are correctly rounded: at most 0.5 ulp away
from the exact value. The survey of frameworks (1.68e7 ulp: no digit of a float32 is right):
"""


def pages() -> dict[str, str]:
    """All generated texts, by their path in the checkout."""
    report = json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))
    survey = (ROOT / "docs" / "survey" / "table.md").read_text(encoding="utf-8")
    readme = with_table((ROOT / "README.md").read_text(encoding="utf-8"), report, survey)
    return {
        "README.md": readme,
        "docs/command-line.md": command_line.page(),
        **activations.pages(report),
    }


def with_table(readme: str, report: dict[str, Any], survey: str) -> str:
    """The README with this report and this table of a survey; ValueError if it has no place for them."""
    before, begin, rest = readme.partition(FIRST)
    _, end, after = rest.partition(LAST)
    if not begin or not end:
        raise ValueError(f"README.md has no place for the table: {FIRST.strip()} and {LAST.strip()}")
    right, total = correct(list(report["rows"].values()))
    table = survey.partition("-->\n")[2].strip()
    return f"{before}{begin}\n{REPORT.format(right=right, total=total)}\n{table}\n\n{end}{after}"


def stale(root: Path = ROOT) -> list[str]:
    """What is not as the command would write it, in sentences."""
    found = [*curves.stale(), *plots.stale(root / PICTURES), *bound.stale(root / DRAWINGS)]
    for name, text in pages().items():
        path = root / name
        if not path.exists():
            found.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"{name} is not what the code says")
    return found


def main(arguments: list[str]) -> int:
    """Write; the exit code."""
    if arguments not in ([], ["--measure"]):
        print(f"usage: {COMMAND} [--measure]", file=sys.stderr)
        return 2
    if arguments:
        curves.write()
    for name, text in pages().items():
        (ROOT / name).write_text(text, encoding="utf-8")
    plots.write(ROOT / PICTURES)
    bound.write(ROOT / DRAWINGS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
