"""The keys of a file of budgets, and what each may hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refacts.oracles import FORMATS
from refacts.reports.exits import UsageError, unknown
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.question import pair

PROFILES = ("ftz", "daz", "saturate")
KINKS = ("any", "left", "right")
ARRAYS = ("numpy", "torch", "jax", "tensorflow")
Scalar = str | int | float | bool
MOST_SAMPLES, MOST_SEED = 10**10, 2**63 - 1


def checked(where: str, table: dict[str, Any], known: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
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


BOUNDS = ("max_ulp", "quota", "max_ratio", "allow")
TOP: dict[str, Callable[[Any], Any]] = {
    "samples": _integer(1, MOST_SAMPLES),
    "seed": _integer(0, MOST_SEED),
    "budget": _tables,
}
ROW: dict[str, Callable[[Any], Any]] = {
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
