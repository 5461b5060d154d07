"""For mkdocstrings: examples in docstrings, `>>>` and what follows, are code; Markdown would quote them."""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLES = re.compile(r"(?:^>>>.*\n?(?:^(?!\s*$).*\n?)*)+", re.M)


class Fenced(griffe.Extension):
    """Puts fences around the examples of every docstring."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring:
            obj.docstring.value = EXAMPLES.sub(r"```python\n\g<0>\n```", obj.docstring.value)
