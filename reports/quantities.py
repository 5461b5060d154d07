"""What is measured of an activation: its quantities, their operands, and how many results they have."""

from __future__ import annotations

from typing import Any

import refacts
from refacts.activation import Activation

CATALOGUE: dict[str, Any] = {f.spec.name: f for f in refacts.CATALOGUE}
ROWWISE = ("value", "derivative", "vjp", "jvp", "jacobian")
SAME = {  # maps that are others under another name
    "softmax": ("jvp",),  # the Jacobian is symmetric: jvp is vjp
    "softmin": ("jvp",),
    "sparsemax": ("jvp",),
    "logsumexp": ("jacobian",),  # of one row: it is the derivative
}
_SECOND = {"vjp": ("g",), "jvp": ("v",), "vjp_a": ("g",), "vjp_b": ("g",)}


def quantity_named(name: str) -> str:
    """The quantity of a name: gradient is the derivative."""
    return "derivative" if name == "gradient" else name


def quantities(activation: Activation) -> tuple[str, ...]:
    """The quantities an activation is measured in, none of which is another's map."""
    if activation.spec.kind == "elementwise":
        return "value", "derivative", "vjp"
    if activation.spec.kind == "gated":
        return "value", "vjp_a", "vjp_b", "jvp"
    same = SAME.get(activation.spec.name, ())
    return tuple(quantity for quantity in ROWWISE if quantity not in same)


def operands(activation: Activation, quantity: str) -> tuple[str, ...]:
    """The names of the arrays that a quantity is of."""
    gated = activation.spec.kind == "gated"
    if gated and quantity == "jvp":
        return "a", "b", "v_a", "v_b"
    return (("a", "b") if gated else ("x",)) + _SECOND.get(quantity, ())


def gate(activation: Any) -> Activation:
    """The f of a gated activation a f(b)."""
    f: Activation = activation.gate.f
    return f


def reduces(activation: Activation, quantity: str) -> bool:
    """Whether a row has one result."""
    return bool(getattr(getattr(activation.spec, quantity, None), "reduces", False))


def results(activation: Activation, quantity: str, length: int) -> int:
    """How many results a row of that length has."""
    if reduces(activation, quantity):
        return 1
    return length * length if quantity == "jacobian" else length
