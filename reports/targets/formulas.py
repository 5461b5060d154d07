"""Which textbook formula belongs to an activation's quantity: the function itself, and its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refacts.reports.quantities import gate
from refacts.reports.targets import textbook, textbook_gated, textbook_piecewise, textbook_rowwise
from refacts.reports.targets.kernel import arguments

from refacts.activation import Activation

__all__ = ["textbook", "textbook_gated", "textbook_piecewise", "textbook_rowwise"]  # what reproducers import

FORMULAS = {
    module.__name__.rpartition(".")[2]: module
    for module in (textbook, textbook_gated, textbook_piecewise, textbook_rowwise)
}


def formula(activation: Activation, quantity: str) -> Callable[..., Any]:
    """The textbook formula: it takes the operands, and the parameters by keyword."""
    maker, names = _found(activation, quantity)
    functions = [_function(name) for name in names]
    made: Callable[..., Any] = _function(maker)(*functions) if maker else functions[0]
    return made


def written(activation: Activation, quantity: str) -> str:
    """Its call as Python text, with the operands' names in braces."""
    maker, names = _found(activation, quantity)
    return (f"{maker}({', '.join(names)})" if maker else names[0]) + arguments(activation, quantity)


def own(activation: Activation, quantity: str) -> str:
    """The name of a formula that is made of no other."""
    name = activation.spec.name
    return name if quantity == "value" else f"{name}_{quantity}"


def _found(activation: Activation, quantity: str) -> tuple[str, list[str]]:
    """What makes the formula out of others, if anything does, and those: names, all as "module.name"."""
    if activation.spec.kind == "gated":
        of = {"vjp_b": ["derivative"], "jvp": ["value", "derivative"]}.get(quantity, ["value"])
        return f"textbook_gated.{quantity}", [_name(gate(activation), each) for each in of]
    if activation.spec.kind == "elementwise" and quantity == "vjp":
        return "textbook.vjp", [_name(activation, "derivative")]
    return "", [_name(activation, quantity)]


def _name(activation: Activation, quantity: str) -> str:
    name = own(activation, quantity)
    return next(f"{module}.{name}" for module in FORMULAS if hasattr(FORMULAS[module], name))


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(".")
    found: Callable[..., Any] = getattr(FORMULAS[module], attribute)
    return found
