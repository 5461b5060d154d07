"""One row and its cotangent: which entries count, and exact sums over them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats

Flags = npt.NDArray[np.bool_]


T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it reads as `property` does
    """A property computed at its first use. It holds no lock, as cached_property does up to Python 3.11."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute, self.name, self.__doc__ = compute, compute.__name__, compute.__doc__

    def __get__(self, owner: Any, kind: type) -> T:
        value = owner.__dict__[self.name] = self.compute(owner)
        return value


class Row:
    """The entries of a row: ``unmasked`` ones, and the ``weighing`` among them, which are not -inf.

    The row is undefined where something is unmasked and nothing weighs or something is NaN or +inf.
    """

    def __init__(self, x: Floats, where: Flags) -> None:
        self.x: list[float] = (x + 0.0).tolist()  # one zero
        self.where: list[bool] = where.tolist()
        self.unmasked: list[int] = np.flatnonzero(where).tolist()
        weighs = where & (x != -math.inf)
        self.weighing: list[int] = np.flatnonzero(weighs).tolist()
        self.weighs: list[bool] = weighs.tolist()
        self.nan = bool(np.isnan(x[where]).any())
        self.infinite = bool((x[where] == math.inf).any())
        self.undefined = bool(self.unmasked) and (self.nan or self.infinite or not self.weighing)
        self.alone = len(self.weighing) == 1

    @property
    def counts(self) -> dict[float, int]:
        """How many of the weighing entries there are at every x."""
        values, counts = np.unique(np.array([self.x[k] for k in self.weighing]), return_counts=True)
        return dict(zip(values.tolist(), counts.tolist(), strict=True))


class Cotangent:
    """The numbers that the Jacobian is multiplied with; the ``counted`` ones are not masked."""

    def __init__(self, g: list[float], counted: list[int]) -> None:
        self.g, self.counted = g, counted
        self._infinite = [c for c in counted if not math.isfinite(g[c])]
        self._nan = any(math.isnan(g[c]) for c in self._infinite)

    def special(self, sign: Callable[[int], int]) -> float | None:
        """The product where a NaN or an infinity is counted, None where all are finite.

        ``sign(c)`` is that of the exact entry of the Jacobian that g_c meets.
        """
        if self._nan:
            return math.nan
        return sum(sign(c) * self.g[c] for c in self._infinite) if self._infinite else None

    def total(self) -> Fraction:
        """The exact sum of what is counted."""
        integers, unit = on_one_scale(self.g[c] for c in self.counted)
        return sum(integers) * unit


def on_one_scale(numbers: Iterable[float]) -> tuple[list[int], Fraction]:
    """Write finite floats as integers times one unit, a power of two and 1 at the most."""
    ratios = [number.as_integer_ratio() for number in numbers]
    bits = max((bottom.bit_length() for _, bottom in ratios), default=1) - 1
    integers = [top << (bits + 1 - bottom.bit_length()) for top, bottom in ratios]
    return integers, Fraction(1, 1 << bits)
