"""The document as a table for the terminal."""

from __future__ import annotations

from typing import Any

from reports.notation import ulps


def terminal(document: dict[str, Any]) -> str:
    """One line per row: per kernel the largest error, the share that is right, and how many not."""
    kernels = document["run"]["kernels"]
    head = ["activation", "quantity", "format", "coverage", "inputs"]
    for kernel in kernels:
        head += [f"{kernel}: max ulp", "% correct", "wrong"]
    body = []
    for row in document["rows"].values():
        cells = [str(row[key]) for key in head[:5]]
        for kernel in kernels:
            result = row["kernels"][kernel]
            cells += [ulps(result["ulp"]["max"]), result["percent_correct"], str(result["wrong"])]
        body.append(cells)
    lines = aligned([head, *body], left=4)
    if not document["complete"]:
        lines.append("INCOMPLETE: the run was not finished")
    return "\n".join(lines)


def aligned(table: list[list[str]], left: int) -> list[str]:
    """Lines of a table whose first ``left`` columns are flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for cells in table:
        sized = zip(cells, widths, strict=True)
        padded = [c.ljust(w) if k < left else c.rjust(w) for k, (c, w) in enumerate(sized)]
        lines.append("  ".join(padded).rstrip())
    return lines
