"""Whether a reduced report is one of the code as it is now, and one to show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refacts.reports.environment import formulas_digest
from refacts.reports.inputs.entries import entries
from refacts.reports.inputs.modes import THOROUGH, Settings
from refacts.reports.quantities import CATALOGUE
from refacts.reports.targets.kernel import SECTIONS
from refacts.reports.targets.kernels import KERNELS, REFACTS, SCIPY, by_section


def problems(document: dict[str, Any]) -> list[str]:
    """What speaks against it, in sentences that begin with a verb."""
    return [*_run(document), *_wrong(document), *_rows(document), *_formulas(document)]


def _run(document: dict[str, Any]) -> Iterator[str]:
    run, wanted = document["run"], by_section([kernel for kernel in KERNELS if kernel is not SCIPY])
    if not document["complete"]:
        yield "is INCOMPLETE"
    if run["mode"] != THOROUGH.name:
        yield f"is of mode {run['mode']}, want {THOROUGH.name}"
    for section, kernels in run["kernels"].items():
        if [name for name in kernels if name != SCIPY.name] != wanted[section]:
            yield f"is of the kernels {', '.join(kernels)} in {section}, want {', '.join(wanted[section])}"


def _wrong(document: dict[str, Any]) -> Iterator[str]:
    wrong = [
        key
        for section in SECTIONS
        for key, row in document[section].items()
        if row["kernels"].get(REFACTS.name, {"wrong": 0})["wrong"]
    ]
    if wrong:
        yield f"has wrong results of refacts: {_some(wrong)}"


def _rows(document: dict[str, Any]) -> Iterator[str]:
    """The catalogue, its quantities and the formats ask for these rows, with these parameters."""
    planned = {entry.key: entry for entry in entries(Settings(THOROUGH, 0, tuple(CATALOGUE)))}
    rows = {key: row for section in SECTIONS for key, row in document[section].items()}
    if missing := [key for key in planned if key not in rows]:
        yield f"lacks {_some(missing)}"
    if odd := [key for key in rows if key not in planned]:
        yield f"has rows that nothing asks for: {_some(odd)}"
    other = [key for key in rows if key in planned and rows[key]["parameters"] != planned[key].parameters]
    if other:
        yield f"is of other parameters: {_some(other)}"


def _formulas(document: dict[str, Any]) -> Iterator[str]:
    if document["environment"]["formulas_sha256"] != formulas_digest():
        yield "measured other formulas than those in refacts/activations, oracles and reports/textbook*.py"


def _some(keys: list[str]) -> str:
    rest = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return ", ".join(keys[:3]) + rest
