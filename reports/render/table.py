"""The accuracy table in docs/accuracy.md: a reduced report for people, one line per activation."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from refacts.reports.notation import percent, ulps
from refacts.reports.quantities import CATALOGUE

COMMANDS = "refacts report --thorough --out accuracy && refacts readme accuracy/accuracy.json"
_ERRORS = [(quantity, fmt) for fmt in ("float32", "float64") for quantity in ("value", "derivative")]
Row = dict[str, Any]  # of docs/accuracy.json


def table(document: dict[str, Any]) -> str:
    """The table with its explanation, which names the run."""
    columns = [
        "activation",
        "definition",
        "results",
        "% correct",
        *(f"textbook {q}, {f}" for q, f in _ERRORS),
    ]
    lines = [_line(columns), "|" + "---|" * 2 + "---:|" * (len(columns) - 2)]
    groups = groupby(document["rows"].values(), key=lambda row: row["activation"])
    lines += [_line(_cells(name, list(rows))) for name, rows in groups]
    return f"\n{_explanation(document)}\n\n" + "\n".join(lines) + "\n\n"


def _explanation(document: dict[str, Any]) -> str:
    run, where = document["run"], document["environment"]
    versions = [f"{name} {where[key]}" for name, key in (("NumPy", "numpy"), ("mpmath", "mpmath"))]
    total = sum(row["inputs"] for row in document["rows"].values())
    return (
        f"How many results of refacts, all quantities and formats together, were compared with exact ones "
        f"({total:,} in all); how many percent of them are correct (cut off, never rounded up); the textbook "
        "formula's largest error in ulp (rounded up), and NaN or inf where it returns that and the "
        "exact result is none, or the other way round; gated activations have products for derivatives.\n\n"
        f"The run: {run['mode']}, seed {run['seed']}, refacts {where['refacts']}, {', '.join(versions)}, "
        f"{where['python']}, {where['cpu']}, {where['system']}; shown by `{COMMANDS}`."
    )


def _cells(name: str, rows: list[Row]) -> list[str]:
    inputs = sum(row["inputs"] for row in rows)
    wrong = sum(row["kernels"]["refacts"]["wrong"] for row in rows)
    by_kind = {(row["quantity"], row["format"]): row["kernels"]["textbook"] for row in rows}
    errors = [_error(by_kind[kind]) if kind in by_kind else "-" for kind in _ERRORS]
    return [
        f"`{name}`",
        f"`{CATALOGUE[name].spec.definition}`",
        f"{inputs:,}",
        percent(inputs - wrong, inputs),
        *errors,
    ]


def _error(result: dict[str, Any]) -> str:
    counts = result["mismatches"]
    kinds = [shown for kind, shown in (("nan", "NaN"), ("inf", "inf")) if counts[kind]]
    largest = result["max_ulp"]
    return ", ".join([">1e308" if largest == "inf" else ulps(largest), *kinds])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
