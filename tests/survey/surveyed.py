"""Documents of surveys made by hand, and a survey that measures nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from refacts.reports import typed
from refacts.reports.environment import environment
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Row
from refacts.reports.survey.functions import Entry
from refacts.reports.survey.record import LeftOut, Run
from refacts.reports.survey.surveying import Surveyed
from refacts.reports.verdicts import Document

from tests.judge.made import FINITE, NAN, NONE, REGION, row, wrong

MEASURED: dict[str, Any] = {"verdict": "measured", "gate": Gate(allow=("sign-of-zero",)), "reasons": ()}
EXAMPLE = replace(FINITE, operands={"x": REGION.worst})


def exact(target: str, **changes: Any) -> Row:
    """A row of a function that is right everywhere."""
    inputs = row().inputs
    right: dict[str, Any] = {"error": replace(row().error, max=0.5), "correct": inputs, "within_one": inputs}
    return row(target=target, **{"worst": (), **MEASURED, **right, **changes})


def bad(target: str, **changes: Any) -> Row:
    """A row of a function that is wrong in one region."""
    found: dict[str, Any] = {"worst": (EXAMPLE, NAN), "artefacts": row().artefacts, "excused": {"ftz": 3}}
    found |= {"mismatches": NONE, "incidents": (), "diagnosis": None, "loud": (), **MEASURED}
    return wrong(target=target, **found | changes)


def document(*rows: Row, complete: bool = True, **run: Any) -> Document:
    """A survey of these rows."""
    ran = {"targets": ["refacts", "torch"], "only": [], "samples": 10, "seed": 0, "date": "2026-11-25"}
    ran |= {"versions": {"torch": "2.13.0"}, "left_out": [], "done": 2}
    return Document(complete, {"cpu": "a CPU", "python": "CPython 3"}, ran | run, rows)


class Pretended:
    """Finds the functions of torch wrong and counts its calls; interrupted at the call ``stop``."""

    def __init__(self, stop: int | None = None) -> None:
        self.calls, self.stop = 0, stop

    def __call__(self, entry: Entry) -> Surveyed:
        self.calls += 1
        if self.calls == self.stop:
            raise KeyboardInterrupt
        make = bad if entry.framework == "torch" else exact
        left_out = LeftOut(entry.function, entry.activation, "derivative in bfloat16", "raised TypeError: no")
        found = make(entry.target.title, activation=entry.activation)
        return Surveyed((found,), (left_out,) if entry.framework == "scipy" else ())


def begun(*names: str) -> Document:
    """An empty document, as the command begins one."""
    ran = Run(names, (), 10, 0, {}, "2026-11-25")
    return Document(False, environment(), typed.plain(ran), ())
