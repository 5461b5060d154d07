"""Ties far out and near 0, where a function lies beside its argument, and its derivative beside 1.

A number of the operand's format is a tie of a shorter one: x + e^-x for x = 257 and 8 bits. On which side
of it the result lies is known, however near.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import frexp
from typing import Any

from refacts.formats import Format
from refacts.rounding import Settle

PLACES = 150  # behind the last bit of a number, where what is beside it differs


def beside(
    within: Callable[..., bool], value: int | None, derivative: int | None
) -> Callable[[str], Settle]:
    """What settles f(x) = x(1 + d) and g·f'(x) = g(1 + d) for x `within`, given the signs of d.

    Both |d| must be below 2^-120 there and not 0: float64 numbers x and g, if they are no ties, are
    2^-54 and more from one. None: nothing of the kind is known. `within` takes x and the parameters.
    """

    def exactly(quantity: str) -> Settle:
        side = value if quantity == "value" else derivative

        def settled(operands: Sequence[float], fmt: Format, parameters: Sequence[Any]) -> float | None:
            x, *g = operands
            limit = x if quantity == "value" else g[0] if g else 1.0
            if side is None or not limit or not within(x, *parameters):
                return None
            m, exponent = frexp(abs(limit))
            size = (int(m * 2**53) << PLACES) + side
            return fmt.round_dyadic(size if limit > 0 else -size, exponent - 53 - PLACES)

        return settled

    return exactly
