"""The document as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refacts.reports.document import SECTIONS
from refacts.reports.judge.tiers import TIERS
from refacts.reports.notation import ulps
from refacts.reports.render.logit_table import LEFT, explanation, logit_table

Document = dict[str, Any]


def markdown(document: Document) -> str:
    """accuracy.md: what was run and where, the table, and the worst inputs of every kernel."""
    run = document["run"]
    kernels = run["kernels"]["rows"]
    rows = [row for section in SECTIONS for row in document[section].values()]
    parts = [
        "# Accuracy of refacts\n",
        *([] if document["complete"] else ["**INCOMPLETE**: the run was not finished.\n"]),
        f"Mode {run['mode']}, seed {run['seed']}. Errors are distances to the exact real result in "
        "units of the format's spacing there (ulp), rounded up to three digits. A row is "
        "exhaustive only if every input of the format was measured. Percentages are cut off, "
        "never rounded up.\n",
        _environment(document["environment"]),
        "## Results\n",
        _table(document["rows"].values(), kernels),
        "## Logits\n",
        _logits(document),
        "## Tiers\n",
        "How many percent of the finite inputs reached each arithmetic, rounded up to three digits, and how "
        "many reached mpmath, the slow last one. Log-uniform: uniform over the finite bit patterns. "
        "Normal: N(0, 3). 16-bit formats are computed this way once; then results are looked up.\n",
        _tiers(document["rows"].values(), kernels),
        "## Mismatches\n",
        _mismatches(rows),
        "## Worst inputs\n",
        _worst(rows),
    ]
    return "\n".join(parts)


def _environment(environment: dict[str, Any]) -> str:
    lines = ["| environment | |", "|---|---|"]
    for key, value in environment.items():
        shown = " ".join(value) if isinstance(value, list) else value
        lines.append(f"| {key} | {_cell('unknown' if shown is None else str(shown))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _table(rows: Iterable[dict[str, Any]], kernels: list[str]) -> str:
    columns = ["activation", "quantity", "format", "coverage", "inputs"]
    for kernel in kernels:
        columns += [f"{kernel} % correct", "wrong", "max ulp", "p99.9", "p99", "mean"]
    lines = [_line(columns), "|" + "---|" * 4 + "---:|" * (len(columns) - 4)]
    for row in rows:
        cells = [row[key] for key in columns[:5]]
        for kernel in kernels:
            result = row["kernels"][kernel]
            errors = [ulps(result["ulp"][key]) for key in ("max", "p99.9", "p99", "mean")]
            cells += [result["percent_correct"], result["wrong"], *errors]
        lines.append(_line(cells))
    return "\n".join(lines) + "\n"


def _tiers(rows: Iterable[dict[str, Any]], kernels: list[str]) -> str:
    columns = ["row", "kernel", "family", "coverage", "inputs", *TIERS, "inputs in mpmath"]
    lines = [_line(columns), "|" + "---|" * 4 + "---:|" * (len(columns) - 4)]
    for row in rows:
        for kernel in kernels:
            for family, found in row["kernels"][kernel]["tiers"].items():
                cells = [_name(row), kernel, family, found["coverage"], found["inputs"]]
                shares = [found["percent"][tier] for tier in TIERS]
                lines.append(_line([*cells, *shares, found["reached"]["mpmath"]]))
    return "\n".join(lines) + "\n" if len(lines) > 2 else "None counted.\n"


def _logits(document: Document) -> str:
    heads, *body = logit_table(document)
    rule = "|" + "---|" * len(LEFT) + "---:|" * (len(heads) - len(LEFT))
    lines = [_line(heads), rule, *map(_line, body)]
    return f"{explanation(document)}\n\n" + "\n".join(lines) + "\n" if body else "None.\n"


def _line(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _mismatches(rows: Iterable[dict[str, Any]]) -> str:
    lines = [
        "| row | kernel | nan | inf | sign | false zero |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        for kernel, result in row["kernels"].items():
            counts = result["mismatches"]
            if any(counts.values()):
                shown = " | ".join(str(count) for count in counts.values())
                lines.append(f"| {_name(row)} | {kernel} | {shown} |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else "None.\n"


def _name(row: dict[str, Any]) -> str:
    named = [row["activation"], row["quantity"], row["format"]]
    return " ".join([*named, f"{row['family']} n = {row['length']}"] if "family" in row else named)


def _worst(rows: Iterable[dict[str, Any]]) -> str:
    lines = []
    for row in rows:
        for result in row["kernels"].values():
            for one in result["worst"][:1]:
                lines.append(
                    f"- {row['format']} `{one['call']}` = {one['computed']}, "
                    f"want {one['want']}: {ulps(one['ulp'])} ulp  \n  `{one['reproducer']}`"
                )
    return "\n".join(lines) + "\n" if lines else "None.\n"
