"""One page an activation, and the page that lists them: from spec, docstring, kernels, notes and report."""

from __future__ import annotations

import inspect
import re
from fractions import Fraction
from typing import Any

import numpy as np

import refacts
from refacts.activation import Activation
from scripts.documents import sections
from scripts.documents.sections import cell

KINDS = {
    "elementwise": ("Elementwise", "It maps each element by itself."),
    "rowwise": ("Row-wise", "It maps the 1-d slices along `axis`."),
    "gated": ("Gated", "It multiplies one array by a function of another."),
}
METHODS = ("__call__", "gradient", "vjp", "jvp", "jacobian", "weight_gradient", "weight_vjp")
LIST = """\
# The activations

Every activation is a class, whose parameters are exact numbers, and a ready instance with the default
parameters: `refacts.gelu` is the instance of the class `refacts.GELU`. `refacts.CATALOGUE` holds the
{count} instances.
"""
PICTURE = """\
![Above, the graph of {name}. Below, the error of the textbook formula along the input line.]({name}.svg)

Above: the graph. Below: the largest error of the textbook formula at each place of the input line, in
float32, from the least number to the largest. The line is not to scale: where functions turn it is wide.\
"""


def pages(report: dict[str, Any]) -> dict[str, str]:
    """All these pages, by their path in the checkout."""
    found = {f"docs/activations/{each.spec.name}.md": _page(each, report) for each in refacts.CATALOGUE}
    return {"docs/activations/index.md": _index(), **found}


def _index() -> str:
    lines = [LIST.format(count=len(refacts.CATALOGUE))]
    for kind, (heading, _) in KINDS.items():
        lines += [f"## {heading}", "", "| name | object | definition |", "|---|---|---|"]
        for each in refacts.CATALOGUE:
            if each.spec.kind == kind:
                name = each.spec.name
                lines.append(f"| [{name}]({name}.md) | `{each!r}` | `{cell(each.spec.definition)}` |")
        lines.append("")
    return "\n".join(lines)


def _page(activation: Activation, report: dict[str, Any]) -> str:
    text, examples = _docstring(activation)
    special = [each.removeprefix("Special cases: ") for each in text if each.startswith("Special cases:")]
    parts = [
        _head(activation, [each for each in text if not each.startswith("Special cases:")]),
        _synopsis(activation, examples),
        sections.derivative(activation),
        sections.special_cases(activation, special),
        sections.accuracy(activation, report),
        sections.elsewhere(activation),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _docstring(activation: Any) -> tuple[list[str], str]:
    """The paragraphs of the class's docstring, each on one line, and its examples."""
    text = inspect.cleandoc(type(activation).__doc__ or "")
    before, mark, examples = text.partition(">>>")
    return [" ".join(part.split()) for part in before.strip().split("\n\n")], mark + examples


def _head(activation: Any, text: list[str]) -> str:
    name, definition = activation.spec.name, text[0].removesuffix(".").replace("`", "")
    fields = getattr(type(activation), "__dataclass_fields__", {})
    shown = ", ".join(f"`{key}={_number(getattr(activation, key))}`" for key in fields)
    parts = [
        "[All activations](index.md)",
        f"# {name}",
        f"`{definition}`",
        f"`refacts.{name}` is the instance of the class `refacts.{type(activation).__name__}`. "
        + KINDS[activation.spec.kind][1]
        + (f" Parameters and their defaults: {shown}." if shown else " It has no parameters."),
        *text[1:],
        PICTURE.format(name=name),
    ]
    return "\n\n".join(parts)


def _number(number: Any) -> str:
    if isinstance(number, Fraction):
        return f"Fraction({number.numerator}, {number.denominator})"
    return repr(float(number)) if isinstance(number, float | np.ndarray) else str(number)


def _synopsis(activation: Any, examples: str) -> str:
    """The examples as a session of its own (a doctest wants an empty line at its end), and the methods."""
    numpy = ">>> import numpy as np\n"
    uses = numpy if "np." in re.sub(r"^(?!>>>).*", "", examples, flags=re.M) else ""
    imports = f">>> from refacts import {type(activation).__name__}, {activation.spec.name}\n"
    code = f"{uses}{imports}{examples.replace(numpy, '')}"
    parts = [
        "## Synopsis",
        f"```python\n{code}\n\n```",
        _methods(activation),
        f"Source of the function: {activation.spec.reference}.",
    ]
    return "\n\n".join(parts)


def _methods(activation: Any) -> str:
    """The methods, each with its arguments and the first sentence of its docstring."""
    lines = ["| call | result |", "|---|---|"]
    for name in METHODS:
        method = getattr(type(activation), name, None)
        if method is not None:
            given = [key for key in inspect.signature(method).parameters if key != "self"]
            shown = ", ".join(f"{key}=" if key in ("out", "where", "dtype") else key for key in given)
            first = " ".join(inspect.cleandoc(method.__doc__ or "").split("\n\n")[0].split())
            first = sections.NOTES[activation.spec.name].get("methods", {}).get(name, first)
            call = activation.spec.name + ("" if name == "__call__" else f".{name}")
            lines.append(f"| `{call}({shown})` | {cell(first)} |")
    return "\n".join(lines)
