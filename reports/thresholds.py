"""Where a function changes its nature in a format: the points that inputs must crowd around."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from oracles import Format, exact
from refacts.activation import Activation


def thresholds(activation: Activation, quantity: str, fmt: Format) -> tuple[float, ...]:
    """Kinks, and on either side of 0 the ends of three ranges of x.

    Those in which the rounded result keeps its value at 0, is normal, and differs from its limit.
    Found by bisection over the format's values with the oracle; a vjp has its derivative's.
    """
    asked = "value" if quantity == "value" else "derivative"
    found = list(activation.spec.kinks)
    for side in (-1.0, 1.0):
        result = _results(activation, asked, side, fmt)
        at_zero, limit = result(0), result(_last(fmt) + 1)
        for holds in (
            lambda y, at=at_zero: y == at,
            lambda y: abs(y) >= 2.0**fmt.emin,
            lambda y, at=limit: y != at,
        ):
            ordinal = _end(lambda k, f=result, p=holds: p(f(k)), _last(fmt))  # type: ignore[misc]
            if ordinal is not None:
                found.append(side * float(fmt.decode(ordinal)))
    return tuple(dict.fromkeys(found))


def _last(fmt: Format) -> int:
    return int(fmt.bit_patterns(fmt.max))


def _results(activation: Activation, quantity: str, side: float, fmt: Format) -> Callable[[int], float]:
    @cache
    def result(ordinal: int) -> float:
        x = side * float(fmt.decode(ordinal))
        return exact(activation.spec.name, quantity, x, fmt, activation.parameters).rounded

    return result


def _end(holds: Callable[[int], bool], last: int) -> int | None:
    """The last ordinal before ``holds`` changes between 1 and ``last``; None if it does not."""
    first = holds(1)
    if holds(last) == first:
        return None
    low, high = 1, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) == first else (low, middle)
    return low
