"""Which textbook formula belongs to an activation's quantity: the function itself, and its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refacts.activation import Activation
from reports import textbook, textbook_gated, textbook_piecewise, textbook_rowwise
from reports.kernel import arguments
from reports.quantities import gate

FORMULAS = {
    module.__name__.rpartition(".")[2]: module
    for module in (textbook, textbook_gated, textbook_piecewise, textbook_rowwise)
}


def formula(activation: Activation, quantity: str) -> Callable[..., Any]:
    """The textbook formula: it takes the operands, and the parameters by keyword."""
    function, *makers = [_function(name) for name in reversed(_names(activation, quantity))]
    for maker in makers:
        function = maker(function)
    return function


def written(activation: Activation, quantity: str) -> str:
    """Its call as Python text, with the operands' names in braces."""
    *makers, function = _names(activation, quantity)
    made = "".join(f"{maker}(" for maker in makers) + function + ")" * len(makers)
    return made + arguments(activation, quantity)


def own(activation: Activation, quantity: str) -> str:
    """The name of a formula that is made of no other."""
    name = activation.spec.name
    return name if quantity == "value" else f"{name}_{quantity}"


def _names(activation: Activation, quantity: str) -> list[str]:
    """The function's name, after those of what makes it out of another: all as "module.name"."""
    if activation.spec.kind == "gated":
        of = "derivative" if quantity == "vjp_b" else "value"
        return [f"textbook_gated.{quantity}", *_names(gate(activation), of)]
    if activation.spec.kind == "elementwise" and quantity == "vjp":
        return ["textbook.vjp", *_names(activation, "derivative")]
    name = own(activation, quantity)
    return [next(f"{module}.{name}" for module in FORMULAS if hasattr(FORMULAS[module], name))]


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(".")
    found: Callable[..., Any] = getattr(FORMULAS[module], attribute)
    return found
