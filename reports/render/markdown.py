"""A report as Markdown: a page that a person reads in a minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from refacts.reports.inputs.logits import WIDE
from refacts.reports.judge.overview import (
    by_activation,
    catalogue,
    failed,
    grouped,
    on_logits,
    strict,
    targets,
    total,
)
from refacts.reports.judge.rows import Row
from refacts.reports.judge.tiers import TIERS
from refacts.reports.notation import percent, ulps, upper_percent
from refacts.reports.render.terminal import verdict
from refacts.reports.render.texts import as_code, fenced, in_markdown
from refacts.reports.render.verdict_words import believed, details
from refacts.reports.verdicts import Document

MARK = "# Accuracy of refacts\n"  # how the page begins
WRONG, SHOWN = 40, 5  # rows that fail: named, and shown with an example
KINDS = {"nan": "NaN", "inf": "infinity", "sign": "sign", "false_zero": "false zero"}


def markdown(document: Document) -> str:
    """accuracy.md, at most 300 lines: the verdict, what is wrong, a line for each activation, logits."""
    rows = document.rows
    lines = [MARK, f"**{in_markdown(verdict(document))}**", ""]
    lines += _wrong(rows)
    lines += [
        f"Mode {document.run.get('mode')}, seed {document.run.get('seed')}. Errors are distances to the "
        "exact real result in units of the format's spacing there (ulp), rounded up to three digits; "
        "percentages "
        "are cut off, never rounded up. "
        f"{believed(document)} The document accuracy.json has every row.",
        "",
        "## Activations",
        "",
        *_activations(catalogue(rows)),
        "",
        "## Logits",
        "",
        *_logits(on_logits(rows), document.environment.get("scipy")),
        "",
        "## Tiers",
        "",
        "How many percent of the finite inputs reached each arithmetic, all activations together, rounded "
        "up to three digits, and the one with most inputs in mpmath, the slow last one. Log-uniform: uniform "
        "over the finite bit patterns. Normal: N(0, 3). 16-bit formats are computed this way once; then "
        "results are looked up.",
        "",
        *_tiers(rows),
        "",
        "## Environment",
        "",
        *_environment(document.environment),
    ]
    return "\n".join(lines) + "\n"


def _wrong(rows: Sequence[Row]) -> list[str]:
    found = failed(rows)
    if not found:
        return []
    lines = ["## What is wrong", ""]
    for row in found[:WRONG]:
        lines.append(f"- {as_code(row.key)}: {in_markdown('; '.join(row.reasons))}")
    if len(found) > WRONG:
        lines.append(f"- ... and {len(found) - WRONG} more rows")
    codes = [detail.code for row in found[:SHOWN] for detail in details(row) if detail.code]
    return [*lines, "", *(fenced(codes[:SHOWN], "python") if codes else []), ""]


def _activations(rows: Sequence[Row]) -> list[str]:
    """A line each: of a strict target the wrong results, of another the share that is right."""
    names, must = targets(rows), strict(rows)
    heads = ["activation", "results"]
    for name in names:
        heads += [f"{name} max ulp", "wrong" if name in must else "% correct"]
        heads += [] if name in must else ["farthest off in", "also"]
    table = [heads]
    for activation, totals in by_activation(rows).items():
        own = grouped((row for row in rows if row.activation == activation), "target")
        cells = [activation, f"{max(each.inputs for each in totals.values()):,}"]
        for name in names:
            one, found = totals.get(name), own.get(name, [])
            right = one and (f"{one.wrong:,}" if name in must else one.percent_correct)
            cells += [ulps(one.max_ulp) if one else "-", right or "-"]
            cells += [] if name in must else [_farthest(found), _kinds(found)]
        table.append(cells)
    words = {"activation", "farthest off in", "also"}
    return _table(table, [head in words for head in heads])


def _farthest(rows: Sequence[Row]) -> str:
    """The quantity and format with the largest error, where one is more than rounding."""
    measured = [row for row in rows if row.error.max is not None and row.error.max > 0.5]
    worst = max(measured, key=lambda row: row.error.max or 0.0, default=None)
    return f"{worst.quantity}, {worst.formats}" if worst else "-"


def _kinds(rows: Iterable[Row]) -> str:
    """What is wrong without a distance."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(row.mismatches)
        counts.update({"flushed": row.artefacts["flushed"]})
    named = {**KINDS, "flushed": "flushed"}
    return ", ".join(word for kind, word in named.items() if counts[kind]) or "-"


