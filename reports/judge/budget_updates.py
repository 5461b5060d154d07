"""A file of budgets after a run: tightened where a target got better, loosened only where the user agrees."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from refacts.reports import atomic
from refacts.reports.exits import UsageError, confirmed
from refacts.reports.judge.budgets import Budget, Budgets
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


def update(
    budgets: Budgets,
    groups: Sequence[Sequence[Row]],
    accept_worse: bool = False,
    ask: Callable[[str], bool] = confirmed,
) -> list[str]:
    """Rewrite the file with the bounds that changed; a sentence on each budget that is worse or changed.

    ``groups``: the rows of each budget, in order. A budget is tightened if they pass, and loosened if they
    fail by distance, ``accept_worse`` is set and ``ask`` answers yes. Everything else in the file keeps its
    bytes. Where it lacks budgets, or is not there, those measured are written. UsageError where it cannot be
    written.
    """
    changes: dict[int, float] = {}
    sentences = []
    for place, (budget, rows) in enumerate(zip(budgets.rows, groups, strict=True)):
        sentence, bound = _change(budget, rows, accept_worse, ask)
        sentences += [sentence] if sentence else []
        changes |= {} if bound is None else {place: bound}
    if changes:
        _write(budgets, changes)
    return sentences


def _change(
    budget: Budget, rows: Sequence[Row], accept_worse: bool, ask: Callable[[str], bool]
) -> tuple[str, float | None]:
    """What to say of a budget, and its new bound if it has one."""
    name, allowed, measured = _named(rows), budget.gate.max_ulp, _least(rows)
    if measured is None:
        return ("" if allowed is not None else f"{name} has no finite error: it gets no budget"), None
    if allowed is None:
        unfit = [row.verdict for row in rows if row.verdict != "measured"]
        if unfit:
            return f"{name} is {unfit[0]}: it gets no budget", None
        return f"{name}: max_ulp is {measured:g}", measured
    if _passed(rows) and measured < allowed:
        return f"{name}: max_ulp is {measured:g} (was {allowed:g})", measured
    if any(row.verdict == "fail" and row.over_budget for row in rows) and measured > allowed:
        worse = f"{name} is worse: max error {measured:g} ulp, {allowed:g} allowed"
        if accept_worse and ask(f"{worse}; loosen its budget to {measured:g}?"):
            return f"{name}: max_ulp is {measured:g} (was {allowed:g}), loosened", measured
        return f"{worse}; its budget is kept", None
    return "", None


def _named(rows: Sequence[Row]) -> str:
    return " and ".join(row.key for row in rows)


def _passed(rows: Sequence[Row]) -> bool:
    return all(row.verdict == "pass" for row in rows)


def require_tomlkit() -> Any:
    """The package that edits TOML; UsageError where it is missing."""
    try:
        import tomlkit
    except ImportError as error:
        raise UsageError("tomlkit is missing: pip install 'refacts[judge]'") from error
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


def _write(budgets: Budgets, changes: dict[int, float]) -> None:
    tomlkit = require_tomlkit()
    try:
        if budgets.path.exists():
            if budgets.path.read_bytes() != budgets.text.encode():
                raise UsageError(f"{budgets.path} was edited during the run: it is not updated")
            document = tomlkit.parse(budgets.text)
        else:
            document = _head(tomlkit, budgets)
        if document.get("budget"):
            for place, bound in changes.items():
                document["budget"][place]["max_ulp"] = _shortest(bound)
        else:
            document["budget"] = _tables(tomlkit, budgets, changes)
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


def _tables(tomlkit: Any, budgets: Budgets, changes: dict[int, float]) -> Any:
    """The rows that have a bound."""
    tables = tomlkit.aot()
    for place, budget in enumerate(budgets.rows):
        bound = changes.get(place, budget.gate.max_ulp)
        if bound is None:
            continue
        table = tomlkit.table()
        for key, value in (budget.words | {"max_ulp": _shortest(bound)}).items():
            table.add(key, _inline(tomlkit, value) if isinstance(value, dict) else value)
        tables.append(table)
    return tables


def _inline(tomlkit: Any, pairs: dict[str, Any]) -> Any:
    table = tomlkit.inline_table()
    table.update(pairs)
    return table


def _shortest(bound: float) -> float | int:
    """2 instead of 2.0."""
    return int(bound) if bound.is_integer() and bound < 1e6 else bound
