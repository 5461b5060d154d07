"""One page an activation, and the page that lists them: from its spec, docstring, kernels, notes and report."""

from __future__ import annotations

import inspect
import json
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from refacts.oracles import FORMATS
from refacts.reports.judge import kinks as one_sided
from refacts.reports.notation import percent, ulps
from refacts.reports.question import Question
from refacts.reports.targets.formulas import FORMULAS, own

import refacts
from refacts.activation import Activation

NOTES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "notes.toml").read_text(encoding="utf-8")
)
LIBRARIES = {"torch": "PyTorch", "jax": "JAX", "keras": "Keras", "onnx": "ONNX", "scipy": "SciPy"}
KINDS = {
    "elementwise": "It maps each element by itself.",
    "rowwise": "It maps the 1-d slices along `axis`.",
    "gated": "It multiplies one array by a function of another.",
}
SPECIAL = (-np.inf, -0.0, 0.0, np.inf, np.nan)
FLOAT64 = FORMATS["float64"]


def page(activation: Activation, report: dict[str, Any]) -> str:
    """The page of an activation."""
    parts = [
        _head(activation),
        _derivative(activation),
        _special_cases(activation),
        _accuracy(activation, report),
        _elsewhere(activation),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def index(report: dict[str, Any]) -> str:
    """The page that lists them all."""
    lines = [
        "# The activations",
        "",
        "Every activation is a class, whose parameters are exact numbers, and a ready instance with the default "
        "parameters: `refacts.gelu` is the instance of the class `refacts.GELU`. `refacts.CATALOGUE` holds the "
        f"{len(refacts.CATALOGUE)} instances.",
        "",
    ]
    for kind, heading in (("elementwise", "Elementwise"), ("rowwise", "Row-wise"), ("gated", "Gated")):
        lines += [f"## {heading}", "", "| name | object | definition |", "|---|---|---|"]
        for each in refacts.CATALOGUE:
            if each.spec.kind == kind:
                name = each.spec.name
                lines.append(f"| [{name}]({name}.md) | `{each!r}` | {_code_cell(each.spec.definition)} |")
        lines.append("")
    return "\n".join(lines)


def _head(activation: Any) -> str:
    spec, cls = activation.spec, type(activation).__name__
    name = spec.name
    first, *rest, examples = _paragraphs(activation)
    prose = "\n\n".join(text for text in rest if not text.startswith("Special cases:"))
    parameters = ", ".join(f"`{key}={_number(number)}`" for key, number in _parameters(activation).items())
    said = f"Parameters and their defaults: {parameters}." if parameters else "It has no parameters."
    alt = f"Above, the graph of {name}. Below, the error of the textbook formula in float32 along the input line."
    return "\n\n".join(
        part
        for part in (
            f"# {name}",
            f"`{first}`",
            f"`refacts.{name}` is the instance of the class `refacts.{cls}`. {KINDS[spec.kind]} {said}",
            prose,
            f"![{alt}]({name}.svg)",
            "## Synopsis",
            f"```python\n>>> from refacts import {cls}, {name}\n{examples}\n\n```",
            _methods(activation),
            f"Source of the function: {spec.reference}.",
        )
        if part
    )


def _paragraphs(activation: Any) -> list[str]:
    """Those of the docstring, as one line each; the examples, at last, as they are."""
    text = inspect.cleandoc(type(activation).__doc__ or "")
    before, mark, examples = text.partition(">>>")
    found = [" ".join(part.split()) for part in before.strip().split("\n\n")]
    found[0] = found[0].removesuffix(".").replace("`", "")
    return [*found, mark + examples]


def _parameters(activation: Any) -> dict[str, Any]:
    fields = getattr(type(activation), "__dataclass_fields__", {})
    return {key: getattr(activation, key) for key in fields}


def _number(number: Any) -> str:
    if isinstance(number, Fraction):
        return f"Fraction({number.numerator}, {number.denominator})"
    return f"{float(number)!r}" if isinstance(number, float | np.ndarray) else str(number)


def _methods(activation: Any) -> str:
    """The methods, each with its signature and the first sentence of its docstring."""
    lines = ["| call | result |", "|---|---|"]
    names = ["__call__", "gradient", "vjp", "jvp", "jacobian", "weight_gradient", "weight_vjp"]
    for name in names:
        method = getattr(type(activation), name, None)
        if method is None:
            continue
        given = [key for key in inspect.signature(method).parameters if key != "self"]
        shown = ", ".join(key if key not in ("out", "where", "dtype") else f"{key}=" for key in given)
        first = inspect.cleandoc(method.__doc__ or "").split("\n\n")[0]
        call = activation.spec.name + ("" if name == "__call__" else f".{name}")
        lines.append(f"| `{call}({shown})` | {_cell(' '.join(first.split()))} |")
    return "\n".join(lines)


def _derivative(activation: Any) -> str:
    return f"## Derivative\n\n`{NOTES[activation.spec.name]['derivative']}`"


def _special_cases(activation: Any) -> str:
    said = [text for text in _paragraphs(activation) if text.startswith("Special cases:")]
    if activation.spec.kind != "elementwise":
        return "" if not said else "## Special cases\n\n" + said[0].removeprefix("Special cases: ")
    lines = ["## Special cases", "", *(text.removeprefix("Special cases: ") for text in said), "", "| x | value | derivative |", "|---:|---:|---:|"]
    for x in SPECIAL:
        lines.append(f"| {_float(x)} | {_float(activation(x))} | {_float(activation.gradient(x))} |")
    for point in activation.fact("stationary"):
        lines.append(f"| {point:.17g} (the derivative changes its sign) | {_float(activation(point))} | 0 |")
    lines += ["", _facts(activation)]
    points = tuple(activation.fact("kinks"))
    if points:
        lines += ["", "At a kink the derivative is the one from the right:", ""]
        lines += ["| kink | from the left | from the right |", "|---:|---:|---:|"]
        question = Question(activation, "derivative", FLOAT64, FLOAT64)
        for point in map(float, points):
            batch = {"x": np.array([point])}
            (left,) = one_sided.of_the_left(question, batch, [0])
            lines.append(f"| {point:g} | {_float(left)} | {_float(activation.gradient(point))} |")
    rules = [f"`{name}` must be {allowed}" for name, allowed, _ in activation.spec.rules]
    if rules:
        lines += ["", f"{'; '.join(rules)}. Otherwise making the object raises ValueError."]
    return "\n".join(lines)


def _facts(activation: Any) -> str:
    low, high = activation.fact("range")
    said = [f"Values lie in [{_float(low)}, {_float(high)}]"]
    said += ["the function never falls"] if activation.fact("monotone") else []
    symmetry = {"odd": "it is odd", "point": "f(-x) + f(x) = 1"}
    said += [symmetry[activation.fact("symmetry")]] if activation.fact("symmetry") else []
    said += [f"it is {activation.fact('convexity')}"] if activation.fact("convexity") else []
    return "; ".join(said) + "."


def _accuracy(activation: Any, report: dict[str, Any]) -> str:
    """What the committed report says of this activation, beside the textbook formula."""
    name = activation.spec.name
    rows = [row for row in report["rows"].values() if row["activation"] == name]
    total = sum(row["inputs"] for row in rows)
    wrong = sum(row["kernels"]["refacts"]["wrong"] for row in rows)
    lines = [
        "## Accuracy",
        "",
        f"The [accuracy report](../report.md) compared {total:,} results of `refacts.{name}` with exact ones: "
        f"{'all' if not wrong else f'{percent(total - wrong, total)} %'} are the correctly rounded value, which is at "
        "most 0.5 [ulp](../glossary.md#ulp) away. The textbook formula is further away. Its largest errors in ulp, "
        "with NaN or inf where it returns that and should not, or the other way round:",
        "",
        "| quantity | float16 | bfloat16 | float32 | float64 |",
        "|---|---:|---:|---:|---:|",
    ]
    by_kind = {(row["quantity"], row["format"]): row["kernels"]["textbook"] for row in rows}
    for quantity in dict.fromkeys(row["quantity"] for row in rows):
        cells = [_error(by_kind.get((quantity, fmt))) for fmt in FORMATS]
        lines.append(f"| {quantity} | {' | '.join(cells)} |")
    code = "\n\n\n".join(inspect.getsource(function).strip() for function in _textbook(activation))
    if code:
        lines += ["", "The textbook formula:", "", f"```python\n{code}\n```"]
    return "\n".join(lines)


def _error(result: dict[str, Any] | None) -> str:
    if result is None:
        return "-"
    kinds = [shown for kind, shown in (("nan", "NaN"), ("inf", "inf")) if result["mismatches"][kind]]
    return ", ".join([">1e308" if result["max_ulp"] == "inf" else ulps(result["max_ulp"]), *kinds])


def _textbook(activation: Any) -> Iterator[Any]:
    """The functions of the textbook that are of this activation alone: value and derivative, or VJP."""
    for quantity in ("value", "derivative" if activation.spec.kind == "elementwise" else "vjp"):
        name = own(activation, quantity)
        for module in FORMULAS.values():
            if hasattr(module, name) and activation.spec.kind != "gated":
                yield getattr(module, name)


def _elsewhere(activation: Any) -> str:
    name, notes = activation.spec.name, NOTES[activation.spec.name]
    names = [f"{LIBRARIES[key]} `{notes[key]}`" for key in LIBRARIES if key in notes]
    lines = ["## In other libraries", ""]
    lines.append(f"{', '.join(names)}." if names else "The large frameworks have no function of this name.")
    if "differences" in notes:
        lines += ["", *(f"- {sentence}" for sentence in notes["differences"])]
    if "kinks" in notes:
        lines += ["", "The derivative at a kink:", "", "| x | refacts | JAX | PyTorch |", "|---|---:|---:|---:|"]
        for point, jax, torch in notes["kinks"]:
            ours = activation.gradient(float(point.split()[0]))
            lines.append(f"| {point} | {_float(ours)} | {jax} | {torch} |")
        lines += ["", "The [judge](../judge.md#rules) accepts any value between the two one-sided derivatives."]
    lines += ["", "Judge a kernel against this function:", ""]
    lines += [f"```sh\nrefacts verify TARGET --as {name}\n```"]
    return "\n".join(lines)


def _float(x: Any) -> str:
    """A number as people write it, with as many digits as tell it from others; zeros have their sign."""
    return repr(float(x)).removesuffix(".0")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code_cell(text: str) -> str:
    return f"`{_cell(text)}`"


def pages(root: Path) -> dict[str, str]:
    """All these pages, by their path below docs/."""
    report = json.loads((root / "docs" / "accuracy.json").read_text(encoding="utf-8"))
    found = {f"activations/{each.spec.name}.md": page(each, report) for each in refacts.CATALOGUE}
    return {"activations/index.md": index(report), **found}
