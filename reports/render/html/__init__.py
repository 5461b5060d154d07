"""The report that people look at: one HTML file that needs nothing else, and plots of single rows."""

from __future__ import annotations

from importlib.util import find_spec

from refacts.reports.exits import UsageError

MARK = '<meta name="generator" content="refacts">'
_NEEDED = {"jinja2": "Jinja2", "matplotlib": "Matplotlib"}


def require(option: str, *modules: str) -> None:
    """UsageError, which says what to install, where one of the modules (by default all) is missing."""
    missing = [name for module, name in _NEEDED.items() if module in (modules or _NEEDED) and not _there(module)]
    if missing:
        raise UsageError(f"{option} needs {' and '.join(missing)}: pip install 'refacts[html]'")


def _there(module: str) -> bool:
    return find_spec(module) is not None
