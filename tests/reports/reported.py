"""What a report has found, and a kernel that is wrong at one place of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from refacts.reports import verdicts
from refacts.reports.judge.rows import Row
from refacts.reports.targets.kernels import KERNELS, REFACTS

OTHERS = KERNELS[1:]
RELU = ["report", "--quick", "--only", "relu", "--jobs", "1", "--out"]


def document(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "accuracy.json").read_text(encoding="utf-8"))


def rows(directory: Path) -> dict[str, Row]:
    """The rows of a report by their keys."""
    return {row.key: row for row in verdicts.read(directory / "accuracy.json").rows}


def failing_at(fmt: str, what: Any) -> Any:
    """The refacts kernel that does something else at relu's derivative in one format."""

    def evaluate(activation: Any, quantity: str, x: Any, *g: Any) -> Any:
        if quantity == "derivative" and x.dtype.name == fmt:
            return what(x)
        return REFACTS.evaluate(activation, quantity, x, *g)

    return replace(REFACTS, evaluate=evaluate)


def interrupt(x: Any) -> Any:
    raise KeyboardInterrupt
