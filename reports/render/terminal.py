"""The document as tables for the terminal."""

from __future__ import annotations

from typing import Any

from refacts.reports.notation import ulps
from refacts.reports.render.logit_table import LEFT, logit_table


def terminal(document: dict[str, Any]) -> str:
    """A table of the results, then one of the errors on logits where there are any."""
    lines = aligned(_results(document), left=4)
    if document["logits"]:
        lines += ["", *aligned(logit_table(document), left=len(LEFT))]
    if not document["complete"]:
        lines.append("INCOMPLETE: the run was not finished")
    return "\n".join(lines)


def _results(document: dict[str, Any]) -> list[list[str]]:
    """One line per row: per kernel the largest error, the share that is right, and how many not."""
    kernels = document["run"]["kernels"]["rows"]
    head = ["activation", "quantity", "format", "coverage", "inputs"]
    heads = [*head, *(f"{k}: {what}" for k in kernels for what in ("max ulp", "% correct", "wrong"))]
    body = []
    for row in document["rows"].values():
        cells = [str(row[key]) for key in head]
        for kernel in kernels:
            result = row["kernels"][kernel]
            cells += [ulps(result["ulp"]["max"]), result["percent_correct"], str(result["wrong"])]
        body.append(cells)
    return [heads, *body]


def aligned(table: list[list[str]], left: int) -> list[str]:
    """Lines of a table whose first ``left`` columns are flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for cells in table:
        sized = zip(cells, widths, strict=True)
        padded = [c.ljust(w) if k < left else c.rjust(w) for k, (c, w) in enumerate(sized)]
        lines.append("  ".join(padded).rstrip())
    return lines
