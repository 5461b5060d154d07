"""Whether a reduced report is one of the code as it is now, and one to show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.document import Document
from reports.environment import formulas_digest
from reports.kernels import KERNELS, REFACTS
from reports.plan import THOROUGH, Settings, shards
from reports.quantities import CATALOGUE


def problems(document: Document) -> list[str]:
    """What speaks against it, in sentences that begin with a verb."""
    return [*_run(document), *_wrong(document["rows"]), *_rows(document["rows"]), *_formulas(document)]


def _run(document: Document) -> Iterator[str]:
    run, kernels = document["run"], [kernel.name for kernel in KERNELS]
    if not document["complete"]:
        yield "is INCOMPLETE"
    if run["mode"] != THOROUGH.name:
        yield f"is of mode {run['mode']}, want {THOROUGH.name}"
    if run["kernels"] != kernels:
        yield f"is of the kernels {', '.join(run['kernels'])}, want {', '.join(kernels)}"


def _wrong(rows: dict[str, Any]) -> Iterator[str]:
    wrong = [key for key, row in rows.items() if row["kernels"].get(REFACTS.name, {"wrong": 0})["wrong"]]
    if wrong:
        yield f"has wrong results of refacts: {_some(wrong)}"


def _rows(rows: dict[str, Any]) -> Iterator[str]:
    """The catalogue, its quantities and the formats ask for these rows, with these parameters."""
    planned = {shard.key: shard for shard in shards(Settings(THOROUGH, 0, tuple(CATALOGUE)))}
    if missing := [key for key in planned if key not in rows]:
        yield f"lacks {_some(missing)}"
    if odd := [key for key in rows if key not in planned]:
        yield f"has rows that nothing asks for: {_some(odd)}"
    other = [key for key in rows if key in planned and rows[key]["parameters"] != planned[key].parameters]
    if other:
        yield f"is of other parameters: {_some(other)}"


def _formulas(document: Document) -> Iterator[str]:
    if document["environment"]["formulas_sha256"] != formulas_digest():
        yield "measured other formulas than those in refacts/activations, oracles and reports/textbook*.py"


def _some(keys: list[str]) -> str:
    rest = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    return ", ".join(keys[:3]) + rest
