"""`python -m scripts.documents [--measure]`: writes the generated pages and pictures of docs/.

--measure first measures the curves that the pictures show anew (15 s); that is due when a formula changes.
The pages need nothing beside refacts with its reports; the pictures need matplotlib.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.documents import activations, command_line, curves, plots

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMAND = "python -m scripts.documents"


def pages() -> dict[str, str]:
    """All generated pages, by their path below docs/."""
    return {"command-line.md": command_line.page(), **activations.pages(ROOT)}


def stale(docs: Path = DOCS) -> list[str]:
    """What is not as the command would write it, in sentences."""
    found = [*curves.stale(), *plots.stale(docs / "activations")]
    for name, text in pages().items():
        path = docs / name
        if not path.exists():
            found.append(f"docs/{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"docs/{name} is not what the code says")
    return found


def main(arguments: list[str]) -> int:
    """Write; the exit code."""
    if arguments not in ([], ["--measure"]):
        print(f"usage: {COMMAND} [--measure]", file=sys.stderr)
        return 2
    if arguments:
        curves.write()
    (DOCS / "activations").mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
    plots.write(DOCS / "activations")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
