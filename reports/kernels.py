"""The kernels that are measured: refacts itself, and the textbook formulas beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import refacts
from refacts.activation import Activation
from reports import textbook

Evaluate = Callable[[Activation, str, Any, Any], Any]
CATALOGUE: dict[str, Any] = {f.spec.name: f for f in refacts.CATALOGUE}


def quantities(activation: Activation) -> tuple[str, ...]:
    """The quantities an activation is measured in."""
    rowwise = ("jacobian",) if activation.spec.rowwise else ()
    return ("value", "derivative", "vjp", *rowwise)


@dataclass(frozen=True)
class Kernel:
    """Something that computes activations.

    ``evaluate(activation, quantity, x, g)`` returns the result for array ``x`` (any shape
    elementwise, one row for row-wise activations); ``g`` is None unless ``quantity`` is "vjp".
    ``expression(activation, quantity)`` is the same as Python text in x and g, and ``imports`` the
    module it needs. A ``gated`` kernel must be correctly rounded everywhere, in the dtype of x and
    without a floating-point warning, or the command exits 1; what others return is cast.
    """

    name: str
    evaluate: Evaluate
    expression: Callable[[str, str], str]
    imports: str
    gated: bool = False

    def __call__(self, activation: Activation, quantity: str, x: Any, g: Any = None) -> Any:
        """The result as float64, flat. A gated kernel's warnings are errors, and so is its dtype."""
        with np.errstate(all="raise" if self.gated else "ignore"):
            result = np.asarray(self.evaluate(activation, quantity, x, g))
        if self.gated and result.dtype != x.dtype:
            raise TypeError(f"the result has dtype {result.dtype}, want {x.dtype}")
        with np.errstate(all="ignore"):
            return result.astype(x.dtype).astype(np.float64).ravel()


_METHODS = {"value": "", "derivative": ".gradient", "vjp": ".vjp", "jacobian": ".jacobian"}


def _arguments(quantity: str) -> str:
    return "(x, g)" if quantity == "vjp" else "(x)"


def _refacts(activation: Any, quantity: str, x: Any, g: Any) -> Any:
    if quantity == "vjp":
        return activation.vjp(x, g)
    if quantity == "jacobian":
        return activation.jacobian(x)
    return activation(x) if quantity == "value" else activation.gradient(x)


def _textbook(activation: Activation, quantity: str, x: Any, g: Any) -> Any:
    suffix = "" if quantity == "value" else f"_{quantity}"
    formula = getattr(textbook, activation.spec.name + suffix)
    cotangent = (g,) if quantity == "vjp" else ()
    return formula(x, *cotangent, **activation.parameters)


REFACTS = Kernel(
    name="refacts",
    evaluate=_refacts,
    expression=lambda name, quantity: f"refacts.{name}{_METHODS[quantity]}{_arguments(quantity)}",
    imports="refacts",
    gated=True,
)
TEXTBOOK = Kernel(
    name="textbook",
    evaluate=_textbook,
    expression=lambda name, quantity: (
        f"textbook.{name}{'' if quantity == 'value' else '_' + quantity}"
        f"{_arguments(quantity)}.astype(x.dtype)"
    ),
    imports="reports.textbook as textbook",
)
KERNELS = (REFACTS, TEXTBOOK)
