"""What users pass in: checked, converted to arrays, and refused by sentences that name the culprit."""

from __future__ import annotations

import sys
from fractions import Fraction
from math import inf, nextafter
from sys import float_info
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refacts.environment import standard_environment
from refacts.exact_numbers import exact_number, shown
from refacts.formats import Format

Array = NDArray[Any]


def refuse_overriding(x: Any, name: str) -> None:
    """TypeError for what would lose a mask or a unit: masked arrays, and types with ufuncs of their own."""
    masked = sys.modules.get("numpy.ma")  # not imported, no array is masked; and importing takes a lock
    if masked is not None and isinstance(x, masked.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: its mask would be ignored")
    if isinstance(x, (list, tuple)):
        for item in x:
            if not isinstance(item, (float, int)):
                refuse_overriding(item, name)
        return
    own = getattr(type(x), "__array_ufunc__", np.ndarray.__array_ufunc__)
    pandas = any(kind.__module__.partition(".")[0] == "pandas" for kind in type(x).__mro__)
    if own is not np.ndarray.__array_ufunc__ and not isinstance(x, np.generic) and not pandas:
        raise TypeError(
            f"{name} must be a plain array (got {type(x).__name__}, which has ufuncs of its own: units and "
            f"masks would be lost): pass np.asarray({name})"
        )


def require_same_shape(g: Array, x: Array, name: str, whose: str = "x") -> None:
    """ValueError unless `g` has the shape of `x`."""
    require_shape(g, name, whose, x.shape)


def require_shape(g: Array, name: str, whose: str, shape: tuple[int, ...]) -> None:
    """ValueError unless `g` has this shape."""
    if g.shape != shape:
        raise ValueError(f"{name} must have the shape of {whose}, {shape} (got {g.shape})")


def as_output(out: Array | None, like: Array, fmt: Format, shape: Any = None) -> Array:
    """`out` if it can take the result, or a new array laid out like the input."""
    shape = like.shape if shape is None else shape
    if out is None:
        if shape == like.shape:
            return np.empty_like(like, dtype=fmt.dtype, subok=False)
        return np.empty(shape, fmt.dtype)
    refuse_overriding(out, "out")
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be an array (got {type(out).__name__})")
    if out.dtype.newbyteorder("=") != fmt.dtype:
        raise TypeError(f"out must have dtype {fmt.name} (got {out.dtype})")
    if out.shape != shape:
        raise ValueError(f"out must have shape {shape} (got {out.shape})")
    if not out.flags.writeable:
        raise ValueError("out must be writeable (got a read-only array)")
    return out


def finished(result: Array, out: Array | None) -> Any:
    """What a call returns: `out` itself, a scalar for 0-d input, else the new array."""
    if out is not None:
        return out
    return result[()] if result.ndim == 0 else result


def finite_parameter(value: Any, name: str) -> float | Fraction:
    """A parameter as the exact number it is: a float, or a Fraction where float64 cannot hold it."""
    exact = exact_number(value, name)
    if Fraction(2) ** -900 <= abs(exact) <= Fraction(2) ** 1000:
        return float(exact) if Fraction(float(exact)) == exact else exact
    if abs(exact) < Fraction(2) ** 1023 and Fraction(float(exact)) == exact:
        return float(exact)  # a real zero has no sign
    allowed = "a float64 of magnitude below 2^1023 or an exact number of magnitude in [2^-900, 2^1000]"
    size = exact.numerator.bit_length() - exact.denominator.bit_length()
    got = shown(value) if abs(size) < 100 else f"about 2^{size}"
    raise ValueError(f"{name} must be {allowed} (got {got})")


def as_weight(weight: Any) -> Any:
    """A float, or a read-only float64 array that copies an array of real numbers that float64 holds.

    TypeError for other dtypes, ValueError for NaN, infinities and numbers that float64 would round.
    """
    refuse_overriding(weight, "weight")
    numbers = not isinstance(weight, (np.ndarray, np.generic)) and not hasattr(weight, "__array__")
    try:
        with standard_environment():
            array = np.array(weight)  # may run code of its own; refuses what is ragged
            array = np.array(weight, object) if numbers else array  # numbers not yet made one dtype
    except ValueError as error:
        raise ValueError(f"weight must be a number or an array ({error})") from None
    with standard_environment(), np.errstate(all="ignore"):
        copy = _as_float64(array)
        copy[copy == 0] = 0.0  # zeros have no sign
    copy.flags.writeable = False
    return copy if copy.ndim else float(copy)


def _as_float64(array: Array) -> Array:
    """The numbers of an array of any dtype that has some, each the same in float64."""
    known = array.dtype.kind == "f" and array.dtype.itemsize <= 8
    if known or array.dtype.newbyteorder("=").name == "bfloat16":
        copy = array.astype(np.float64)
        if not np.isfinite(copy).all():
            raise ValueError(f"weight must be finite (got {copy[~np.isfinite(copy)][0]})")
        return copy
    if array.dtype.kind not in "iufO":
        raise TypeError(f"weight must hold real numbers that float64 holds (got dtype {array.dtype})")
    copy = np.empty(array.shape)
    for place, number in enumerate(array.flat if array.dtype.kind in "fO" else array.ravel().tolist()):
        exact = exact_number(number, "weight")
        if abs(exact) > float_info.max or Fraction(float(exact)) != exact:
            raise ValueError(f"weight must be float64 numbers (got {shown(number)})")
        copy.flat[place] = float(exact)
    return copy


def float_from(q: float | Fraction) -> float:
    """The least float64 that is not below q, so that x >= q can be asked of floats."""
    if not -float_info.max <= q <= float_info.max:
        return inf if q > 0 else -float_info.max
    below = float(q)
    return below if Fraction(below) >= q else nextafter(below, inf)


def float_above(q: float | Fraction) -> float:
    """The least float64 above q, so that x > q can be asked of floats."""
    least = float_from(q)
    return least if Fraction(least) > q else nextafter(least, inf)


def require_axis(axis: Any) -> int:
    """`axis` as an int; TypeError for anything else."""
    if isinstance(axis, (bool, np.bool_)) or not isinstance(axis, (int, np.integer)):
        raise TypeError(f"axis must be an integer (got {axis!r})")
    return int(axis)


def require_flag(flag: Any, name: str) -> bool:
    """`flag` as a bool; TypeError for anything else."""
    if not isinstance(flag, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False (got {flag!r})")
    return bool(flag)


def normalized_axis(axis: int, ndim: int) -> int:
    """`axis` as an index from the front; AxisError, which is a ValueError, if x has none such."""
    if not -ndim <= axis < ndim:
        allowed = f"{-ndim} to {ndim - 1}" if ndim else "none for a 0-d x"
        raise np.exceptions.AxisError(
            f"axis {axis} is out of range for x of {ndim} dimensions (allowed: {allowed})"
        )
    return axis % ndim


def as_mask(where: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """`where` broadcast to `shape`, or None."""
    if where is None:
        return None
    refuse_overriding(where, "where")
    mask = np.asarray(where)
    if mask.dtype != np.bool_:
        raise TypeError(f"where must be boolean (got dtype {mask.dtype})")
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        message = f"where must broadcast to the shape of x, {shape} (got {mask.shape})"
        raise ValueError(message) from None
