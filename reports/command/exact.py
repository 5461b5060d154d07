"""One exact result, written out: 40 digits, the nearest float, and how close a call it was."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from mpmath import MPContext, libmp
from refacts.oracles import DEFINITIONS, Exact, Format
from refacts.oracles.numbers.precision import MAX_BITS, Real, at
from refacts.reports.literals import read, rounded
from refacts.reports.notation import bits, decimal, hexadecimal

from refacts import oracles
from refacts.activation import Activation

DIGITS = 40
_BITS = 192  # of which 40 digits need 133


def lines(activation: Activation, quantity: str, text: str, fmt: Format) -> list[str]:
    """What `refacts exact` prints for an elementwise activation.

    ``text`` is the number x as typed; ValueError if it is none.
    """
    number = read(text)
    x = rounded(number, fmt)
    name = activation.spec.name
    exact = oracles.exact(name, quantity, x, fmt, activation.parameters)
    call = f"{name}{'.gradient' if quantity == 'derivative' else ''}"
    parameters = "".join(f", {k}={v}" for k, v in activation.parameters.items())
    note = "" if x == number or math.isnan(x) else f"  ({text.strip()} rounded to {fmt.name})"
    return [
        f"{call}(x{parameters}), {fmt.name}",
        f"x         {_written(x, fmt)}{note}",
        f"exact     {_digits(exact, activation, quantity, x)}",
        f"rounded   {_written(exact.rounded, fmt)}",
        f"distance  {_distance(exact, x, fmt)}",
    ]


def _written(value: float, fmt: Format) -> str:
    return f"{decimal(value, fmt)} = {hexadecimal(value)} (bits {bits(value, fmt)})"


def _digits(exact: Exact, activation: Activation, quantity: str, x: float) -> str:
    if exact.real is None:
        return f"{exact.rounded!r}, {_special(exact.rounded, x)}"
    context = MPContext()
    context.prec = _BITS
    if isinstance(exact.real, Fraction):
        real = context.mpf(exact.real.numerator) / exact.real.denominator
    else:
        real = context.make_mpf(_precise(activation, quantity, x)._mpf_)
    return str(context.nstr(real, DIGITS, strip_zeros=False))


def _special(rounded: float, x: float) -> str:
    if math.isnan(x):
        return "not a number"
    if math.isinf(x):
        return "the limit"
    return "nearly: its magnitude is " + ("below 2^-1100" if rounded == 0 else "2^2200 or more")


def _precise(activation: Activation, quantity: str, x: float) -> Real:
    """The result to 40 digits and more; the oracle stops where the rounding is certain."""
    definition = DEFINITIONS[activation.spec.name]
    line = definition.value if quantity == "value" else definition.derivative
    bits = _BITS
    while bits <= MAX_BITS:
        precision = at(bits)
        numbers = {key: precision.number(number) for key, number in activation.parameters.items()}
        real: Real = line(precision, precision.number(x), **numbers)
        if bits - real.lost > _BITS - 32:
            return real
        bits *= 2
    raise ArithmeticError(f"{activation} at {x!r}: no {DIGITS} digits at {MAX_BITS} bits")


def _distance(exact: Exact, x: float, fmt: Format) -> str:
    if exact.real is None and (exact.rounded != 0 or math.isinf(x)):
        return "none: not rounded"
    if exact.real is None:
        return "0.5 ulp from the nearest rounding boundary"
    if exact.real == 0:
        return f"0.5 ulp from the nearest rounding boundary ({fmt.name} holds the result exactly)"
    ulps = boundary_distance(exact, fmt)
    if ulps == 0:
        return "0 ulp: the result lies on a rounding boundary, and the tie went to the even float"
    near = f"{float(ulps):.4g}" if ulps > Fraction(2) ** -1000 else f"about 2^{_magnitude(ulps)}"
    return f"{near} ulp from the nearest rounding boundary"


def _magnitude(q: Fraction) -> int:
    return q.numerator.bit_length() - q.denominator.bit_length()


def boundary_distance(exact: Exact, fmt: Format) -> Fraction:
    """From the exact result to the nearest midpoint of two neighbouring floats, in its ulp.

    Beyond the largest float its neighbour is 2^(emax+1), where overflow begins.
    """
    real = abs(_fraction(exact.real))
    size = min(Fraction(fmt.max), Fraction(abs(exact.rounded)) if math.isfinite(exact.rounded) else real)
    above = size + Fraction(_spacing_above(float(size), fmt)) / 2
    below = size - Fraction(_spacing_below(float(size), fmt)) / 2
    return min(abs(real - above), abs(real - below)) / Fraction(exact.ulp)


def _fraction(real: Any) -> Fraction:
    """The number as a Fraction; 0 for one too small for any format and for a Fraction."""
    if isinstance(real, Fraction):
        return real
    _, _, exp, bc = real._mpf_
    return Fraction(*libmp.to_rational(real._mpf_)) if exp + bc > -5000 else Fraction(0)


def _spacing_above(size: float, fmt: Format) -> float:
    """Distance from ``size`` >= 0 to the next larger value."""
    exponent = max(math.frexp(size)[1] - 1, fmt.emin) if size else fmt.emin
    return math.ldexp(1.0, exponent - fmt.precision + 1)


def _spacing_below(size: float, fmt: Format) -> float:
    """Distance from ``size`` >= 0 to the next smaller value; zero's is that of -0's mirror image."""
    fraction, exponent = math.frexp(size)
    lower = fraction == 0.5 and exponent - 1 > fmt.emin
    return _spacing_above(size, fmt) / (2 if lower else 1)
