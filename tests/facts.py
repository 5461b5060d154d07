"""What a spec says of its function, as demands on the bits. Each raises AssertionError with a sentence."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from refacts.oracles import Format, nearest

from tests.checks import as_float64, call, same_bits
from tests.strategies import format_of


def neighbours(points: Any) -> Any:
    """The numbers among `points` and the floats next to each, ascending."""
    points = points[~np.isnan(as_float64(points))].ravel()
    points = points.astype(format_of(points).dtype)
    with np.errstate(all="ignore"):
        steps = [np.nextafter(points, points.dtype.type(s)) for s in (-np.inf, np.inf)]
        return np.sort(np.concatenate([points, *steps]))


def never_falls(kernel: Any, quantity: str, x: Any, rises: bool = True) -> None:
    """x <= y implies f(x) <= f(y), across neighbouring floats too (or >= where it never rises)."""
    points = neighbours(x)
    y = as_float64(call(kernel, quantity, points))
    wrong = y[1:] < y[:-1] if rises else y[1:] > y[:-1]
    name = f"{kernel.spec.name}.{quantity}"
    assert not wrong.any(), f"{name} {'falls' if rises else 'rises'} after {points[:-1][wrong][:1]!r}"


def keeps_symmetry(kernel: Any, x: Any) -> None:
    """f(-x) = -f(x), bit for bit, for odd f; an even derivative for every symmetry, but for kinks.

    For "point", f(-x) + f(x) = 1: each of two numbers in [0, 1] is off by at most half of 2^-precision.
    """
    down, up = (np.asarray(call(kernel, "value", s * x)) for s in (-1, 1))
    if kernel.fact("symmetry") == "odd":
        assert same_bits(down, -up), f"{kernel.spec.name} is not odd at {x!r}"
    else:
        low, high = np.sort([as_float64(down), as_float64(up)], axis=0)
        off = np.abs(low + (high - 1))  # the difference is exact
        apart = ~np.isnan(off) & (off > 2.0 ** -format_of(x).precision)
        assert not apart.any(), f"{kernel.spec.name}: f(-x) + f(x) is not 1 at {x!r}"
    kinks = [nearest(Fraction(k), format_of(x)) for k in kernel.fact("kinks")]
    smooth = ~np.isin(np.abs(as_float64(x)), np.abs(kinks))  # at a kink the right one counts
    slopes = [np.asarray(call(kernel, "derivative", s * x))[smooth] for s in (-1, 1)]
    assert same_bits(*slopes), f"{kernel.spec.name}.gradient is not even at {x!r}"


def is_monotone(kernel: Any, x: Any) -> None:
    """f never falls."""
    never_falls(kernel, "value", x)


def is_convex(kernel: Any, x: Any) -> None:
    """f' never falls where f is convex, never rises where it is concave."""
    never_falls(kernel, "derivative", x, rises=kernel.fact("convexity") == "convex")


def stays_in_range(kernel: Any, x: Any) -> None:
    """Values lie in the range of the exact function, ends included and rounded; NaN comes of NaN alone."""
    y = as_float64(call(kernel, "value", x))
    low, high = (
        nearest(Fraction(end), format_of(x)) if math.isfinite(end) else end for end in kernel.fact("range")
    )
    inside = (y >= low) & (y <= high) | np.isnan(y)
    assert inside.all(), f"{kernel.spec.name} leaves [{low}, {high}]: {y[~inside][:1]}"
    assert (np.isnan(y) == np.isnan(as_float64(x))).all(), f"{kernel.spec.name} loses or makes NaN"


def reaches_its_range(kernel: Any, fmt: Format) -> None:
    """Both ends of the range, rounded, are among the values, or are next to one."""
    points = [0.0, -np.inf, np.inf, -fmt.max, fmt.max, *kernel.fact("kinks"), *kernel.fact("stationary")]
    x = np.array([p if math.isinf(p) else nearest(Fraction(p), fmt) for p in points])
    y = as_float64(call(kernel, "value", neighbours(fmt.encode(x))))
    for found, end, side in zip((np.min(y), np.max(y)), kernel.fact("range"), (1, -1), strict=True):
        want = fmt.encode(nearest(Fraction(end), fmt) if math.isfinite(end) else end)
        inside = np.nextafter(want, fmt.encode(side * np.inf))  # an end that is not reached
        told = f"{kernel!r} in {fmt.name} ends at {found}, not at {want}"
        assert found in (float(want), float(inside)), told


def keeps_zero(kernel: Any, dtype: Any) -> None:
    """f(±0) = ±0 where the spec says so, and only there."""
    zeros = np.array([0.0, -0.0], dtype)
    kept = same_bits(call(kernel, "value", zeros), zeros)
    assert kept == kernel.fact("keeps_zero"), f"{kernel!r}(±0) = {call(kernel, 'value', zeros)!r}"


def approaches_its_limits(kernel: Any, dtype: Any) -> None:
    """At ±inf the limit comes back, zeros and infinities with their sign."""
    ends = np.array([-np.inf, np.inf], dtype)
    for quantity, limits in (("value", "limits"), ("derivative", "derivative_limits")):
        at = as_float64(call(kernel, quantity, ends))
        for y, limit in zip(at.tolist(), kernel.fact(limits), strict=True):
            special = math.isinf(limit) or limit == 0
            want = float(limit) if special else math.copysign(y, float(limit))
            told = f"{kernel!r}.{quantity} goes to {limit}, not {y}"
            assert y == want, told
            assert math.copysign(1, y) == math.copysign(1, want), told


def ends_at_its_limits(kernel: Any, dtype: Any) -> None:
    """The largest finite inputs give what infinite ones do, or a subnormal where that is 0, or go there."""
    far = np.array([-1, 1], dtype) * np.finfo(dtype).max
    for quantity in ("value", "derivative"):
        out, at = (np.asarray(call(kernel, quantity, x)) for x in (far, far * np.array(np.inf, dtype)))
        there = (out == at) | ((at == 0) & (np.abs(out) < np.finfo(dtype).smallest_normal)) | np.isinf(at)
        told = f"{kernel!r}.{quantity} far out is {out}, at the end {at}"
        assert there.all(), told
        assert (np.signbit(out) == np.signbit(at)).all(), told


def turns_at(kernel: Any, dtype: Any) -> None:
    """f' has one sign just before a stationary point and the other just after."""
    for point in kernel.fact("stationary"):
        around = np.sort(np.array([point], dtype) * (1 + np.array([2, -2], dtype) * np.finfo(dtype).eps))
        before, after = as_float64(call(kernel, "derivative", around)).tolist()
        assert before * after < 0, f"{kernel.spec.name}.gradient around {point} is {before}, {after}"


def bends_at(kernel: Any, dtype: Any) -> None:
    """At a kink the derivative is the one just to the right, and not the one just to the left."""
    for kink in kernel.fact("kinks"):
        nearest_one = nearest(Fraction(kink), format_of(np.empty(0, dtype)))
        if math.isinf(nearest_one) or Fraction(nearest_one) != Fraction(kink):
            continue  # no float of this format lies there
        at = np.array([nearest_one], dtype)
        left, right = (np.nextafter(at, np.array(s, dtype)) for s in (-np.inf, np.inf))
        slope, before, after = (np.asarray(call(kernel, "derivative", x)) for x in (at, left, right))
        assert not same_bits(slope, before), f"{kernel!r}.gradient({kink}) is {slope}, as to the left"
        apart = [abs(float(slope[0]) - float(side[0])) for side in (before, after)]
        assert apart[1] < apart[0], f"{kernel!r}.gradient({kink}) is {slope}, to the right it is {after}"
