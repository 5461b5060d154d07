"""From the rows of a file of budgets to the questions that are put to targets, and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from refacts.reports.command.parameters import with_parameters
from refacts.reports.command.questions import Wanted, rules
from refacts.reports.exits import UsageError
from refacts.reports.judge.allowances import ALLOWANCES
from refacts.reports.judge.budgets import Budget, Budgets
from refacts.reports.judge.naming import activation_named
from refacts.reports.run.verification import Asked
from refacts.reports.targets.dump import SUFFIXES
from refacts.reports.targets.spec import TargetSpec, from_folder, to_folder


def of_budget(budgets: Budgets, budget: Budget) -> Wanted:
    """What a row of a file of budgets asks; it names files from its folder. UsageError that names the row."""
    try:
        return _of_budget(budgets.path.parent, budget)
    except UsageError as error:
        raise UsageError(f"{budgets.where(budget)}: {error}") from error


def _of_budget(folder: Path, budget: Budget) -> Wanted:
    given = [f"{name}={number}" for name, number in budget.parameters.items()]
    target = TargetSpec(
        from_folder(folder, budget.target),
        arrays=budget.arrays or None,
        device=budget.device or None,
        backward=from_folder(folder, budget.backward) or None,
        call=dict(budget.call),
        scalar=budget.scalar,
        formats=budget.format if budget.target.endswith(SUFFIXES) else None,
    )
    return Wanted(
        target,
        with_parameters(activation_named(budget.activation), given),
        (budget.quantity,),
        (budget.format,),
        rules(budget.profile.split("+") if budget.profile else [], budget.kink, budget.gate),
        budget.gate,
        TargetSpec(from_folder(folder, budget.peer), device=budget.device or None) if budget.peer else None,
        budget.exhaustive,
    )


def as_budget(asked: Asked, wanted: Wanted, folder: Path) -> Budget:
    """A question as a row of a file of budgets in a folder."""
    question, target = asked.question, asked.target
    return Budget(
        to_folder(folder, target.text),
        question.activation.spec.name,
        question.formats,
        question.quantity,
        {name: str(number) for name, number in question.activation.parameters.items()},
        "+".join(sorted(asked.rules.profile)),
        asked.rules.kink,
        asked.gate,
        dict(target.call),
        to_folder(folder, target.backward or ""),
        target.arrays or "",
        target.device or "",
        target.scalar,
        wanted.exhaustive,
        to_folder(folder, asked.peer.text) if asked.peer else "",
    )


def allowing(asked: Asked) -> Asked:
    """A question that is judged with every allowance, so that its row counts what each excuses."""
    every = tuple(ALLOWANCES)
    return replace(asked, rules=replace(asked.rules, allow=every), gate=replace(asked.gate, allow=every))
