"""A file of budgets after a run: filled, tightened where a target got better, loosened where users agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from refacts.reports import atomic
from refacts.reports.exits import UsageError, confirmed
from refacts.reports.judge import allowances
from refacts.reports.judge import gate as gates
from refacts.reports.judge.budgets import Budget, Budgets
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Row
from refacts.reports.notation import ulps

HEAD = """\
Budgets of `refacts verify --budget FILE`: a row fails where its target gets worse than this.
`--update-budget` tightens what got better and keeps comments; `--accept-worse` asks before it loosens.
"""

_BEYOND_TIES = 0.501


def better(budgets: Budgets, groups: Sequence[Sequence[Row]]) -> list[str]:
    """A sentence on each budget that its rows keep to with room to spare; ``groups``: the rows of each."""
    return [
        f"{_named(rows)} is better than its budget: max error {measured:g} ulp, {allowed:g} allowed"
        for budget, rows in zip(budgets.rows, groups, strict=True)
        if (allowed := budget.gate.max_ulp) is not None
        and (measured := _least(rows)) is not None
        and _passed(rows)
        and measured < allowed
    ]


def fill(budgets: Budgets, rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    """Add rows to a file: those of its new budgets that pass; sentences, and the verdicts on all.

    A row without a gate was measured with every allowance; its gate is the least bound that it keeps to, and
    the allowances that excused something. UsageError where the file cannot be written.
    """
    filled, sentences, verdicts = [], [], []
    for budget, row in zip(budgets.rows, rows, strict=True):
        gate = _least_gate(budget, row)
        verdict, reasons = _by_its_gate(row, gate)
        verdicts.append(verdict)
        if verdict == "pass":
            filled.append(replace(budget, gate=gate))
            sentences.append(f"{row.key}: {_bounds(row, gate)}")
        else:
            sentences.append(f"{row.key} gets no budget: {reasons[0]}")
    if filled:
        _write(budgets, lambda tomlkit, document: _add(document, _tables(tomlkit, filled)))
    return sentences, verdicts


def _add(document: Any, tables: Any) -> None:
    """Behind those that are there."""
    if "budget" not in document:
        document.update(budget=tables)
        return
    for table in tables:
        document["budget"].append(table)


def _least_gate(budget: Budget, row: Row) -> Gate:
    """The tightest gate that is true of a row; one that asks for a ratio alone stays as it is."""
    measured, gate = _least([row]), budget.gate
    if measured is None or (gate.judges and gate.max_ulp is None):
        return gate
    if gate.judges:
        return replace(gate, max_ulp=min(measured, gate.max_ulp or 0.0))
    kinds = {incident.kind for incident in row.incidents}
    allow = [name for name, one in allowances.ALLOWANCES.items() if one.incident in kinds]
    by_default = ["kink"] if budget.kink == "any" else []
    allow += [name for name in row.excused if name in row.gate.allow and name not in by_default]
    return replace(gate, max_ulp=measured, allow=allowances.allowed(allow))


def _by_its_gate(row: Row, gate: Gate) -> tuple[str, tuple[str, ...]]:
    """The verdict on a row by the gate that it gets, above whose bound nothing lies."""
    if row.verdict not in ("measured", "incomplete"):
        return row.verdict, row.reasons
    if not gate.judges:
        return "fail", row.reasons or ("it has no finite error",)
    return gates.judged(replace(row, gate=gate, over_budget=0, diagnosis=None), gate)


def _bounds(row: Row, gate: Gate) -> str:
    """A gate in words, with how many results each allowance excuses."""
    said = [] if gate.max_ulp is None else [f"max_ulp is {gate.max_ulp:g}"]
    said += [] if gate.max_ratio is None else [f"max_ratio is {gate.max_ratio:g}"]
    counts = [f"{name} ({row.excused[name]:,})" if name in row.excused else name for name in gate.allow]
    return ", ".join(said) + (f", allowed: {', '.join(counts)}" if counts else "")


def update(
    budgets: Budgets,
    groups: Sequence[Sequence[Row]],
    accept_worse: bool = False,
    ask: Callable[[str], bool] = confirmed,
) -> list[str]:
    """Rewrite the file with the bounds that changed; a sentence on each budget that is worse or changed.

    ``groups``: the rows of each budget, in order. A budget is tightened if they pass, and loosened if they
    fail by distance, ``accept_worse`` is set and ``ask`` answers yes. Everything else in the file keeps its
    bytes. UsageError where it cannot be written.
    """
    changes: dict[int, float] = {}
    sentences = []
    for place, (budget, rows) in enumerate(zip(budgets.rows, groups, strict=True)):
        sentence, bound = _change(budget, rows, accept_worse, ask)
        sentences += [sentence] if sentence else []
        changes |= {} if bound is None else {place: bound}
    if changes:
        _write(budgets, lambda _, document: _change_bounds(document, changes))
    return sentences


def _change_bounds(document: Any, changes: dict[int, float]) -> None:
    for place, bound in changes.items():
        document["budget"][place]["max_ulp"] = _shortest(bound)


def _change(
    budget: Budget, rows: Sequence[Row], accept_worse: bool, ask: Callable[[str], bool]
) -> tuple[str, float | None]:
    """What to say of a budget, and its new bound if it has one."""
    name, allowed, measured = _named(rows), budget.gate.max_ulp, _least(rows)
    if measured is not None and allowed is not None:
        if _passed(rows) and measured < allowed:
            return f"{name}: max_ulp is {measured:g} (was {allowed:g})", measured
        if any(row.verdict == "fail" and row.over_budget for row in rows) and measured > allowed:
            worse = f"{name} is worse: max error {measured:g} ulp, {allowed:g} allowed"
            if accept_worse and ask(f"{worse}; loosen its budget to {measured:g}?"):
                return f"{name}: max_ulp is {measured:g} (was {allowed:g}), loosened", measured
            return f"{worse}; its budget is kept", None
    failing = [row for row in rows if row.verdict != "pass" and row.reasons]
    return (f"{name}: {failing[0].reasons[0].rstrip('.')}; its budget is kept" if failing else ""), None


def _named(rows: Sequence[Row]) -> str:
    return " and ".join(row.key for row in rows)


def _passed(rows: Sequence[Row]) -> bool:
    return all(row.verdict == "pass" for row in rows)


def require_tomlkit() -> Any:
    """The package that edits TOML; UsageError where it is missing."""
    try:
        import tomlkit
    except ImportError as error:
        raise UsageError("tomlkit is missing: pip install tomlkit") from error
    return tomlkit


def _least(rows: Sequence[Row]) -> float | None:
    """The least bound of three digits that the rows keep to; None where an error is not finite.

    0.5 allows no other number than the nearest: rows in which a tie went the wrong way need a little more.
    """
    errors = [row.error.max for row in rows]
    if not all(error is not None and math.isfinite(error) for error in errors):
        return None
    least = max((float(ulps(error)) for error in errors), default=None)
    return _BEYOND_TIES if least is not None and least <= 0.5 and any(row.wrong for row in rows) else least


def _write(budgets: Budgets, change: Callable[[Any, Any], object]) -> None:
    """Write the file as ``change`` leaves it: a function of tomlkit and the document."""
    tomlkit = require_tomlkit()
    try:
        if budgets.path.exists():
            if budgets.path.read_bytes() != budgets.text.encode():
                raise UsageError(f"{budgets.path} was edited during the run: it is not updated")
            document = tomlkit.parse(budgets.text)
        else:
            document = _head(tomlkit, budgets)
        change(tomlkit, document)
        atomic.write(budgets.path, document.as_string())
    except OSError as error:
        raise UsageError(f"{budgets.path} cannot be written: {error}") from error


def _head(tomlkit: Any, budgets: Budgets) -> Any:
    document = tomlkit.document()
    for line in HEAD.splitlines():
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    for key, number in (("samples", budgets.samples), ("seed", budgets.seed)):
        if number is not None:
            document.add(key, number)
    return document


def _tables(tomlkit: Any, budgets: Sequence[Budget]) -> Any:
    tables = tomlkit.aot()
    for budget in budgets:
        table = tomlkit.table()
        for key, value in budget.words.items():
            table.add(key, _fit(tomlkit, value))
        tables.append(table)
    return tables


def _fit(tomlkit: Any, value: Any) -> Any:
    """A value as the file has it: a table in its line, 2 instead of 2.0."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return _shortest(value) if isinstance(value, float) else value


def _shortest(bound: float) -> float | int:
    return int(bound) if bound.is_integer() and bound < 1e6 else bound