def _logits(rows: Sequence[Row], scipy: Any) -> list[str]:
    """A line for each map and format: by family the largest errors over all lengths, of each target."""
    if not rows:
        return ["None."]
    names = targets(rows)
    families = list(dict.fromkeys(_family(row) for row in rows))
    heads = ["activation", "quantity", "format", *families, *(f"normwise, {family}" for family in families)]
    table = [heads]
    for (activation, quantity, formats), own in grouped(rows, "activation", "quantity", "formats").items():
        by_family: dict[str, list[Row]] = {}
        for row in own:
            by_family.setdefault(_family(row), []).append(row)
        largest = [_of_each(names, by_family.get(family, []), _largest) for family in families]
        normwise = [_of_each(names, by_family.get(family, []), _normwise) for family in families]
        table.append([activation, quantity, formats, *largest, *normwise])
    lengths = list(dict.fromkeys(row.drawn.rpartition(", ")[2] for row in rows))
    shares = [
        f"{name} {percent(one.inputs - one.wrong, one.inputs)}"
        for name in names
        if (one := total(row for row in rows if row.target == name)).inputs
    ]
    explanation = (
        f"Rows of n entries ({', '.join(lengths)}): N(0,1), N(0,100^2), or uniform within "
        f"±{WIDE['float32']:g} in float32 and ±{WIDE['float64']:g} in float64; cotangents are N(0,1). The "
        f"largest error in ulp of {' / '.join(names)}, a dash where one has no such function. Shifted: "
        "the plain formula of x - max x, in the dtype of x. Normwise: the 2-norm of computed less exact over "
        "that of exact, the largest of the rows, in units of 2^-24 (float32) or 2^-53 (float64); where all "
        "of a row underflows, the correctly rounded zeros are as far off as any. Percent correct: "
        f"{', '.join(shares)}. "
        + ("SciPy is not installed: it is not measured." if scipy is None else f"SciPy {scipy}.")
    )
    return [in_markdown(explanation), "", *_table(table, [k < 3 for k in range(len(heads))])]


def _family(row: Row) -> str:
    return row.drawn.removeprefix("logits ").rpartition(", ")[0]


def _of_each(names: Sequence[str], rows: Sequence[Row], figure: Any) -> str:
    return " / ".join(figure([row for row in rows if row.target == name]) for name in names)


def _largest(rows: Sequence[Row]) -> str:
    return ulps(total(rows).max_ulp)


def _normwise(rows: Sequence[Row]) -> str:
    return ulps(max((row.normwise for row in rows if row.normwise is not None), default=None))


def _tiers(rows: Iterable[Row]) -> list[str]:
    """A line for each target, format and family of inputs."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    most: dict[tuple[str, str, str], tuple[int, str]] = {}
    for row in rows:
        for family, found in row.tiers.items():
            key = row.target, row.formats, family
            counts.setdefault(key, Counter()).update({"inputs": found.inputs, **found.reached})
            here = found.reached.get("mpmath", 0), f"{row.activation} {row.quantity}"
            most[key] = max(most.get(key, (0, "-")), here, key=lambda pair: pair[0])
    if not counts:
        return ["None counted."]
    table = [["target", "format", "family", "inputs", *TIERS, "most inputs in mpmath"]]
    for key, count in counts.items():
        shares = [upper_percent(count[tier], count["inputs"]) for tier in TIERS]
        number, where = most[key]
        table.append([*key, f"{count['inputs']:,}", *shares, f"{number:,}: {where}" if number else "0"])
    return _table(table, [k < 3 for k in range(len(table[0]))])


def _environment(environment: dict[str, Any]) -> list[str]:
    table = [["environment", ""]]
    for key, value in environment.items():
        shown = " ".join(value) if isinstance(value, list) else value
        table.append([key, "unknown" if shown is None else str(shown)])
    return _table(table, [True, True])


def _table(table: Sequence[Sequence[str]], words: Sequence[bool]) -> list[str]:
    """A table of texts; the columns that are ``words`` are flush left."""
    heads, *body = (f"| {' | '.join(map(in_markdown, row))} |" for row in table)
    return [heads, f"|{'|'.join('---' if left else '---:' for left in words)}|", *body]
