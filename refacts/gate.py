"""The second factor of a gated unit: f(b) and f'(b) times other numbers, in one rounding.

Formulas of f may stand a trifle beside what f(b) is for tiny b, which a product with a number of the
format keeps from ties, but none of more bits, nor a sum: here f and f' come from their series there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import copysign
from typing import Any, NamedTuple

import numpy as np

from refacts.activation import Elementwise
from refacts.arithmetic import combined, lifted, magnitude, product, small, split, unless, where
from refacts.arithmetic.constants import Constant
from refacts.arithmetic.errors import FLOATS
from refacts.arithmetic.exact import Real
from refacts.formats import Format
from refacts.rounding import Settle


class Near(NamedTuple):
    """b^power·(c0 + c1 b), which is f(b) or f'(b) but for a share below b^2."""

    power: int
    c0: Fraction
    c1: Fraction | Constant

    def at(self, b: Any) -> tuple[Any, Any]:
        """The number and its error in units, for |b| small enough that no unit shows b^2."""
        y = lifted(self.c0, b) + lifted(self.c1, b) * b
        y = product(y, b)[0] if self.power else y  # a zero with the sign of b
        return y, unless(b == 0, 6)


class Far(NamedTuple):
    """v f(b) + u f'(b) for |b| >= start, where all but a limit is tiny.

    `at(b, v, u)` is the limit and the sign of the rest, which is below 2^-3300 (|v| + |u|).
    """

    start: float
    at: Callable[[Fraction, Fraction, Fraction], tuple[Fraction, int]]


def sign(*numbers: Fraction) -> int:
    """The sign of the first number that is not 0."""
    return next((1 if q > 0 else -1 for q in numbers if q), 0)


@dataclass(frozen=True)
class Gate:
    """f, where f(b) and f'(b) are 0, and unless they are rational their series at 0 and what is far out."""

    f: Elementwise
    zero: tuple[Callable[[Any], Any], Callable[[Any], Any]]
    near: tuple[Near, Near] | None = None
    far: Far | None = None

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
        return times(self.near_zero("value", b), a)

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
        if isinstance(y, FLOATS):  # the sign of what underflows
            units = np.where(np.abs(y) < 2.0**-800, np.inf, units)
        if self.far and not isinstance(y, Real):  # formulas of f stand still there
            units = np.where(magnitude(b) < self.far.start, units, np.inf)
        nothing = ((v == 0) | self.zero[0](b)) & ((w == 0) | (a == 0) | self.zero[1](b))
        return where(nothing, 0, y), unless(nothing, units)

    def exactly(self, quantity: str) -> Settle | None:
        """What settles v f(b) + u f'(b), which each quantity is, where that is rational or all but so."""
        if self.near is None:
            return None

        def exactly(operands: Sequence[float], fmt: Format, _: Any) -> float | None:
            b, *numbers = map(Fraction, operands)
            v, u = _SUMS[quantity](*numbers)
            if not b:
                return fmt.round_fraction(self._at_zero(v, u))
            assert self.far
            return None if abs(b) < self.far.start else _far_out(*self.far.at(b, v, u), abs(v) + abs(u), fmt)

        return exactly

    def _at_zero(self, v: Fraction, u: Fraction) -> Fraction:
        assert self.near
        (power, c0, _), (_, slope, _) = self.near
        return (0 if power else c0) * v + slope * u


def _far_out(limit: Fraction, side: int, size: Fraction, fmt: Format) -> float:
    """RN of a number on one side of a limit, and within 2^-3300 size of it: ties are as near as 2^-5000."""
    wide, narrow = (
        [fmt.round_fraction(limit + end * size / 2**bits) for end in (-1, 1)] for bits in (3300, 5000)
    )
    if _same(*wide):
        return wide[0]
    if _same(*narrow) or not side:
        raise ArithmeticError(f"{fmt.name} result not settled beside {float(limit)}")
    return narrow[side > 0]


def _same(a: float, b: float) -> bool:
    return a == b and copysign(1, a) == copysign(1, b)


_SUMS: dict[str, Callable[..., tuple[Fraction, Fraction]]] = {
    "value": lambda a: (a, Fraction(0)),
    "slope": lambda a, g: (Fraction(0), a * g),
    "forward": lambda a, v, w: (v, a * w),
}


def times(found: tuple[Any, Any], *numbers: Any) -> tuple[Any, Any]:
    """A value times numbers, and its error in units."""
    y, units = found
    for number in numbers:
        y, units = product(y, number, units)
    return y, units
