"""Tanhshrink."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any

import numpy as np

from refacts.activation import Elementwise
from refacts.arithmetic import (
    added,
    combined,
    large,
    magnitude,
    nudged,
    polynomial,
    product,
    small,
    split,
    tanh,
    to_float,
    unless,
    where,
)
from refacts.arithmetic.pairs import LEAST_STEP
from refacts.far import beside
from refacts.spec import Spec

NEAR = 2.0**-4  # x - tanh x loses 10 bits there
TINY = 2.0**-27  # tanh(x)^2 = x^2(1 - 2x^2/3) to 2^-107
FAR = 64.0  # there 1 - |tanh x| < 2^-180
TERMS = 11  # below 1/16 the next one is less than 2^-99 of the sum


def _coefficients() -> list[Fraction]:
    """c_n of x - tanh x = x^3(c_0 + c_1 x^2 + ...), from tanh' = 1 - tanh^2."""
    t = [Fraction(1)]  # tanh x = t_0 x + t_1 x^3 + ...
    for n in range(1, TERMS + 1):
        t.append(-sum((t[k] * t[n - 1 - k] for k in range(n)), Fraction(0)) / (2 * n + 1))
    return [-c for c in t[1:]]


SERIES = _coefficients()


def value(x: Any) -> tuple[Any, Any]:
    """x - tanh x: from its series where that cancels, x ± 1 and LEAST_STEP where |tanh x| is 1 and less."""

    def series(x: Any) -> tuple[Any, Any]:
        q = x * x
        y = x * q * polynomial(q, SERIES)
        return where(x == 0, x, y), unless(x == 0, 70)

    def ordinary(x: Any) -> tuple[Any, Any]:
        t, units = tanh(x)
        return combined(x, 0, -t, units)

    def far(x: Any) -> tuple[Any, Any]:
        y, units = added(x, where(x < 0, 1.0, -1.0))
        return nudged(y, LEAST_STEP, x, units)

    return split(small(x, NEAR), series, lambda x: split(large(x, FAR), far, ordinary, x), x)


def derivative(x: Any) -> tuple[Any, Any]:
    """tanh(x)^2, for small x x^2(1 - 2x^2/3), where x^2 may be a tie."""

    def square(x: Any) -> tuple[Any, Any]:
        y, units = product(x, x)
        return nudged(y, -np.maximum(to_float(magnitude(x)) ** 2 * (2 / 3), LEAST_STEP), x, units)

    def ordinary(x: Any) -> tuple[Any, Any]:
        t, units = tanh(x)
        return t * t, 2 * units + 1

    return split(small(x, TINY), square, ordinary, x)


class Tanhshrink(Elementwise):
    """tanhshrink(x) = x - tanh x.

    Special cases: tanhshrink(±0) = ±0, tanhshrink(±inf) = ±inf, tanhshrink(NaN) = NaN; the
    derivative is 1 at both infinities.

    >>> tanhshrink(1.5225147e-08), tanhshrink.gradient(1e-9)
    (np.float64(1.1764222468958728e-24), np.float64(1e-18))
    """

    spec = Spec(
        name="tanhshrink",
        definition="x - tanh x",
        reference="Paszke et al., PyTorch: An Imperative Style, High-Performance Deep Learning Library, 2019",
        range=(-inf, inf),
        symmetry="odd",
        keeps_zero=True,
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: abs(x) >= 50, None, -1),  # 1 - 4 e^-2|x|
        limits=lambda: (-inf, inf),
        derivative_limits=lambda: (1.0, 1.0),
    )


tanhshrink = Tanhshrink()
