"""The second factor of a gated unit: f(b) and f'(b) times other numbers, in one rounding.

Formulas of f may stand a trifle beside what f(b) is for tiny b, which a product with one number keeps
from ties, but neither one with two nor a sum: for those, f and f' come from their series there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from refacts.activation import Elementwise
from refacts.arithmetic import combined, lifted, product, small, split, unless, where
from refacts.arithmetic.constants import Constant
from refacts.arithmetic.errors import FLOATS
from refacts.formats import Format


class Near(NamedTuple):
    """b^power·(c0 + c1 b), which is f(b) or f'(b) but for a share below b^2."""

    power: int
    c0: Fraction
    c1: Fraction | Constant

    def at(self, b: Any) -> tuple[Any, Any]:
        """The number and its error in units, for |b| small enough that no unit shows b^2."""
        y = lifted(self.c0, b) + lifted(self.c1, b) * b
        y = y * b if self.power else y
        return y, unless(b == 0, 6)


@dataclass(frozen=True)
class Gate:
    """f, its series and that of f' at 0 if its formulas use them, and where f(b) and f'(b) are 0."""

    f: Elementwise
    near: tuple[Near, Near] | None
    zero: tuple[Callable[[Any], Any], Callable[[Any], Any]]

    def near_zero(self, quantity: str, b: Any) -> tuple[Any, Any]:
        """f(b) or f'(b), from its series where b is tiny: it errs by what it says it errs."""
        formula: Any = getattr(self.f.spec, quantity)
        if self.near is None:
            found: tuple[Any, Any] = formula(b)
            return found
        close = small(b, 2.0**-27 if isinstance(b, FLOATS) else 2.0**-55)
        return split(close, self.near[quantity == "derivative"].at, formula, b)

    def value(self, b: Any, a: Any) -> tuple[Any, Any]:
        """a f(b)."""
        formula: Any = self.f.spec.value
        return times(formula(b), a)

    def slope(self, b: Any, a: Any, g: Any) -> tuple[Any, Any]:
        """g a f'(b)."""
        return times(self.near_zero("derivative", b), a, g)

    def forward(self, b: Any, a: Any, v: Any, w: Any) -> tuple[Any, Any]:
        """v f(b) + w a f'(b), the JVP for tangents v of a and w of b."""
        p, p_units = times(self.near_zero("value", b), v)
        q, q_units = self.slope(b, a, w)
        if isinstance(p, Fraction):
            return p + q, 0
        y, units = combined(p, p_units, q, q_units)
        nothing = ((v == 0) | self.zero[0](b)) & ((w == 0) | (a == 0) | self.zero[1](b))
        return where(nothing, 0, y), unless(nothing, units)

    def forward_at_zero(self, operands: Sequence[float], fmt: Format, _: Any) -> float | None:
        """The JVP at b = 0, where all is rational; None elsewhere."""
        b, *numbers = operands
        if b or self.near is None:
            return None
        a, v, w = map(Fraction, numbers)
        (power, c0, _), (_, slope, _) = self.near
        return fmt.round_fraction((0 if power else c0) * v + slope * a * w)


def times(found: tuple[Any, Any], *numbers: Any) -> tuple[Any, Any]:
    """A value times numbers, and its error in units."""
    y, units = found
    for number in numbers:
        y, units = product(y, number, units)
    return y, units
