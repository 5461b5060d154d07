"""The kernels that are measured: refacts itself, and the textbook formulas beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import refacts
from refacts.activation import Activation
from refacts.rounding import census
from reports import textbook, textbook_piecewise

Evaluate = Callable[[Activation, str, Any, Any], Any]
Census = Callable[[Activation, str, Any], dict[str, int]]
CATALOGUE: dict[str, Any] = {f.spec.name: f for f in refacts.CATALOGUE}


def quantities(activation: Activation) -> tuple[str, ...]:
    """The quantities an activation is measured in."""
    rowwise = ("jacobian",) if activation.spec.kind == "rowwise" else ()
    return ("value", "derivative", "vjp", *rowwise)


@dataclass(frozen=True)
class Kernel:
    """Something that computes activations.

    ``evaluate(activation, quantity, x, g)`` returns the result for array ``x`` (any shape
    elementwise, one row for row-wise activations); ``g`` is None unless ``quantity`` is "vjp".
    ``function(name, quantity)`` is what is called, as Python text, after the statement ``imports``.
    A ``strict`` kernel must be correctly rounded everywhere, in the dtype of x and without a
    floating-point warning, or the command exits 1; what others return is cast. ``census(activation,
    quantity, x)``, if there is one, counts the elements of ``x`` that reached each tier.
    """

    name: str
    evaluate: Evaluate
    function: Callable[[str, str], str]
    imports: str
    strict: bool = False
    census: Census | None = None

    def __call__(self, activation: Activation, quantity: str, x: Any, g: Any = None) -> Any:
        """The result as float64, flat. A strict kernel's warnings are errors, and so is its dtype."""
        with np.errstate(all="raise" if self.strict else "ignore"):
            result = np.asarray(self.evaluate(activation, quantity, x, g))
        if self.strict and result.dtype != x.dtype:
            raise TypeError(f"the result has dtype {result.dtype}, want {x.dtype}")
        with np.errstate(all="ignore"):
            return result.astype(x.dtype).astype(np.float64).ravel()

    def expression(self, name: str, quantity: str) -> str:
        """The array of results as Python text in x and g."""
        call = f"{self.function(name, quantity)}({'x, g' if quantity == 'vjp' else 'x'})"
        return call if self.strict else f"{call}.astype(x.dtype)"


_METHODS = {"value": "", "derivative": ".gradient", "vjp": ".vjp", "jacobian": ".jacobian"}


def _refacts(activation: Any, quantity: str, x: Any, g: Any) -> Any:
    if quantity == "vjp":
        return activation.vjp(x, g)
    if quantity == "jacobian":
        return activation.jacobian(x)
    return activation(x) if quantity == "value" else activation.gradient(x)


def _census(activation: Any, quantity: str, x: Any) -> dict[str, int]:
    with census() as counts:
        activation.compute(quantity, x)
    return counts


def _found(name: str, quantity: str) -> tuple[Any, str, bool]:
    """Module and name of a textbook formula, and whether it is the derivative a VJP follows from."""
    module = textbook if hasattr(textbook, name) else textbook_piecewise
    own = name if quantity == "value" else f"{name}_{quantity}"
    derived = quantity == "vjp" and not hasattr(module, own)
    return module, f"{name}_derivative" if derived else own, derived


def formula(name: str, quantity: str) -> Callable[..., Any]:
    """The textbook formula of an activation: it takes x, for "vjp" g, and the parameters."""
    module, attribute, derived = _found(name, quantity)
    found: Callable[..., Any] = getattr(module, attribute)
    return textbook.vjp(found) if derived else found


def _textbook(activation: Activation, quantity: str, x: Any, g: Any) -> Any:
    """Parameters become numbers of Python's, which leave the dtype of x alone."""
    parameters = {key: float(number) for key, number in activation.parameters.items()}
    cotangent = (g,) if quantity == "vjp" else ()
    return formula(activation.spec.name, quantity)(x, *cotangent, **parameters)


def _textbook_function(name: str, quantity: str) -> str:
    module, attribute, derived = _found(name, quantity)
    function = f"{module.__name__.rpartition('.')[2]}.{attribute}"
    return f"textbook.vjp({function})" if derived else function


REFACTS = Kernel(
    name="refacts",
    evaluate=_refacts,
    function=lambda name, quantity: f"refacts.{name}{_METHODS[quantity]}",
    imports="import refacts",
    strict=True,
    census=_census,
)
TEXTBOOK = Kernel(
    name="textbook",
    evaluate=_textbook,
    function=_textbook_function,
    imports="from reports import textbook, textbook_piecewise",
)
KERNELS = (REFACTS, TEXTBOOK)
