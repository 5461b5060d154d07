"""The section on logits as a table of texts, for whatever shows tables."""

from __future__ import annotations

from typing import Any

from refacts.reports.inputs.logits import WIDE
from refacts.reports.notation import ulps

LEFT = ("activation", "quantity", "format", "family")
_ERRORS = ("max ulp", "p99", "normwise", "% correct", "wrong")


def explanation(document: dict[str, Any]) -> str:
    """What its rows and columns are."""
    scipy = document["environment"]["scipy"]
    return (
        f"Rows of n entries: N(0,1), N(0,100^2), or uniform within ±{WIDE['float32']:g} in float32 and "
        f"±{WIDE['float64']:g} in float64; cotangents are N(0,1). Shifted: the plain formula of x - max x, "
        "in the dtype of x. Normwise: the 2-norm of computed less exact over that of exact, the largest "
        "among the rows, in units of 2^-24 (float32) or 2^-53 (float64); where all of a row underflows, the "
        "correctly rounded zeros are as far off as any. "
        + ("SciPy is not installed: it is not measured." if scipy is None else f"SciPy {scipy}.")
    )


def logit_table(document: dict[str, Any]) -> list[list[str]]:
    """A line of heads, and one per row; the first ``len(LEFT)`` columns are words, the others numbers."""
    kernels = document["run"]["kernels"]["logits"]
    heads = [*LEFT, "n", "rows", *(f"{kernel}: {error}" for kernel in kernels for error in _ERRORS)]
    table = [heads]
    for row in document["logits"].values():
        cells = [str(row[key]) for key in (*LEFT, "length", "rows")]
        for kernel in kernels:
            cells += _errors(row["kernels"].get(kernel))
        table.append(cells)
    return table


def _errors(result: dict[str, Any] | None) -> list[str]:
    """What a kernel does; dashes where it has no such function."""
    if result is None:
        return ["-"] * len(_ERRORS)
    errors = (result["ulp"]["max"], result["ulp"]["p99"], result["normwise"])
    return [*map(ulps, errors), result["percent_correct"], str(result["wrong"])]
