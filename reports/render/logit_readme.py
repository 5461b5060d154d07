"""The table of errors on logits in docs/accuracy.md: a reduced report, one line per map and format."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from refacts.reports.inputs.logits import FAMILIES, WIDE
from refacts.reports.notation import ulps

LENGTHS = (1000, 100_000)
_SPOKEN = {"scipy": "SciPy"}


def table(document: dict[str, Any]) -> str:
    """The table with its explanation."""
    kinds = [(family, n) for family in FAMILIES for n in LENGTHS]
    columns = ["activation", "format", *(f"{family}, n = {n:,}" for family, n in kinds)]
    lines = [_line(columns), "|" + "---|" * 2 + "---:|" * (len(columns) - 2)]
    groups = groupby(document["logits"].values(), key=lambda row: (_name(row), row["format"]))
    for (name, fmt), rows in groups:
        by_kind = {(row["family"], row["length"]): row["kernels"] for row in rows}
        lines.append(_line([f"`{name}`", fmt, *(_cell(by_kind[kind]) for kind in kinds)]))
    return f"\n{_explanation(document)}\n\n" + "\n".join(lines) + "\n\n"


def _explanation(document: dict[str, Any]) -> str:
    kernels = document["run"]["kernels"]["logits"]
    scipy = document["environment"]["scipy"]
    version = "SciPy was not installed" if scipy is None else f"SciPy is {scipy}"
    return (
        "Largest error in ulp (rounded up) on rows of logits: of "
        f"{' / '.join(_SPOKEN.get(name, name) for name in kernels)}, where shifted is the plain formula "
        f"of x - max x in NumPy; uniform: within ±{WIDE['float32']:g} in float32, ±{WIDE['float64']:g} in "
        f"float64. From the same run; {version}."
    )


def _name(row: dict[str, Any]) -> str:
    return row["activation"] if row["quantity"] == "value" else f"{row['activation']}.{row['quantity']}"


def _cell(kernels: dict[str, dict[str, Any]]) -> str:
    return " / ".join(ulps(result["max_ulp"]) for result in kernels.values())


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
