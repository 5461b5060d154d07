"""Other people's numbers as the exact rational numbers they are."""

from __future__ import annotations

import operator
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np

LARGEST_EXPONENT = 20_000  # of 2: numbers beyond it are not written out


def exact_number(value: Any, name: str) -> Fraction:
    """The number that a real number is, exactly: binary, decimal or rational, of any library.

    Those of Python, NumPy, ml_dtypes (bfloat16), mpmath, gmpy2 and sympy are known. TypeError for what has
    no exact value of its own (strings, arrays, bools, durations, pi), ValueError for NaN, infinities and
    floating-point or decimal numbers beyond 2^±20,000.
    """
    array = hasattr(type(value), "shape") and not isinstance(value, np.generic)
    other = isinstance(value, (bool, np.bool_, np.complexfloating, np.timedelta64))
    if array or other or not hasattr(type(value), "__float__"):
        raise TypeError(f"{name} must be a real number (got {shown(value)})")
    if isinstance(value, Rational) or hasattr(type(value), "__index__"):
        return _rational(value)
    if isinstance(value, np.generic) and value.dtype.name == "bfloat16":
        value = float(value)
    if type(value).__name__ in ("mpf", "Float") and hasattr(value, "_mpf_"):  # mpmath's and sympy's
        return _of_mpf(value._mpf_, value, name)
    formula = type(value).__name__ == "constant"  # as mpmath's pi, which rounds itself when asked
    if formula or not hasattr(type(value), "as_integer_ratio"):
        raise TypeError(
            f"{name} must be a number with an exact value, binary or rational (got {shown(value)})"
        )
    if _far_out(value):
        raise _too_large(value, name)
    try:
        return Fraction(*map(int, value.as_integer_ratio()))
    except (OverflowError, ValueError):
        raise ValueError(f"{name} must be finite (got {shown(value)})") from None


def shown(value: Any) -> str:
    """A value as messages show it: cut short, and a number of too many digits by its size."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        size = Fraction(value)
        return f"about 2^{size.numerator.bit_length() - size.denominator.bit_length()}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _far_out(value: Any) -> bool:
    """Whether a Decimal or a number of gmpy2 is so large or small that it is not to be written out."""
    if isinstance(value, Decimal):
        return bool(value) and value.is_finite() and abs(value.adjusted()) > LARGEST_EXPONENT // 3
    if type(value).__name__ == "mpfr" and value.is_finite():
        return abs(int(value.as_mantissa_exp()[1])) > LARGEST_EXPONENT
    return False


def _rational(value: Any) -> Fraction:
    if hasattr(type(value), "__index__"):
        return Fraction(operator.index(value))
    parts = (value.numerator, value.denominator)
    return Fraction(*(int(part() if callable(part) else part) for part in parts))


def _of_mpf(parts: Any, value: Any, name: str) -> Fraction:
    """mpmath's sign, mantissa, exponent and number of bits."""
    sign, mantissa, exponent, bits = parts
    if not mantissa and exponent:
        raise ValueError(f"{name} must be finite (got {shown(value)})")
    if abs(exponent) + bits > LARGEST_EXPONENT:
        raise _too_large(value, name)
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def _too_large(value: Any, name: str) -> ValueError:
    return ValueError(f"{name} must be of moderate size (got {shown(value)})")
