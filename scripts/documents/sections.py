"""The sections of an activation's page: derivative, special cases, accuracy, other libraries."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from refacts.oracles import FORMATS
from refacts.reports.judge import kinks as one_sided
from refacts.reports.notation import percent, ulps
from refacts.reports.question import Question
from refacts.reports.targets.formulas import FORMULAS, own

NOTES: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "notes.toml").read_text(encoding="utf-8")
)
LIBRARIES = {"torch": "PyTorch", "jax": "JAX", "keras": "Keras", "onnx": "ONNX", "scipy": "SciPy"}
SPECIAL = (-np.inf, -0.0, 0.0, np.inf, np.nan)
SYMMETRY = {"odd": "it is odd", "point": "f(-x) + f(x) = 1"}
ACCURACY = """\
## Accuracy

The [accuracy report](../report.md) compared {total:,} results of `refacts.{name}` with exact ones: {right}
are the correctly rounded value, which is at most 0.5 [ulp](../glossary.md#ulp) away. These are the largest
errors of the textbook formula in ulp, with NaN or inf where it returns that and should not, or the other
way round:
"""
VERIFY = """\
Judge a kernel against this function:

```sh
refacts verify TARGET --as {name}
```\
"""


def derivative(activation: Any) -> str:
    """The derivative as a formula."""
    return f"## Derivative\n\n`{NOTES[activation.spec.name]['derivative']}`"


def special_cases(activation: Any, said: list[str]) -> str:
    """What the docstring says of them, a table, facts, kinks and the rules of parameters; of rows nothing."""
    if activation.spec.kind != "elementwise":
        return ""
    lines = ["## Special cases", "", *said, ""]
    lines += ["With the default parameters:", ""] if activation.parameters else []
    lines += ["| x | value | derivative |", "|---:|---:|---:|"]
    for x in SPECIAL:
        lines.append(f"| {number(x)} | {number(activation(x))} | {number(activation.gradient(x))} |")
    for point in activation.fact("stationary"):
        at = f"{point:.17g}, where the derivative changes its sign"
        lines.append(f"| {at} | {number(activation(point))} | 0 |")
    lines += ["", _facts(activation), *_kinks(activation)]
    rules = [f"`{name}` must be {allowed}" for name, allowed, _ in activation.spec.rules]
    if rules:
        lines += ["", f"{'; '.join(rules)}. Otherwise making the object raises ValueError."]
    return "\n".join(lines)


def _facts(activation: Any) -> str:
    low, high = activation.fact("range")
    said = [f"Values lie in [{number(low)}, {number(high)}]"]
    said += ["the function never falls"] if activation.fact("monotone") else []
    said += [SYMMETRY[activation.fact("symmetry")]] if activation.fact("symmetry") else []
    said += [f"it is {activation.fact('convexity')}"] if activation.fact("convexity") else []
    return "; ".join(said) + "."


def _kinks(activation: Any) -> Iterator[str]:
    points = [float(point) for point in activation.fact("kinks")]
    if points:
        yield from ("", "At a kink the derivative is the one from the right:", "")
        yield from ("| kink | from the left | from the right |", "|---:|---:|---:|")
    question = Question(activation, "derivative", FORMATS["float64"], FORMATS["float64"])
    for point in points:
        (left,) = one_sided.of_the_left(question, {"x": np.array([point])}, [0])
        yield f"| {number(point)} | {number(left)} | {number(activation.gradient(point))} |"


def accuracy(activation: Any, report: dict[str, Any]) -> str:
    """What the committed report says of this activation, and the textbook formula beside it."""
    name = activation.spec.name
    rows = [row for row in report["rows"].values() if row["activation"] == name]
    right, total = correct(rows)
    lines = [ACCURACY.format(name=name, right=right, total=total)]
    lines += [f"| quantity | {' | '.join(FORMATS)} |", f"|---|{'---:|' * len(FORMATS)}"]
    by_kind = {(row["quantity"], row["format"]): row["kernels"]["textbook"] for row in rows}
    for quantity in dict.fromkeys(row["quantity"] for row in rows):
        lines.append(f"| {quantity} | {' | '.join(error(by_kind[quantity, fmt]) for fmt in FORMATS)} |")
    code = "\n\n\n".join(inspect.getsource(function).strip() for function in _textbook(activation))
    if code:
        lines += ["", "The textbook formula:", "", f"```python\n{code}\n```"]
    return "\n".join(lines)


def correct(rows: list[dict[str, Any]]) -> tuple[str, int]:
    """How many of these results of refacts are correctly rounded, in words, and how many there are."""
    total = sum(row["inputs"] for row in rows)
    wrong = sum(row["kernels"]["refacts"]["wrong"] for row in rows)
    return f"{percent(total - wrong, total)} %" if wrong else "all", total


def error(result: dict[str, Any]) -> str:
    """The largest error of a kernel, and the kinds of its mismatches."""
    kinds = [shown for kind, shown in (("nan", "NaN"), ("inf", "inf")) if result["mismatches"][kind]]
    return ", ".join([">1e308" if result["max_ulp"] == "inf" else ulps(result["max_ulp"]), *kinds])


def _textbook(activation: Any) -> Iterator[Any]:
    """The functions of the textbook that are of this activation alone: value and derivative, or VJP."""
    if activation.spec.kind != "gated":
        for quantity in ("value", "derivative" if activation.spec.kind == "elementwise" else "vjp"):
            name = own(activation, quantity)
            yield next(getattr(module, name) for module in FORMULAS.values() if hasattr(module, name))


def elsewhere(activation: Any) -> str:
    """The names in other libraries, how these differ, and what they return at kinks."""
    name, notes = activation.spec.name, NOTES[activation.spec.name]
    names = [f"{LIBRARIES[key]} `{notes[key]}`" for key in LIBRARIES if key in notes]
    lines = ["## In other libraries", ""]
    lines.append(f"{', '.join(names)}." if names else "The large frameworks have no function of this name.")
    if "differences" in notes:
        lines += ["", *(f"- {sentence}" for sentence in notes["differences"])]
    if "kinks" in notes:
        lines += ["", "The derivative at a kink:", ""]
        lines += ["| x | refacts | JAX | PyTorch |", "|---|---:|---:|---:|"]
        for point, jax, torch in notes["kinks"]:
            ours = activation.gradient(float(point.split()[0]))
            lines.append(f"| {point} | {number(ours)} | {jax} | {torch} |")
        lines += ["", "The [judge](../judge.md#rules) accepts any value between the one-sided derivatives."]
    return "\n".join([*lines, "", VERIFY.format(name=name)])


def number(x: Any) -> str:
    """A number with as many digits as tell it from others; zeros have their sign."""
    return repr(float(x)).removesuffix(".0")


def cell(text: str) -> str:
    """A text fit for a table."""
    return text.replace("|", "\\|")
