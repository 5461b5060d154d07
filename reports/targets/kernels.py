"""The kernels that are measured: refacts itself, and beside it what people use."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from refacts.reports.targets import shifted
from refacts.reports.targets.formulas import formula, own, written
from refacts.reports.targets.kernel import SECTIONS, Kernel, arguments

from refacts.rounding import census

_METHODS = {"value": "__call__", "derivative": "gradient", "vjp_a": "vjp", "vjp_b": "vjp"}
IN_SCIPY = ("softmax", "log_softmax", "logsumexp")  # with an axis
_PARTS = {"vjp_a": 0, "vjp_b": 1}  # of what a gated activation's VJP returns


def _joined(activation: Any) -> bool:
    """Whether a and b are the halves of one array."""
    return activation.spec.kind == "gated" and hasattr(activation, "axis")


def refacts_result(activation: Any, quantity: str, *given: Any, **options: Any) -> Any:
    """What refacts makes of the operands of a quantity; options such as ``dtype`` go to its method."""
    if _joined(activation):
        pairs = [np.concatenate(given[k : k + 2]) for k in ((0, 2) if quantity == "jvp" else (0,))]
        given = (*pairs, *given[2 * len(pairs) :])
    result = getattr(activation, _METHODS.get(quantity, quantity))(*given, **options)
    if quantity not in _PARTS:
        return result
    return (np.split(result, 2) if _joined(activation) else result)[_PARTS[quantity]]


def _refacts_call(activation: Any, quantity: str) -> str:
    method = _METHODS.get(quantity, quantity)
    name = f"refacts.{activation.spec.name}{'' if method == '__call__' else f'.{method}'}"
    call = name + arguments(activation, quantity)
    if _joined(activation):
        for pair in ("{a}, {b}", "{v_a}, {v_b}"):
            call = call.replace(pair, f"np.concatenate([{pair}])")
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


def _scipy(activation: Any, quantity: str, x: Any) -> Any:
    return getattr(import_module("scipy.special"), activation.spec.name)(x, axis=-1)


REFACTS = Kernel(
    name="refacts",
    evaluate=refacts_result,
    call=_refacts_call,
    imports="import refacts",
    strict=True,
    census=_census,
    sections=("rows", "logits"),
)
TEXTBOOK = Kernel(
    name="textbook",
    evaluate=_textbook,
    call=written,
    imports="from refacts.reports.targets.formulas import *",
)
SHIFTED = Kernel(
    name="shifted",
    evaluate=lambda activation, quantity, *given: getattr(shifted, own(activation, quantity))(*given),
    call=lambda activation, quantity: f"shifted.{own(activation, quantity)}{arguments(activation, quantity)}",
    imports="from refacts.reports.targets import shifted",
    sections=("logits",),
    covers=lambda activation, quantity: hasattr(shifted, own(activation, quantity)),
)
SCIPY = Kernel(
    name="scipy",
    evaluate=_scipy,
    call=lambda activation, quantity: f"scipy.special.{activation.spec.name}({{x}}, axis=-1)",
    imports="import scipy.special",
    sections=("logits",),
    covers=lambda activation, quantity: quantity == "value" and activation.spec.name in IN_SCIPY,
)
KERNELS: tuple[Kernel, ...] = (REFACTS, TEXTBOOK, SHIFTED, *([SCIPY] if find_spec("scipy") else []))


def by_section(kernels: Sequence[Kernel]) -> dict[str, list[str]]:
    """The names of the kernels that are measured in each section of the document."""
    return {section: [k.name for k in kernels if section in k.sections] for section in SECTIONS}
