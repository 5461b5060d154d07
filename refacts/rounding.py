"""Correct rounding: evaluate, test whether the error bound leaves one answer, else go one tier down.

A formula takes operands of one arithmetic and returns its value and a bound on the relative error
in that arithmetic's units (0: exact). The tiers, in turn: float64 (for the shorter formats),
double-double (for float64), double-double with its own exponent, and exact numbers: Fractions for
rational formulas, mpmath at doubling precision otherwise (Ziv's strategy, ACM TOMS 17(3), 1991).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import double
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.exact import LAST_PRECISION, Real, context
from refacts.arithmetic.wide import Wide
from refacts.formats import FLOAT64, SIGN, Float64, Format

Formula = Callable[..., tuple[Any, Any]]
FIRST_PRECISION = 192


def tiers(fmt: Format) -> tuple[Any, ...]:
    """The vectorised arithmetics for a format, cheapest first."""
    if fmt is SIGN:  # of a value that float64 may not reach
        return (Wide,)
    return (DoubleDouble, Wide) if fmt is FLOAT64 else (double, DoubleDouble, Wide)


def correctly_rounded(
    formula: Formula,
    operands: Sequence[Float64],
    fmt: Format,
    parameters: Sequence[float | Fraction] = (),
    rational: bool = False,
) -> NDArray[Any]:
    """RN(formula(*operands, *parameters)) for 1-d arrays of finite operands."""
    first, *others = tiers(fmt)
    result, certain = _attempt(first, formula, operands, fmt, parameters)
    if certain.all():
        return result
    pending = np.flatnonzero(~certain)
    for arithmetic in others:
        rest = [x[pending] for x in operands]
        result[pending], certain = _attempt(arithmetic, formula, rest, fmt, parameters)
        pending = pending[~certain]
    settle = _settled_by_fractions if rational else _settled_by_mpmath
    for i in pending:
        result[i] = settle(formula, [float(x[i]) for x in operands], fmt, parameters)
    return result


def _attempt(
    arithmetic: Any,
    formula: Formula,
    operands: Sequence[Float64],
    fmt: Format,
    parameters: Sequence[float | Fraction],
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    lifted = map(arithmetic.lift, operands)
    value, units = formula(*lifted, *(arithmetic.constant(p) for p in parameters))
    if isinstance(value, np.ndarray):  # a formula may return plain numbers, such as 0 and 1
        value = arithmetic.lift(value)
    answer, certain = arithmetic.settle(value, units, fmt)
    return answer, certain


def _settled_by_fractions(
    formula: Formula, x: Sequence[float], fmt: Format, parameters: Sequence[float | Fraction]
) -> float:
    value, _ = formula(*(Fraction(q) for q in (*x, *parameters)))
    return fmt.round_fraction(Fraction(value))


def _settled_by_mpmath(
    formula: Formula, x: Sequence[float], fmt: Format, parameters: Sequence[float | Fraction]
) -> float:
    def attempt(precision: int) -> tuple[Any, Any]:
        mp = context(precision)
        value, units = formula(*(Real.of(q, mp) for q in (*x, *parameters)))
        return value.value, abs(value.value) * units * mp.ldexp(1, 2 - precision)

    return settled(attempt, fmt, f"x = {x}")


def settled(attempt: Callable[[int], tuple[Any, Any]], fmt: Format, culprit: str) -> float:
    """Double the precision until the value and error that `attempt` returns leave one answer."""
    precision = FIRST_PRECISION
    while precision <= LAST_PRECISION:
        value, error = attempt(precision)
        lower, upper = (_rounded(end, fmt) for end in (value - error, value + error))
        if lower == upper and np.signbit(lower) == np.signbit(upper):
            return lower
        precision *= 2
    raise ArithmeticError(f"{fmt.name} result not settled at {LAST_PRECISION} bits for {culprit}")


def _rounded(y: Any, fmt: Format) -> float:
    """RN of an mpf; an exponent far outside every format is brought near, so that 2^e is small."""
    sign, mantissa, exponent, bits = y._mpf_
    if not mantissa:
        return 0.0
    top = min(max(exponent + bits, -1200), 1200)
    q = Fraction(int(mantissa)) * Fraction(2) ** (top - bits)
    return fmt.round_fraction(-q if sign else q)
