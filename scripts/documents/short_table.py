"""The README's table: how far some textbook formulas are away, from the committed report."""

from __future__ import annotations

from typing import Any

from scripts.documents.sections import correct, error

SHOWN = ("sigmoid", "tanh", "softplus", "silu", "gelu", "softmax", "log_softmax")
FIRST, LAST = "<!-- short table -->\n", "<!-- end of short table -->\n"
EXPLANATION = """\
Of {total:,} results of refacts, {right} are correctly rounded: at most 0.5 ulp away from the exact
value. Textbook formulas are further away. Their largest errors in ulp (1.68e+07: no digit of a float32 is
right), with NaN or inf where they return that wrongly:
"""
COLUMNS = [(quantity, fmt) for fmt in ("float32", "float64") for quantity in ("value", "derivative")]


def shown_in(readme: str, report: dict[str, Any]) -> str:
    """The README with this report's table; ValueError if it has no place for it."""
    before, begin, rest = readme.partition(FIRST)
    _, end, after = rest.partition(LAST)
    if not begin or not end:
        raise ValueError(f"README.md has no place for the table: {FIRST.strip()} and {LAST.strip()}")
    return f"{before}{begin}\n{_table(report)}\n{end}{after}"


def _table(report: dict[str, Any]) -> str:
    right, total = correct(list(report["rows"].values()))
    heads = [f"{quantity}, {fmt}" for quantity, fmt in COLUMNS]
    lines = [
        EXPLANATION.format(right=right, total=total),
        f"| textbook formula | {' | '.join(heads)} |",
        f"|---|{'---:|' * len(heads)}",
    ]
    for name in SHOWN:
        cells = [error(report["rows"][f"{name}/{q}/{fmt}"]["kernels"]["textbook"]) for q, fmt in COLUMNS]
        lines.append(f"| [`{name}`](docs/activations/{name}.md) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
