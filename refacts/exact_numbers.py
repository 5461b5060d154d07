"""Other people's numbers as the exact rational numbers they are."""

from __future__ import annotations

import operator
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np

LARGEST_EXPONENT = 20_000  # of 2: numbers beyond it are not written out


def exact_number(value: Any, name: str) -> Fraction:
    """The number that a real number is, exactly: binary, decimal or rational, of any library.

    Those of Python, NumPy, ml_dtypes, mpmath, gmpy2 and sympy are known. TypeError for what has no exact
    value of its own (strings, arrays, bools, pi), ValueError for NaN, infinities and numbers of more than
    20,000 bits before or behind the point.
    """
    array = hasattr(type(value), "shape") and not isinstance(value, np.generic)
    other = isinstance(value, (bool, np.bool_, np.complexfloating)) or not hasattr(type(value), "__float__")
    if array or other:
        raise TypeError(f"{name} must be a real number (got {value!r})")
    if isinstance(value, Rational) or hasattr(type(value), "__index__"):
        return _rational(value)
    if isinstance(value, np.generic) and value.dtype.name == "bfloat16":
        value = float(value)
    if type(value).__name__ in ("mpf", "Float") and hasattr(value, "_mpf_"):
        return _of_mpf(value._mpf_, value, name)
    if type(value).__name__ == "mpq" and hasattr(value, "_mpq_"):
        return Fraction(*map(int, value._mpq_))
    if not hasattr(type(value), "as_integer_ratio"):  # as mpmath's pi, a formula
        raise TypeError(f"{name} must be a number with an exact value, binary or rational (got {value!r})")
    if abs(getattr(value, "adjusted", int)()) > LARGEST_EXPONENT:  # of a Decimal, a power of 10
        raise _too_long(value, name)
    try:
        return Fraction(*map(int, value.as_integer_ratio()))
    except (OverflowError, ValueError):
        raise ValueError(f"{name} must be finite (got {value!r})") from None


def _rational(value: Any) -> Fraction:
    if hasattr(type(value), "__index__"):
        return Fraction(operator.index(value))
    parts = (value.numerator, value.denominator)
    return Fraction(*(int(part() if callable(part) else part) for part in parts))


def _of_mpf(parts: Any, value: Any, name: str) -> Fraction:
    """mpmath's sign, mantissa, exponent and number of bits."""
    sign, mantissa, exponent, bits = parts
    if not mantissa and exponent:
        raise ValueError(f"{name} must be finite (got {value!r})")
    if abs(exponent) + bits > LARGEST_EXPONENT:
        raise _too_long(value, name)
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def _too_long(value: Any, name: str) -> ValueError:
    return ValueError(f"{name} must be of moderate size (got {value!r})")
