"""A report in a few numbers: all results of a target on an activation, or on logits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from refacts.reports.judge.rows import Row
from refacts.reports.notation import percent


@dataclass(frozen=True)
class Total:
    """Results of a target. max_ulp: the largest error, None where none has a distance."""

    inputs: int
    wrong: int
    max_ulp: float | None

    @property
    def percent_correct(self) -> str:
        """Cut off, never rounded up."""
        return percent(self.inputs - self.wrong, self.inputs)


def total(rows: Iterable[Row]) -> Total:
    """Of some rows together."""
    found = list(rows)
    errors = [row.error.max for row in found if row.error.max is not None]
    return Total(sum(row.inputs for row in found), sum(row.wrong for row in found), max(errors, default=None))


def grouped(rows: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    """Rows by the fields of these names: by one its value, by several a tuple."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        key = tuple(getattr(row, name) for name in names)
        found.setdefault(key if len(names) > 1 else key[0], []).append(row)
    return found


def targets(rows: Iterable[Row]) -> list[str]:
    """Their names, in order."""
    return list(dict.fromkeys(row.target for row in rows))


def strict(rows: Iterable[Row]) -> set[str]:
    """The targets of which the exact results are demanded."""
    return {row.target for row in rows if row.gate.judges}


def catalogue(rows: Iterable[Row]) -> list[Row]:
    """Those on the inputs of all activations."""
    return [row for row in rows if not row.drawn]


def on_logits(rows: Iterable[Row]) -> list[Row]:
    """Those on rows of logits."""
    return [row for row in rows if row.drawn]


def by_activation(rows: Iterable[Row]) -> dict[str, dict[str, Total]]:
    """By name, then by target: all quantities and formats together."""
    return {
        name: {target: total(own) for target, own in grouped(found, "target").items()}
        for name, found in grouped(rows, "activation").items()
    }


def failed(rows: Sequence[Row]) -> list[Row]:
    """The rows in which a target is not what is demanded of it, void ones first."""
    return sorted((row for row in rows if row.verdict in ("void", "fail")), key=lambda r: r.verdict != "void")
