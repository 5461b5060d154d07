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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refacts.oracles import FORMATS
from refacts.reports.exits import UsageError, unknown
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.judge.gate import Gate, asked
from refacts.reports.question import pair

PROFILES = ("ftz", "daz", "saturate")
KINKS = ("any", "left", "right")
ARRAYS = ("numpy", "torch", "jax", "tensorflow")
Scalar = str | int | float | bool
MOST_SAMPLES, MOST_SEED = 10**10, 2**63 - 1


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
    call: dict[str, Scalar] = field(default_factory=dict)
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
    known = {"samples": _integer(1, MOST_SAMPLES), "seed": _integer(0, MOST_SEED), "budget": _tables}
    top = _checked(f"{path}", found, known)
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
    given = _checked(where, table, _KEYS)
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
        identity = repr([words.get(key) for key in _KEYS if key not in _BOUNDS])
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


def _checked(where: str, table: dict[str, Any], known: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The values of a table, each as its key wants it."""
    found = {}
    for key, value in table.items():
        if key not in known:
            raise UsageError(f"{where}: {unknown('key', key, known)}")
        try:
            found[key] = known[key](value)
        except ValueError as error:
            raise UsageError(f"{where}: {key} must be {error} (got {value!r:.60})") from error
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from error
    return found


def _integer(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"an integer from {least} to {most}")
        return value

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text")
    return value


def _activation(value: Any) -> str:
    activation_named(_text(value))
    return str(value)


def _formats(value: Any) -> str:
    try:
        pair(_text(value))
    except UsageError:
        raise ValueError(f"one of {', '.join(FORMATS)}, or two with a colon") from None
    return str(value)


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError("a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError("a number that float64 holds") from None


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _one_of(*names: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return str(value)

    return check


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("a list of texts")
    return value


def _profile(value: Any) -> str:
    if unfit := [each for each in _texts(value) if each not in PROFILES]:
        raise ValueError(f"some of {', '.join(PROFILES)}, not {unfit[0]!r}")
    return "+".join(name for name in PROFILES if name in value)


def _scalars(value: Any) -> dict[str, Scalar]:
    if not isinstance(value, dict) or not all(isinstance(each, Scalar) for each in value.values()):
        raise ValueError("a table of texts, numbers, true or false")
    return dict(value)


def _parameters(value: Any) -> dict[str, str]:
    if any(isinstance(each, bool) for each in _scalars(value).values()):
        raise ValueError("a table of numbers, or of fractions as texts")
    return {key: str(each) for key, each in value.items()}


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("tables, each headed [[budget]]")
    return value


_BOUNDS = ("max_ulp", "quota", "max_ratio", "allow")
_KEYS: dict[str, Callable[[Any], Any]] = {
    "target": _text,
    "as": _activation,
    "format": _formats,
    **dict.fromkeys(("quantity", "backward", "device", "peer"), _text),
    **dict.fromkeys(("max_ulp", "quota", "max_ratio"), _number),
    **dict.fromkeys(("scalar", "exhaustive"), _switch),
    "parameters": _parameters,
    "profile": _profile,
    "kink": _one_of(*KINKS),
    "call": _scalars,
    "arrays": _one_of(*ARRAYS),
    "allow": _texts,
}
