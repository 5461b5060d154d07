"""`refacts exact`: single results to 40 digits."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import product
from typing import Any

from refacts.reports.command.arguments import QUANTITIES, add_parameters
from refacts.reports.command.parameters import with_parameters
from refacts.reports.exits import PASS, UsageError, show
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.literals import read
from refacts.reports.quantities import quantity_named
from refacts.reports.question import Question, pair
from refacts.reports.render.exact import Typed, lines

_OPTIONS = ("b", "g", "v", "v_a", "v_b")
_PARTS = {"vjp": ("vjp_a", "vjp_b"), "derivative": ("derivative_a", "derivative_b")}  # of gated units


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("name", metavar="NAME", help="of an activation")
    numbers = "decimal, hex float, inf or nan; a row in quotes: '1 2 3'"
    parser.add_argument("x", metavar="X", help=f"{numbers}; of gated units a")
    parser.add_argument("--b", metavar="B", help="the second operand of a gated unit")
    parser.add_argument("--g", metavar="G", help="the cotangent of a vjp")
    parser.add_argument("--v", metavar="V", help="the tangent of a jvp")
    parser.add_argument("--v-a", metavar="V", help="of a gated unit's jvp, the tangent of a")
    parser.add_argument("--v-b", metavar="V", help="and that of b")
    shown = "value (default), derivative (gradient), vjp or jvp; repeatable"
    parser.add_argument("--quantity", action="append", choices=QUANTITIES, metavar="Q", help=shown)
    parser.add_argument(
        "--derivative", dest="quantity", action="append_const", const="derivative", help="the same, shorter"
    )
    formats = "float16, bfloat16, float32, float64 (default), or input:output; repeatable"
    parser.add_argument("--format", action="append", metavar="F", help=formats)
    add_parameters(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every quantity in every format."""
    activation = with_parameters(activation_named(arguments.name), arguments.parameter)
    asked = list(_questions(activation, arguments.quantity or ["value"], arguments.format or ["float64"]))
    needed = {name for question in asked for name in question.operands}
    for name in _OPTIONS:
        if getattr(arguments, name) is not None and name not in needed:
            raise UsageError(f"--{name.replace('_', '-')} is not for {_written(asked)} of {arguments.name}")
    typed = [_typed(question, arguments) for question in asked]
    blocks = [lines(question, operands) for question, operands in zip(asked, typed, strict=True)]
    show("\n\n".join("\n".join(block) for block in blocks))
    return PASS


def _questions(activation: Any, quantities: list[str], formats: list[str]) -> Iterator[Question]:
    named = dict.fromkeys(map(quantity_named, quantities))
    for quantity, text in product(named, dict.fromkeys(formats)):
        parts = _PARTS.get(quantity, (quantity,)) if activation.spec.kind == "gated" else (quantity,)
        for part in parts:
            yield Question(activation, part, *pair(text))


def _written(asked: list[Question]) -> str:
    return ", ".join(dict.fromkeys(question.quantity.partition("_")[0] for question in asked))


def _typed(question: Question, arguments: argparse.Namespace) -> Typed:
    """The operands of a question; UsageError for one that is missing, no number or of the wrong length."""
    found = {}
    for name in question.operands:
        option = "X" if name in ("x", "a") else f"--{name.replace('_', '-')}"
        text = arguments.x if name in ("x", "a") else getattr(arguments, name)
        if text is None:
            raise UsageError(f"{question.quantity.partition('_')[0]} of {arguments.name} needs {option}")
        found[name] = _numbers(text, option, question.kind == "rowwise")
    _require_lengths(question, {name: len(numbers) for name, numbers in found.items()})
    return found


def _numbers(text: str, option: str, row: bool) -> list[tuple[str, Any]]:
    texts = text.replace(",", " ").split() if row else [text]
    if not texts:
        raise UsageError(f"{option} must hold numbers (got {text!r})")
    try:
        return [(each, read(each)) for each in texts]
    except ValueError as error:
        what = "numbers" if row else "a number"
        raise UsageError(f"{option} must be {what}: {error}") from error


def _require_lengths(question: Question, lengths: dict[str, int]) -> None:
    if question.kind != "rowwise":
        return
    forward = Question(question.activation, "value", question.source, question.output)
    for name, length in lengths.items():
        wanted = 1 if name == "g" and forward.reduces else lengths["x"]
        if length != wanted:
            raise UsageError(f"--{name} has {length} numbers, want {wanted}: X has {lengths['x']}")
