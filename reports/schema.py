"""The JSON Schema of the document of verdicts, made from the dataclasses it holds.

`python -m refacts.reports.schema` prints what reports/verdict.schema.json must hold; a test compares them.
"""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from refacts.reports import typed, verdicts
from refacts.reports.exits import show
from refacts.reports.judge.rows import Row

FILE = Path(__file__).with_name("verdict.schema.json")
_PLAIN = {str: "string", int: "integer", bool: "boolean", dict: "object", list: "array"}
_NUMBER = {"anyOf": [{"type": "number"}, {"enum": list(typed.WORDS)}]}


def schema() -> dict[str, Any]:
    """Of the whole document; the rows' parts are in "$defs" by the names of their classes."""
    definitions: dict[str, Any] = {}
    row = _of(Row, definitions)
    fields: dict[str, Any] = {name: {"type": _PLAIN[kind]} for name, kind in verdicts.FIELDS.items()}
    fields["schema"] = {"const": verdicts.SCHEMA}
    fields["sha256"] |= {"pattern": "^[0-9a-f]{64}$"}
    fields["rows"] |= {"items": row}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A document of `refacts verify` or `refacts report`, {verdicts.SCHEMA}",
        **_object(fields, list(fields)),
        "$defs": dict(sorted(definitions.items())),
    }


def text() -> str:
    """As the file has it."""
    return json.dumps(schema(), indent=1) + "\n"


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; dataclasses are added to the definitions."""
    if isinstance(hint, UnionType):
        return {"anyOf": [_of(get_args(hint)[0], definitions), {"type": "null"}]}
    if is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # no class holds itself: this only keeps the order
            definitions[hint.__name__] = _of_dataclass(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if typed.is_named_tuple(hint):
        return _list([_of(each, definitions) for each in typed.types(hint).values()], hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1], definitions)}
    if origin is list or (origin is tuple and inner[-1] is ...):
        return {"type": "array", "items": _of(inner[0], definitions)}
    if origin is tuple:
        return _list([_of(each, definitions) for each in inner], hint)
    return dict(_NUMBER) if hint is float else {"type": _PLAIN[hint]}


def _of_dataclass(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    known, types = typed.written(kind), typed.types(kind)
    required = [name for name, field in known.items() if not typed.has_default(field)]
    fields = {}
    for name, field in known.items():
        fields[name] = _of(types[name], definitions)
        if typed.has_default(field):
            plain = typed.default(field)
            given = typed.plain(plain) if is_dataclass(plain) else plain
            fields[name]["default"] = list(given) if isinstance(given, tuple) else given
    first = (kind.__doc__ or "").partition("\n")[0]
    return {"description": first, **_object(fields, required)}


def _object(fields: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _list(kinds: list[dict[str, Any]], hint: Any) -> dict[str, Any]:
    """A list of so many values, each of its kind; of a NamedTuple they have names."""
    named = [
        {"title": name, **kind} for name, kind in zip(getattr(hint, "_fields", ()), kinds, strict=False)
    ]
    count = len(kinds)
    return {"type": "array", "prefixItems": named or kinds, "minItems": count, "maxItems": count}


if __name__ == "__main__":
    show(text().rstrip("\n"))
