"""Elementary functions that formulas use, whatever the arithmetic of their operand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from refacts.arithmetic import double
from refacts.arithmetic.constants import Constant
from refacts.arithmetic.errors import FLOATS, magnitude, to_float
from refacts.arithmetic.exact import Real

SATURATION = 2800.0  # vectorised arithmetics hold exponents within it, so that larger ones err no more


def exp(x: Any) -> Any:
    """e^x, to 8 units."""
    return np.exp(x) if isinstance(x, FLOATS) else x.exp()


def exp_of(x: Any, units: Any) -> tuple[Any, Any]:
    """e^x of an x in error itself, and the error in units."""
    if isinstance(units, int) and units == 0:
        return exp(x), 8
    return exp(x), 8 + units * (1 + bounded(x))


def bounded(x: Any) -> Any:
    """|x| to the precision of a bound, held within SATURATION where e^x is; in mpmath it is not."""
    size = to_float(magnitude(x))
    return size if isinstance(x, Real) else np.minimum(size, SATURATION)


def expm1(x: Any) -> tuple[Any, int]:
    """e^x - 1 and its error in units."""
    return (np.expm1(x), 8) if isinstance(x, FLOATS) else x.expm1()


def log1p(x: Any) -> Any:
    """log(1 + x) for x in [0, 2^1000), to 8 units."""
    return np.log1p(x) if isinstance(x, FLOATS) else x.log1p()


def sqrt(x: Any) -> Any:
    """The square root of x > 0, to 1 unit."""
    return np.sqrt(x) if isinstance(x, FLOATS) else x.sqrt()


def tanh(x: Any) -> tuple[Any, int]:
    """tanh x and its error in units."""
    return (np.tanh(x), 8) if isinstance(x, FLOATS) else x.tanh()


def mills(x: Any) -> tuple[Any, int]:
    """(1 - Phi(x))/phi(x) for x in [0, 70], and its error in units."""
    return double.mills(x) if isinstance(x, FLOATS) else x.mills()


def polynomial(x: Any, coefficients: Sequence[Fraction]) -> Any:
    """The sum of c_n x^n for |x| < 2^-8 and c_n falling at least as 2^-n, to 64 units."""
    return double.polynomial(x, coefficients) if isinstance(x, FLOATS) else x.polynomial(coefficients)


def lifted(c: float | Fraction | Constant, x: Any) -> Any:
    """A number in the arithmetic of x, to 1 unit."""
    if isinstance(x, FLOATS):
        return double.constant(c)
    return Real.of(c, x.context) if isinstance(x, Real) else type(x).constant(c)


def total(x: Any) -> tuple[Any, int]:
    """The sum along the last axis, kept as length 1, and its error in units of the sum of |x|."""
    return double.total(x) if isinstance(x, FLOATS) else _halved(x)


def _halved(x: Any) -> tuple[Any, int]:
    """Sum by halving: an element passes through at most 2 log2(n) additions."""
    n = x.hi.shape[-1]
    units = 2 * n.bit_length()
    odd = []
    while n > 1:
        if n % 2:
            odd.append(x[..., n - 1 : n])
        n //= 2
        x = x[..., :n] + x[..., n : 2 * n]
    for rest in odd:
        x = x + rest
    return x, units
