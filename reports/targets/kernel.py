"""Something that computes activations, and how a call of it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from refacts.reports.quantities import operands

from refacts.activation import Activation

SECTIONS = ("rows", "logits")  # of a report: the inputs of all questions, and rows on logits
Evaluate = Callable[..., Any]
Census = Callable[[Activation, str, Any], dict[str, int]]


def arguments(activation: Activation, quantity: str) -> str:
    """What stands behind a function's name in ``Kernel.call``."""
    return f"({', '.join(f'{{{name}}}' for name in operands(activation, quantity))})"


@dataclass(frozen=True)
class Kernel:
    """Something that computes activations.

    ``evaluate(activation, quantity, *operands)`` returns the result for the operands that
    `reports.quantities.operands` names: arrays of one shape, in row-wise activations of rows.
    ``call(activation, quantity)`` is the same as Python text, with the operands' names in braces, after
    the statement ``imports``. A ``strict`` kernel must be correctly rounded everywhere, in the dtype of
    the operands and without a floating-point warning, or the command exits 1; what others return is
    cast. ``census(activation, quantity, x)``, if there is one, counts the elements of ``x`` that
    reached each tier. It is measured in ``sections`` of a report, where it ``covers(activation,
    quantity)``.
    """

    name: str
    evaluate: Evaluate
    call: Callable[[Activation, str], str]
    imports: str
    strict: bool = False
    census: Census | None = None
    sections: tuple[str, ...] = ("rows",)
    covers: Callable[[Activation, str], bool] = lambda activation, quantity: True

    def __call__(self, activation: Activation, quantity: str, *operands: Any) -> Any:
        """The result as float64, flat. A strict kernel's warnings are errors, and so is its dtype."""
        dtype = operands[0].dtype
        with np.errstate(all="raise" if self.strict else "ignore"):
            result = np.asarray(self.evaluate(activation, quantity, *operands))
        if self.strict and result.dtype != dtype:
            raise TypeError(f"the result has dtype {result.dtype}, want {dtype}")
        with np.errstate(all="ignore"):
            return result.astype(dtype).astype(np.float64).ravel()

    def written(self, activation: Activation, quantity: str, operands: dict[str, str]) -> str:
        """The call as text, with a text for each operand by name."""
        return self.call(activation, quantity).format(**operands)

    def reproducer(
        self, activation: Activation, quantity: str, made: str, operands: dict[str, str], index: int
    ) -> str:
        """One line of Python that prints one result; the statements ``made`` make the operands."""
        call = self.written(activation, quantity, operands)
        cast = "" if self.strict else f".astype({next(iter(operands.values()))}.dtype)"
        printed = f"print(float(np.ravel({call}){cast}[{index}]).hex())"
        return f"import numpy as np; {self.imports}; {made}; {printed}"
