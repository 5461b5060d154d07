"""Operands of a call and the format of its results, which `dtype=` names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from refacts.arguments import Array, refuse_overriding
from refacts.environment import standard_environment
from refacts.exact_numbers import shown
from refacts.formats import FLOAT64, Format, format_of


def as_operands(dtype: Any, **given: ArrayLike) -> tuple[Format, list[Array]]:
    """The format of results, and the operands, given by name, as arrays.

    Without a dtype it is the format of the first operand, which the others must have. With one, operands
    have any formats of their own and keep them; integers must be float64 numbers.
    """
    if dtype is not None:
        fmt = as_format(dtype)
        found = [_as_float(x, name) for name, x in given.items()]
        return fmt.of(*(own for own, _ in found)), [array for _, array in found]
    whose = ""
    arrays: list[Array] = []
    for name, x in given.items():
        if whose:
            arrays.append(_as_its_like(x, name, fmt, whose))
        else:
            whose = name
            fmt, array = _as_array(x, name)
            arrays.append(_rounded(array))
    return fmt, arrays


def as_format(dtype: Any) -> Format:
    """The format that a dtype, a scalar type or a name of NumPy's stands for; a format is one itself.

    NumPy knows the name bfloat16 once ml_dtypes is imported; a call imports nothing.
    """
    if isinstance(dtype, Format):
        return dtype
    found = _dtype_of(dtype)
    if found is not None and found.kind not in "biu":
        try:
            return format_of(found)
        except TypeError:
            pass
    allowed = "float16, bfloat16 (with ml_dtypes imported), float32 or float64"
    raise TypeError(f"dtype must be {allowed} (got {shown(dtype)})")


def _dtype_of(dtype: Any) -> np.dtype[Any] | None:
    if isinstance(dtype, np.dtype):
        return dtype
    if isinstance(dtype, type):
        concrete = dtype is float or (issubclass(dtype, np.generic) and not dtype.__subclasses__())
        return np.dtype(dtype) if concrete else None
    if isinstance(dtype, str):
        try:
            return np.dtype(dtype)
        except (TypeError, ValueError, SyntaxError):
            return None
    return None


def _as_array(x: ArrayLike, name: str) -> tuple[Format, Array]:
    """`x` as an array of a supported dtype, and the format of its numbers."""
    refuse_overriding(x, name)
    with standard_environment():
        array = np.asarray(x)  # may run code of x's own, and leave another environment behind
    try:
        return format_of(array.dtype), array
    except TypeError as error:
        raise TypeError(str(error).replace("x must be", f"{name} must be")) from None


def _rounded(array: Array) -> Array:
    """Integers and bools as float64."""
    if array.dtype.kind not in "biu":
        return array
    with standard_environment(), np.errstate(all="ignore"):
        return array.astype(np.float64)


def _as_its_like(x: ArrayLike, name: str, fmt: Format, whose: str) -> Array:
    """`x` as an array of the format of the input called `whose`.

    Values of another dtype are refused, except that Python numbers, integers and bools are taken if the
    format holds them exactly.
    """
    own, array = _as_array(x, name)
    integers = array.dtype.kind in "biu"
    if own == fmt and not integers:
        return array
    if isinstance(x, (np.ndarray, np.generic)) and not integers:
        raise TypeError(f"{name} must have the dtype of {whose}, {fmt.name} (got {own.name})")
    return _held(array, x, name, fmt, f"{fmt.name}, the dtype of {whose}, has")


def _as_float(x: ArrayLike, name: str) -> tuple[Format, Array]:
    """`x` as an array of floating-point numbers, each the same: integers that float64 rounds are refused."""
    own, array = _as_array(x, name)
    if array.dtype.kind in "biu":
        array = _held(array, x, name, FLOAT64, "float64 has")
    return own, array


def _held(array: Array, x: ArrayLike, name: str, fmt: Format, said: str) -> Array:
    """`x`, an array by now, in a format that must hold it exactly."""
    integers = array.dtype.kind in "biu"
    with standard_environment(), np.errstate(all="ignore"):
        converted = array.astype(fmt.dtype)
        back = converted.astype(np.float64)
        exact = np.array_equal(back, array.astype(np.float64), equal_nan=True)
        if exact and integers and np.abs(back).max(initial=0.0) >= 2.0**53:  # float64 may have rounded
            exact = [int(v) for v in back.flat] == [int(v) for v in array.flat]
    if not exact:
        raise TypeError(f"{name} must hold numbers that {said} (got {shown(x)})")
    return converted
