"""A file of budgets: what each target of a project must reach, and the inputs it is judged on.

```toml
samples = 1000000
seed = 0

[[budget]]
target = "torch.nn.functional:gelu"
as = "gelu"
format = "float32"
max_ulp = 2.5
allow = ["nan-at-inf"]
```
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refacts.reports.exits import UsageError
from refacts.reports.judge import budget_keys
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.judge.gate import Gate, asked


@dataclass(frozen=True)
class Budget:
    """One row of the file, in the words of the command's options.

    parameters: as the command takes them, "0.01" or "1/6". profile: "ftz+daz" and the like. gate: without a
    bound only where it is to be measured and written. number: which table of the file it is, from 1.
    """

    target: str
    activation: str
    format: str
    quantity: str = "value"
    parameters: dict[str, str] = field(default_factory=dict)
    profile: str = ""
    kink: str = "any"
    gate: Gate = field(default_factory=Gate)
    call: dict[str, budget_keys.Scalar] = field(default_factory=dict)
    backward: str = ""
    arrays: str = ""
    device: str = ""
    scalar: bool = False
    exhaustive: bool = False
    peer: str = ""
    number: int = 0

    @property
    def words(self) -> dict[str, Any]:
        """Its keys as the file has them; those at their defaults are not there."""
        found = {
            "target": self.target,
            "as": self.activation,
            "parameters": self.parameters,
            "quantity": self.quantity,
            "format": self.format,
            "profile": self.profile.split("+") if self.profile else [],
            "kink": "" if self.kink == "any" else self.kink,
            "call": self.call,
            "backward": self.backward,
            "arrays": self.arrays,
            "device": self.device,
            "scalar": self.scalar,
            "exhaustive": self.exhaustive,
            "peer": self.peer,
            "max_ulp": self.gate.max_ulp,
            "quota": self.gate.quota,
            "max_ratio": self.gate.max_ratio,
            "allow": list(self.gate.allow),
        }
        return {key: value for key, value in found.items() if value or (key, value) == ("max_ulp", 0)}


@dataclass(frozen=True)
class Budgets:
    """The file and its text. samples, seed: the plan of the inputs, None where it is left to the command."""

    path: Path
    samples: int | None
    seed: int | None
    rows: tuple[Budget, ...]
    text: str = ""

    def where(self, budget: Budget) -> str:
        """A row of it, for messages."""
        return f"{self.path}, budget {budget.number} ({budget.target})"


def read(path: Path, filling: bool = False) -> Budgets:
    """The budgets at ``path``; UsageError that names the line or the key for what is none.

    ``filling``: the file may lack rows.
    """
    text = _text_of(path)
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    top = budget_keys.checked(f"{path}", found, budget_keys.TOP)
    tables = top.get("budget", [])
    if not tables and not filling:
        raise UsageError(f"{path} has no [[budget]]: `refacts verify TARGET --update-budget` writes one")
    rows = tuple(_budget(path, number, table) for number, table in enumerate(tables, 1))
    budgets = Budgets(path, top.get("samples"), top.get("seed"), rows, text)
    refuse_duplicates(budgets)
    return budgets


def _text_of(path: Path) -> str:
    """Its line ends are kept."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not UTF-8: {error}") from error


def _budget(path: Path, number: int, table: dict[str, Any]) -> Budget:
    named = f" ({table['target']})" if isinstance(table.get("target"), str) else ""
    where = f"{path}, budget {number}{named}"
    given = budget_keys.checked(where, table, budget_keys.ROW)
    required = ("target", "as", "format", *(() if "max_ratio" in given else ("max_ulp",)))
    if lacking := [key for key in required if key not in given]:
        raise UsageError(f"{where} lacks {', '.join(lacking)}")
    bounds = {key: given.pop(key) for key in ("max_ulp", "quota", "max_ratio", "allow") if key in given}
    try:
        gate = asked(**bounds, named=str)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
    return Budget(activation=given.pop("as"), gate=gate, number=number, **given)


def refuse_duplicates(budgets: Budgets) -> None:
    """UsageError where two rows ask the same, but for their bounds."""
    seen: dict[str, Budget] = {}
    for budget in budgets.rows:
        words = {**budget.words, "parameters": _all_parameters(budget)}
        identity = repr([words.get(key) for key in budget_keys.ROW if key not in budget_keys.BOUNDS])
        if identity in seen:
            first = seen[identity].number
            if not budget.number:
                raise UsageError(
                    f"{budgets.path} has a row of {budget.target} in {budget.quantity}, {budget.format} "
                    f"already (budget {first})"
                )
            raise UsageError(f"{budgets.where(budget)} is the same row as budget {first}")
        seen[identity] = budget


def _all_parameters(budget: Budget) -> list[tuple[str, str]]:
    """Those of the activation where none are given."""
    own = {name: str(number) for name, number in activation_named(budget.activation).parameters.items()}
    return sorted({**own, **budget.parameters}.items())
