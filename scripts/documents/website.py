"""For the site (mkdocs.yml): a hook of MkDocs, and an extension of Griffe, which reads docstrings for it.

Both are there because other readers want it otherwise: GitHub wants a bar in the code of a table escaped, and
MkDocs shows the backslash; doctest wants examples bare, and Markdown would quote them.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLES = re.compile(r"(?:^>>>.*\n?(?:^(?!\s*$).*\n?)*)+", re.M)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Take the backslashes away before bars in the code of tables."""
    lines = markdown.split("\n")
    return "\n".join(_bare(line) if line.startswith("|") else line for line in lines)


def _bare(line: str) -> str:
    return re.sub(r"`[^`]*`", lambda code: code[0].replace("\\|", "|"), line)


class Fenced(griffe.Extension):
    """Puts fences around the examples of every docstring, `>>>` and what follows."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring:
            obj.docstring.value = EXAMPLES.sub(r"```python\n\g<0>\n```", obj.docstring.value)
