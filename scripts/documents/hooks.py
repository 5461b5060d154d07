"""For MkDocs: GitHub wants a bar in code in a table escaped, MkDocs shows the backslash."""

from __future__ import annotations

import re
from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Take the backslashes away before bars in the code of tables."""
    lines = markdown.split("\n")
    return "\n".join(_bare(line) if line.startswith("|") else line for line in lines)


def _bare(line: str) -> str:
    return re.sub(r"`[^`]*`", lambda code: code[0].replace("\\|", "|"), line)
