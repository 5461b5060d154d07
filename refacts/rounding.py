"""Correct rounding: evaluate, test whether the error bound leaves one answer, else go one tier down.

A formula takes operands of one arithmetic and returns its value and a bound on the relative error
in that arithmetic's units (0: exact). The tiers, in turn: float64 (for the shorter formats),
double-double (for float64), double-double with its own exponent, and exact numbers: Fractions for
rational formulas, mpmath at doubling precision otherwise (Ziv's strategy, ACM TOMS 17(3), 1991).
"Shorter" is said of results and operands: of float64 operands, results of any format may lie closer to
a tie than float64 shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import double
from refacts.arithmetic.constants import Constant
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.exact import LAST_PRECISION, Real, context
from refacts.arithmetic.wide import Wide
from refacts.blocks import SHORT_BLOCK
from refacts.formats import REMAINDER, SIGN, Float64, Format

Number = float | Fraction | Constant
Formula = Callable[..., tuple[Any, Any]]
Settle = Callable[[Sequence[float], Format, Sequence[Number]], float | None]
FIRST_PRECISION = 256
MODERATE = (Fraction(1, 2**50), Fraction(2**50))  # magnitudes that parameters have in the faster tiers
_census: ContextVar[dict[str, int] | None] = ContextVar("census", default=None)


@contextmanager
def census() -> Iterator[dict[str, int]]:
    """Count how many elements reach each tier in the block: by the tier's name, where any do."""
    counts: dict[str, int] = {}
    token = _census.set(counts)
    try:
        yield counts
    finally:
        _census.reset(token)


def count(tier: str, elements: int) -> None:
    """Tell the census, if one is taken, that elements reach a tier."""
    counts = _census.get()
    if counts is not None:
        counts[tier] = counts.get(tier, 0) + elements


def tiers(fmt: Format, parameters: Sequence[Number] = ()) -> tuple[Any, ...]:
    """The vectorised arithmetics for a format of results and the widest operands, cheapest first.

    Extreme parameters suit the last only, and float64 cannot hold a parameter that is a Fraction.
    """
    numbers = [abs(Fraction(p)) for p in parameters if p and not isinstance(p, Constant)]
    extreme = any(not MODERATE[0] <= size <= MODERATE[1] for size in numbers)
    if extreme or fmt is SIGN or fmt is REMAINDER:  # of a value that float64 may not reach
        return (Wide,)
    short = fmt.short and not any(isinstance(p, Fraction) for p in parameters)
    return (double, DoubleDouble, Wide) if short else (DoubleDouble, Wide)


def correctly_rounded(
    formula: Formula,
    operands: Sequence[Float64],
    fmt: Format,
    parameters: Sequence[Number] = (),
    rational: bool = False,
    exactly: Settle | None = None,
) -> NDArray[Any]:
    """RN(formula(*operands, *parameters)) for 1-d arrays of finite operands.

    What no vectorised tier settles goes to `exactly(operands, fmt, parameters)`, if there is one, and
    where that returns None to the formula in Fractions if it is `rational`, else in mpmath.
    """
    first, *others = tiers(fmt, parameters)
    result, certain = _attempt(first, formula, operands, fmt, parameters)
    if certain.all():
        return result
    pending = np.flatnonzero(~certain)
    for arithmetic in others:
        certain = np.empty(pending.size, np.bool_)
        for start in range(0, pending.size, SHORT_BLOCK):
            here = slice(start, start + SHORT_BLOCK)
            rest = [x[pending[here]] for x in operands]
            result[pending[here]], certain[here] = _attempt(arithmetic, formula, rest, fmt, parameters)
        pending = pending[~certain]
    for i in pending:
        x = [float(operand[i]) for operand in operands]
        found = exactly(x, fmt, parameters) if exactly else None
        count("fractions" if rational or found is not None else "mpmath", 1)
        settle = _settled_by_fractions if rational else _settled_by_mpmath
        result[i] = settle(formula, x, fmt, parameters) if found is None else found
    return result


def _attempt(
    arithmetic: Any,
    formula: Formula,
    operands: Sequence[Float64],
    fmt: Format,
    parameters: Sequence[Number],
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    count(arithmetic.name, operands[0].size)
    lifted = map(arithmetic.lift, operands)
    value, units = formula(*lifted, *(arithmetic.constant(p) for p in parameters))
    if isinstance(value, np.ndarray):  # a formula may return plain numbers, such as 0 and 1
        value = arithmetic.lift(value)
    answer, certain = arithmetic.settle(value, units, fmt)
    if np.shape(answer) != operands[0].shape:  # a constant
        answer = np.broadcast_to(answer, operands[0].shape).copy()
        certain = np.broadcast_to(certain, operands[0].shape)
    return answer, certain


def _settled_by_fractions(
    formula: Formula, x: Sequence[float], fmt: Format, parameters: Sequence[Number]
) -> float:
    value, _ = formula(*(Fraction(q) for q in (*x, *parameters) if not isinstance(q, Constant)))
    return fmt.round_fraction(Fraction(value))


def _settled_by_mpmath(
    formula: Formula, x: Sequence[float], fmt: Format, parameters: Sequence[Number]
) -> float:
    def attempt(precision: int) -> tuple[Any, Any] | None:
        mp = context(precision)
        value, units = formula(*(Real.of(q, mp) for q in (*x, *parameters)))
        if not units < mp.ldexp(1, precision - 8):  # all digits cancelled
            return None
        y = value.value if isinstance(value, Real) else mp.mpf(value)
        return y, abs(y) * units * mp.ldexp(1, 2 - precision)

    return settled(attempt, fmt, f"x = {x}")


def settled(attempt: Callable[[int], tuple[Any, Any] | None], fmt: Format, culprit: str) -> float:
    """Double the precision until the value and error that `attempt` returns, if any, leave one answer."""
    precision = FIRST_PRECISION
    while precision <= LAST_PRECISION:
        found = attempt(precision)
        if found is not None:
            value, error = found
            lower, upper = (_rounded(end, fmt) for end in (value - error, value + error))
            same = lower == upper and np.signbit(lower) == np.signbit(upper)
            if same and error <= abs(value) * fmt.loosest:
                return lower
        precision *= 2
    raise ArithmeticError(f"{fmt.name} result not settled at {LAST_PRECISION} bits for {culprit}")


def _rounded(y: Any, fmt: Format) -> float:
    """RN of an mpf."""
    sign, mantissa, exponent, _ = y._mpf_
    return fmt.round_dyadic(-int(mantissa) if sign else int(mantissa), exponent)
