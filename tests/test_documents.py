"""What CONTRIBUTING shows of files is in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PART = re.compile(r"^ *`(?P<path>[\w/]+\.py)`$|^(?P<indent> *)```python\n(?P<code>.*?)^ *```$", re.M | re.S)


def excerpts(text: str) -> list[tuple[str, str]]:
    """Every block of code after a line that names its file, with that name."""
    found, path = [], ""
    for part in PART.finditer(text):
        path = part["path"] or path
        if part["code"]:
            found.append((path, part["code"]))
    return found


def stale(text: str) -> list[str]:
    """Sentences on excerpts that their file does not hold, line by line, however indented."""
    sentences = []
    for path, code in excerpts(text):
        lines = [line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]
        wanted = [line.strip() for line in code.splitlines()]
        places = range(len(lines) - len(wanted) + 1)
        if not any(lines[k : k + len(wanted)] == wanted for k in places):
            sentences.append(f"CONTRIBUTING.md shows what {path} does not hold: {wanted[0]} ...")
    return sentences


def test_excerpts_are_current() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert len(excerpts(text)) >= 6
    assert stale(text) == []


def test_a_stale_excerpt_is_named() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("t = exp(-abs(x))", "t = exp(x)")
    assert stale(text) == [
        "CONTRIBUTING.md shows what refacts/activations/log_sigmoid.py does not hold: "
        "def value(x: Any) -> tuple[Any, Any]: ..."
    ]
