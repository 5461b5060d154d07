"""From an exact real to the nearest float of a format, and the decision that it is the nearest.

Rational reals are Fractions and rounded as they are. The others are evaluated at p and at 2p bits;
|y_2p - y_p| + 2^(4-p) * magnitude bounds what is wrong with y_2p, and y_2p counts only when all
reals that close round to one float, zero's sign included. Otherwise p doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from mpmath import libmp

from oracles.formats import Floats, Format
from oracles.precision import MAX_BITS, START_BITS, Precision, Real, at, mpf

Evaluate = Callable[[Precision], tuple[Real, Real]]


class Exact(NamedTuple):
    """One exact result.

    ``rounded``: the float of the format nearest to it. ``ulp``: the format's spacing at the exact
    value (that of the top binade beyond it). ``residual``: (exact - rounded)/ulp, NaN where
    ``rounded`` is not finite. ``real``: the exact Fraction, or an mpf good to far more bits than
    the format has; None for special inputs.
    """

    rounded: float
    residual: float
    ulp: float
    real: Any


@dataclass(frozen=True)
class Reference:
    """Exact results as three float64 arrays of one shape; the fields of ``Exact``."""

    rounded: Floats
    residual: Floats
    ulp: Floats


def collect(results: Iterable[Exact]) -> Reference:
    """Turn scalar results into arrays, in order."""
    table = np.array([result[:3] for result in results], dtype=np.float64).reshape(-1, 3)
    return Reference(*np.ascontiguousarray(table.T))


def nearest(real: Any, fmt: Format) -> float:
    """Round a finite mpf, Fraction or int to the nearest value of ``fmt``.

    Ties to even, gradual underflow, overflow to infinity; a nonzero real that rounds to zero keeps
    its sign. ValueError for an mpf that is not finite.
    """
    if not hasattr(real, "_mpf_"):
        return _nearest_fraction(Fraction(real), fmt)
    if real._mpf_ in (libmp.finf, libmp.fninf, libmp.fnan):
        raise ValueError(f"real: {real} is not a finite number")
    return _nearest_raw(real._mpf_, fmt)


def _quantum(exponent: int, fmt: Format) -> int:
    """Find q such that the format's values in the binade of ``exponent`` are multiples of 2^q."""
    return min(max(exponent, fmt.emin), fmt.emax) - fmt.precision + 1


def _assemble(units: int, quantum: int, fmt: Format) -> float:
    """Return units * 2^quantum, or infinity where that is beyond the largest finite value."""
    if units.bit_length() + quantum > fmt.emax + 1:
        return math.inf
    return math.ldexp(units, quantum)


def _nearest_raw(raw: Any, fmt: Format) -> float:
    sign, man, exp, bc = raw
    exponent = exp + bc - 1
    if not man or exponent < fmt.emin - fmt.precision:
        size = 0.0
    elif exponent > fmt.emax:
        size = math.inf
    else:
        quantum = _quantum(exponent, fmt)
        size = _assemble(int(libmp.to_int((0, man, exp - quantum, bc), "n")), quantum, fmt)
    return -size if sign else size


def _exponent(real: Fraction) -> int:
    """Return floor(log2 |real|) of a nonzero Fraction."""
    top, bottom = abs(real.numerator), real.denominator
    guess = top.bit_length() - bottom.bit_length()
    below = top << -guess < bottom if guess < 0 else top < bottom << guess
    return guess - 1 if below else guess


def _nearest_fraction(real: Fraction, fmt: Format) -> float:
    if real == 0:
        return 0.0
    quantum = _quantum(_exponent(real), fmt)
    size = _assemble(round(abs(real) / Fraction(2) ** quantum), quantum, fmt)
    return -size if real < 0 else size


def special(value: float, fmt: Format) -> Exact:
    """Wrap NaN, an infinity or a zero that comes from a special input or an exact cancellation."""
    if math.isnan(value):
        return Exact(value, math.nan, math.nan, None)
    if math.isinf(value):
        return Exact(value, math.nan, math.ldexp(1.0, _quantum(fmt.emax, fmt)), None)
    return Exact(value, 0.0, fmt.smallest_subnormal, None)


def rational(real: Fraction, fmt: Format, zero: float = 0.0) -> Exact:
    """Round a rational real; ``zero`` is what an exact zero rounds to."""
    if real == 0:
        return Exact(zero, 0.0, fmt.smallest_subnormal, real)
    ulp = math.ldexp(1.0, _quantum(_exponent(real), fmt))
    rounded = _nearest_fraction(real, fmt)
    if math.isinf(rounded):
        return Exact(rounded, math.nan, ulp, real)
    return Exact(rounded, float((real - Fraction(rounded)) / Fraction(ulp)), ulp, real)


def settle(evaluate: Evaluate, fmt: Format, describe: Callable[[], str]) -> Exact:
    """Round a real that is neither 0 nor a tie.

    ``evaluate(precision)`` returns the value at that precision and the magnitude of the largest
    term it was summed from (itself where nothing cancels). ArithmeticError, with the text of
    ``describe()``, where MAX_BITS bits do not decide.
    """
    bits = START_BITS
    coarse, _ = evaluate(at(bits))
    while 2 * bits <= MAX_BITS:
        fine, magnitude = evaluate(at(2 * bits))
        result = _decide(coarse, fine, magnitude, bits, fmt)
        if result is not None:
            return Exact(*result, mpf(fine))
        coarse, bits = fine, 2 * bits
    raise ArithmeticError(f"{describe()} in {fmt.name}: undecided at {MAX_BITS} bits")


def _decide(
    coarse: Real, fine: Real, magnitude: Real, bits: int, fmt: Format
) -> tuple[float, float, float] | None:
    """Compute rounded, residual and ulp if they are certain, None otherwise.

    All in integers, in units of 2^unit, so that nothing is rounded on the way.
    """
    sign, man, exp, bc = fine._mpf_
    coarse_sign, coarse_man, coarse_exp, coarse_bc = coarse._mpf_
    _, _, magnitude_exp, magnitude_bc = magnitude._mpf_
    top, magnitude_top = exp + bc, magnitude_exp + magnitude_bc
    if not (man and coarse_man and sign == coarse_sign and abs(coarse_exp + coarse_bc - top) < 2):
        return None
    if magnitude_top - top > bits:
        return None
    unit = min(exp, coarse_exp, top - 2 * bits)
    centre = man << (exp - unit)
    apart = abs(centre - (coarse_man << (coarse_exp - unit)))
    error = apart + (1 << (magnitude_top + 4 - bits - unit))
    if error >= centre:
        return None
    low, high = centre - error, centre + error
    rounded = _nearest_raw((sign, low, unit, low.bit_length()), fmt)
    if rounded != _nearest_raw((sign, high, unit, high.bit_length()), fmt):
        return None
    # At the far end, not the centre: a hair below a power of two is taken as at it.
    quantum = _quantum(high.bit_length() + unit - 1, fmt)
    ulp = math.ldexp(1.0, quantum)
    if math.isinf(rounded):
        return rounded, math.nan, ulp
    rest = libmp.mpf_sub(fine._mpf_, libmp.from_float(rounded), 64, "n")
    return rounded, libmp.to_float(libmp.mpf_shift(rest, -quantum)), ulp
