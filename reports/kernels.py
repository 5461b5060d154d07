"""The kernels that are measured: refacts itself, and the textbook formulas beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from refacts.rounding import census
from reports.formulas import FORMULAS, formula, written
from reports.kernel import Kernel
from reports.quantities import operands

_METHODS = {"value": "__call__", "derivative": "gradient", "vjp_a": "vjp", "vjp_b": "vjp"}
_PARTS = {"vjp_a": 0, "vjp_b": 1}  # of what a gated activation's VJP returns


def _joined(activation: Any) -> bool:
    """Whether a and b are the halves of one array."""
    return activation.spec.kind == "gated" and hasattr(activation, "axis")


def _refacts(activation: Any, quantity: str, *given: Any) -> Any:
    if _joined(activation):
        given = (np.concatenate(given[:2]), *given[2:])
    result = getattr(activation, _METHODS.get(quantity, quantity))(*given)
    if quantity not in _PARTS:
        return result
    return (np.split(result, 2) if _joined(activation) else result)[_PARTS[quantity]]


def _refacts_call(activation: Any, quantity: str) -> str:
    method = _METHODS.get(quantity, quantity)
    name = f"refacts.{activation.spec.name}{'' if method == '__call__' else f'.{method}'}"
    arguments = ", ".join(f"{{{operand}}}" for operand in operands(activation, quantity))
    if _joined(activation):
        arguments = arguments.replace("{a}, {b}", "np.concatenate([{a}, {b}])")
    call = f"{name}({arguments})"
    if quantity not in _PARTS:
        return call
    return f"{f'np.split({call}, 2)' if _joined(activation) else call}[{_PARTS[quantity]}]"


def _census(activation: Any, quantity: str, x: Any) -> dict[str, int]:
    with census() as counts:
        activation.compute(quantity, x)
    return counts


def _textbook(activation: Any, quantity: str, *given: Any) -> Any:
    """Parameters become numbers of Python's, which leave the dtype of the operands alone."""
    parameters = {key: float(number) for key, number in activation.parameters.items()}
    return formula(activation, quantity)(*given, **parameters)


REFACTS = Kernel(
    name="refacts",
    evaluate=_refacts,
    call=_refacts_call,
    imports="import refacts",
    strict=True,
    census=_census,
)
TEXTBOOK = Kernel(
    name="textbook",
    evaluate=_textbook,
    call=written,
    imports=f"from reports import {', '.join(FORMULAS)}",
)
KERNELS = (REFACTS, TEXTBOOK)
