"""A document of `refacts report` in a few numbers: all results of a kernel on an activation, or on logits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from refacts.reports.document import SECTIONS, Document
from refacts.reports.notation import percent


@dataclass(frozen=True)
class Total:
    """Results of a kernel. max_ulp: the largest error, None where none has a distance."""

    inputs: int
    wrong: int
    max_ulp: float | None

    @property
    def percent_correct(self) -> str:
        """Cut off, as in the document."""
        return percent(self.inputs - self.wrong, self.inputs)


def total(results: Iterable[dict[str, Any]]) -> Total:
    """Of a kernel's results in some rows."""
    found = list(results)
    errors = [float(result["ulp"]["max"]) for result in found if result["ulp"]["max"] is not None]
    inputs, wrong = (sum(result[key] for result in found) for key in ("inputs", "wrong"))
    return Total(inputs, wrong, max(errors, default=None))


def by_activation(document: Document) -> dict[str, dict[str, Total]]:
    """By name, then by kernel: all its quantities and formats together."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in document["rows"].values():
        groups.setdefault(row["activation"], []).append(row["kernels"])
    return {
        name: {kernel: total(each[kernel] for each in found) for kernel in document["run"]["kernels"]["rows"]}
        for name, found in groups.items()
    }


def on_logits(document: Document) -> dict[str, Total]:
    """By kernel, those that have the function of a row."""
    rows = [row["kernels"] for row in document["logits"].values()]
    found = {
        kernel: [each[kernel] for each in rows if kernel in each]
        for kernel in document["run"]["kernels"]["logits"]
    }
    return {kernel: total(results) for kernel, results in found.items() if results}


def in_all(document: Document, kernel: str) -> Total:
    """All results of a kernel."""
    rows = [row["kernels"] for section in SECTIONS for row in document[section].values()]
    return total(each[kernel] for each in rows if kernel in each)


def wrong_rows(document: Document, kernels: Sequence[str]) -> list[tuple[str, str, Total]]:
    """The rows in which one of the kernels is wrong: key, kernel, its results."""
    return [
        (key, kernel, total([row["kernels"][kernel]]))
        for section in SECTIONS
        for key, row in document[section].items()
        for kernel in kernels
        if kernel in row["kernels"] and row["kernels"][kernel]["wrong"]
    ]
