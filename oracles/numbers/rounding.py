"""From an exact real to the nearest float of a format, and the decision that it is the nearest.

Rational reals are Fractions and rounded as they are. The others are evaluated by an arithmetic that
bounds its own error, cancellation included, and the result counts only when all reals within that
bound round to one float, zero's sign included. Otherwise the precision doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from mpmath import libmp
from refacts.oracles.numbers.formats import Floats, Format
from refacts.oracles.numbers.precision import MAX_BITS, START_BITS, Precision, at, mpf
from refacts.oracles.numbers.real import Real

Evaluate = Callable[[Precision], Real]
Number = float | Fraction
GOOD_BITS = 96  # of a result, so that its residual means something however it was decided
_good_bits = ContextVar("bits of a result that are right", default=GOOD_BITS)


class Exact(NamedTuple):
    """One exact result.

    ``rounded``: the float of the format nearest to it. ``ulp``: the format's spacing at the exact
    value (that of the top binade beyond it). ``residual``: (exact - rounded)/ulp, NaN where
    ``rounded`` is not finite. ``real``: the exact Fraction, or an mpf good to 96 bits, within
    ``digits`` to more; None for special inputs, and beside 0 or infinity.
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


@contextmanager
def digits(count: int) -> Iterator[None]:
    """Within the block the real of every result is good to ``count`` decimal digits at least."""
    token = _good_bits.set(max(GOOD_BITS, math.ceil(count * math.log2(10)) + 4))
    try:
        yield
    finally:
        _good_bits.reset(token)


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


def _exponent(top: int, bottom: int) -> int:
    """Return floor(log2(top / bottom)) of two positive integers."""
    guess = top.bit_length() - bottom.bit_length()
    below = top << -guess < bottom if guess < 0 else top < bottom << guess
    return guess - 1 if below else guess


def _nearest_fraction(real: Fraction, fmt: Format) -> float:
    return _rounded_fraction(real, fmt)[0] if real.numerator else 0.0


def _rounded_fraction(real: Fraction, fmt: Format) -> tuple[float, float, int]:
    """Return rounded, the residual, as if nothing overflowed, and the quantum; in integers throughout."""
    sign, top, bottom = (-1 if real.numerator < 0 else 1), abs(real.numerator), real.denominator
    quantum = _quantum(_exponent(top, bottom), fmt)
    if quantum < 0:
        top <<= -quantum
    else:
        bottom <<= quantum
    units, rest = divmod(top, bottom)
    if 2 * rest > bottom or (2 * rest == bottom and units % 2):
        units, rest = units + 1, rest - bottom
    return sign * _assemble(units, quantum, fmt), sign * rest / bottom, quantum


def special(value: float, fmt: Format) -> Exact:
    """Wrap NaN, an infinity or a zero that comes from a special input or an exact cancellation."""
    if math.isnan(value):
        return Exact(value, math.nan, math.nan, None)
    if math.isinf(value):
        return Exact(value, math.nan, math.ldexp(1.0, _quantum(fmt.emax, fmt)), None)
    return Exact(value, 0.0, fmt.smallest_subnormal, Fraction(0))


def rational(real: Fraction, fmt: Format, zero: float = 0.0) -> Exact:
    """Round a rational real; ``zero`` is what an exact zero rounds to."""
    if not real.numerator:
        return Exact(zero, 0.0, fmt.smallest_subnormal, real)
    rounded, residual, quantum = _rounded_fraction(real, fmt)
    return Exact(rounded, math.nan if math.isinf(rounded) else residual, math.ldexp(1.0, quantum), real)


def beside(limit: Number, side: int, fmt: Format, bits: int = 2200) -> Exact:
    """Round a real strictly between ``limit`` and limit + side * |limit| / 2^bits, side 1 or -1.

    Or closer to 0 than 2^-1100 if that is the limit, or beyond every format if that is infinite;
    digits are known of neither. ArithmeticError where a rounding boundary lies within, which only
    a limit that is no float brings about.
    """
    if limit == 0:
        return special(math.copysign(0.0, side), fmt)._replace(real=None)
    if limit in (math.inf, -math.inf):
        return special(float(limit), fmt)
    centre = Fraction(limit)
    near, far = rational(centre, fmt), rational(centre + side * abs(centre) / 2**bits, fmt)
    if near.rounded != far.rounded and centre / Fraction(near.ulp) % 1 != Fraction(1, 2):
        raise ArithmeticError(f"just beside {limit!r} in {fmt.name}: undecided")
    return far


def settle(evaluate: Evaluate, fmt: Format, describe: Callable[[], str], step: int = 0) -> Exact:
    """Round a real that is neither 0 nor a tie.

    ``evaluate(precision)`` returns the real as worked out at that precision, which doubles, or
    grows by ``step`` bits where that is more, until the bound on its error decides.
    ArithmeticError, with the text of ``describe()``, where MAX_BITS bits do not.
    """
    bits = START_BITS
    while True:
        real = evaluate(at(bits))
        result = _decide(real, fmt)
        if result is not None:
            return Exact(*result, mpf(real))
        if bits == MAX_BITS:
            raise ArithmeticError(f"{describe()} in {fmt.name}: undecided at {MAX_BITS} bits")
        bits = min(bits + max(bits, step), MAX_BITS)


def _decide(real: Real, fmt: Format) -> tuple[float, float, float] | None:
    """Compute rounded, residual and ulp if they are certain, None otherwise.

    All in integers, in units of 2^unit, so that nothing is rounded on the way.
    """
    sign, man, exp, bc = real._mpf_
    if real.lost > real.bits - _good_bits.get():
        return None
    bound = exp + bc + max(real.lost, -real.bits) - real.bits
    unit = min(exp, bound)
    centre, error = man << (exp - unit), 1 << (bound - unit)
    low, high = centre - error, centre + error
    rounded = _nearest_raw((sign, low, unit, low.bit_length()), fmt)
    if rounded != _nearest_raw((sign, high, unit, high.bit_length()), fmt):
        return None
    # At the far end, not the centre: a hair below a power of two is taken as at it.
    quantum = _quantum(high.bit_length() + unit - 1, fmt)
    ulp = math.ldexp(1.0, quantum)
    if math.isinf(rounded):
        return rounded, math.nan, ulp
    rest = libmp.mpf_sub(real._mpf_, libmp.from_float(rounded), 64, "n")
    return rounded, libmp.to_float(libmp.mpf_shift(rest, -quantum)), ulp
