"""From JSON to frozen dataclasses and back: every field is of its type, or a ValueError names it.

A field that equals its default is not written, and one that is not there has its default; DERIVED ones are
never there. A NamedTuple is a list. Infinities, which JSON has no words for, are strings: "inf", "-inf". NaN
is no figure.
"""

from __future__ import annotations

import math
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

WORDS = {"inf": math.inf, "-inf": -math.inf}
DERIVED = {"derived": True}  # metadata of a field that follows from others, and is not in JSON
_NAMES = {str: "a text", int: "an integer", bool: "true or false", float: "a number"}


@cache
def written(kind: Any) -> dict[str, Field[Any]]:
    """The fields of a dataclass that are in JSON, by name."""
    return {each.name: each for each in fields(kind) if each.metadata != DERIVED}


def plain(thing: Any) -> dict[str, Any]:
    """A dataclass for strict JSON, without what equals its default."""
    kind: Any = type(thing)
    values = {name: getattr(thing, name) for name in written(kind)}
    return {
        name: _plain(values[name])
        for name, each in written(kind).items()
        if not has_default(each) or values[name] != default(each)
    }


def made(kind: Any, found: Any, where: str = "") -> Any:
    """What `plain` wrote of a dataclass ``kind``; ``where`` it stands is for messages."""
    name = where or "it"
    if not isinstance(found, dict):
        raise ValueError(f"{name} must be an object (got {found!r:.60})")
    hints = types(kind)
    known = written(kind)
    if lacking := [each for each, own in known.items() if each not in found and not has_default(own)]:
        raise ValueError(f"{name} lacks {', '.join(lacking)}")
    if unknown := [each for each in found if each not in known]:
        raise ValueError(f"{name} has an unknown field {unknown[0]!r:.60}")
    inside = f"{where}." if where else ""
    given = {each: _of(hints[each], value, f"{inside}{each}") for each, value in found.items()}
    return kind(**given)


@cache
def types(kind: Any) -> dict[str, Any]:
    """The types of a class's fields, by name."""
    return get_type_hints(kind)


def has_default(own: Field[Any]) -> bool:
    """Whether a dataclass's field may be left out."""
    return own.default is not MISSING or own.default_factory is not MISSING


def default(own: Field[Any]) -> Any:
    """What it then is."""
    return own.default if own.default_factory is MISSING else own.default_factory()


def is_named_tuple(kind: Any) -> bool:
    """Whether a class is a NamedTuple."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return plain(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _of(hint: Any, found: Any, where: str) -> Any:
    """``found`` as a value of the type ``hint``."""
    if isinstance(hint, UnionType):  # "or None" is the only one there is
        return None if found is None else _of(get_args(hint)[0], found, where)
    if is_dataclass(hint):
        return made(hint, found, where)
    if is_named_tuple(hint):
        return hint._make(_of_many(tuple, tuple(types(hint).values()), found, where))
    if (origin := get_origin(hint)) is not None:
        return _of_many(origin, get_args(hint), found, where)
    if hint is float:
        return _float(found, where)
    if type(found) is not hint:  # a bool is no integer
        raise ValueError(f"{where} must be {_NAMES[hint]} (got {found!r:.60})")
    return found


def _of_many(origin: Any, inner: tuple[Any, ...], found: Any, where: str) -> Any:
    if origin is dict:
        if not isinstance(found, dict):
            raise ValueError(f"{where} must be an object (got {found!r:.60})")
        return {key: _of(inner[1], each, f"{where}.{key}") for key, each in found.items()}
    if not isinstance(found, list):
        raise ValueError(f"{where} must be a list (got {found!r:.60})")
    kinds = inner * len(found) if origin is list else inner
    if origin is tuple and inner[-1] is ...:
        kinds = inner[:1] * len(found)
    if len(kinds) != len(found):
        raise ValueError(f"{where} must be a list of {len(kinds)} (got {found!r:.60})")
    pairs = enumerate(zip(kinds, found, strict=True))
    return origin(_of(kind, each, f"{where}[{index}]") for index, (kind, each) in pairs)


def _float(found: Any, where: str) -> float:
    if isinstance(found, str) and found in WORDS:
        return WORDS[found]
    if type(found) not in (int, float) or not math.isfinite(found):
        raise ValueError(f"{where} must be a number (got {found!r:.60})")
    return float(found)
