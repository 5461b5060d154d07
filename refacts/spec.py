"""What is known of an activation; tests, reports and documents follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from refacts.columns import RowFormula
from refacts.rounding import Formula, Number, Settle

Limits = Callable[..., tuple[Number, Number]]
Rule = tuple[str, str, Callable[..., bool]]


@dataclass(frozen=True)
class Spec:
    """An activation's formulas and the facts about it.

    kind: "elementwise", "rowwise" (an `axis` of x is mapped as a whole) or "gated" (a·f(b)). Facts may
    be functions of the parameters (by keyword); `Activation.fact` gives them for an object.

    range: the least and the largest value. kinks: where the derivative jumps. symmetry: "odd",
    "point" (f(-x) + f(x) = 1) or "". monotone: whether f never falls. convexity: "convex", "concave"
    or "". keeps_zero: f(±0) = ±0. stationary: the zeros of f' where its sign changes, to 17 digits.
    limits, derivative_limits: at -inf and +inf, zeros with the sign they are approached through.
    rules: what parameters must satisfy: name, what is allowed (a template of their values), and a test
    of them all.
    value, derivative: the formulas; vjp, jvp too for row-wise ones. rational: exact in Fractions.
    exactly: settles an element of value, derivative or vjp where the tiers do not. settle: elements
    of a row.
    """

    name: str
    definition: str
    reference: str
    range: Any
    kinks: Any = ()
    symmetry: Any = ""
    monotone: Any = True
    convexity: Any = ""
    keeps_zero: Any = False
    stationary: Any = ()
    rational: bool = False
    kind: str = "elementwise"
    rules: tuple[Rule, ...] = ()
    value: Formula | RowFormula | None = None
    derivative: Formula | RowFormula | None = None
    vjp: RowFormula | None = None
    jvp: RowFormula | None = None
    exactly: Callable[[str], Settle] | None = None
    settle: Callable[..., list[float]] | None = None
    limits: Limits | None = None
    derivative_limits: Limits | None = None
