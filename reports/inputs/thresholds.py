"""Where a function changes its nature in a format: the points that inputs must crowd around."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from itertools import pairwise

from refacts.oracles import Format, exact, nearest

from refacts.activation import Activation

Holds = Callable[[float], bool]


def thresholds(
    activation: Activation, quantity: str, source: Format, result: Format | None = None
) -> tuple[float, ...]:
    """Kinks, stationary points, and on either side of 0 the ends of three ranges of x.

    Those in which the result rounded to the format ``result`` (by default that of x) keeps its value
    at 0, is normal, and differs from its limit, found with the oracle. A VJP has its derivative's.
    """
    of = "value" if quantity == "value" else "derivative"
    return _thresholds(activation, of, source, result or source)


@cache
def _thresholds(activation: Activation, quantity: str, source: Format, result: Format) -> tuple[float, ...]:
    known = [float(point) for fact in ("kinks", "stationary") for point in activation.fact(fact)]
    found = list(known)
    for side in (-1.0, 1.0):
        rounded = _results(activation, quantity, side, source, result)
        cuts = _cuts((side * point for point in known), source)
        for holds in _conditions(rounded(0), rounded(_last(source) + 1), result):
            ends = [_end(rounded, holds, low, high) for low, high in pairwise(cuts)]
            found += [side * float(source.decode(ordinal)) for ordinal in ends if ordinal is not None]
    return tuple(dict.fromkeys(found))


def _last(fmt: Format) -> int:
    return int(fmt.bit_patterns(fmt.max))


def _cuts(points: Iterable[float], fmt: Format) -> list[int]:
    """The ordinals between which a condition changes once at most: a function turns at the points."""
    turns = [int(fmt.bit_patterns(nearest(Fraction(point), fmt))) for point in (1.0, *points) if point > 0]
    return sorted({1, *turns, _last(fmt)})


def _results(
    activation: Activation, quantity: str, side: float, source: Format, result: Format
) -> Callable[[int], float]:
    @cache
    def rounded(ordinal: int) -> float:
        x = side * float(source.decode(ordinal))
        return exact(activation.spec.name, quantity, x, result, activation.parameters).rounded

    return rounded


def _conditions(at_zero: float, limit: float, fmt: Format) -> tuple[Holds, ...]:
    return (lambda y: y == at_zero, lambda y: abs(y) >= 2.0**fmt.emin, lambda y: y != limit)


def _end(rounded: Callable[[int], float], holds: Holds, low: int, high: int) -> int | None:
    """The last ordinal before the condition changes between ``low`` and ``high``; None if it does not."""
    first = holds(rounded(low))
    if holds(rounded(high)) == first:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(rounded(middle)) == first else (low, middle)
    return low
