"""Hypothesis strategies: arrays of every format, shape and layout, and where functions turn."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from refacts.oracles import FORMATS, Format, nearest

FORMAT_NAMES = tuple(FORMATS)

# Edges of under- and overflow in every format, where results reach their limits, where tiers,
# series and argument reductions switch.
TURNS = (
    *(2.0**-1000, 2.0**-800, 2.0**-790, 2.0**-776, 2.0**-400, 2.0**-390),
    *(0.0, 2.0**-110, 2.0**-60, 2.0**-56, 2.0**-54, 2.0**-30, 2.0**-28, 2.0**-27, 1e-9, 3.4e-4, 0.02),
    *(0.0625, 0.125, 0.5, 1.0, 2.0, 3.0, 4.5, 6.0, 9.01, 9.7, 13.2, 14.2, 16.6, 17.3),
    *(19.06, 20.0, 25.0, 36.7, 38.5, 44.0, 52.0, 54.0, 60.0, 64.0, 87.3, 88.7, 103.97, 312.0, 372.6, 624.0),
    *(708.4, 745.13, 1600.0, 2048.0, 2800.0, 1e30, 1e100, 1e283),
)
LAYOUTS = ("plain", "reversed", "strided", "fortran", "transposed", "swapped")
NEAR = 64


def turning_points(kernel: Any) -> tuple[float | Fraction, ...]:
    """Where results of a kernel may go wrong, if anywhere: its own points and those of all, either sign."""
    own = () if kernel.spec.kind == "rowwise" else (*kernel.fact("kinks"), *kernel.fact("stationary"))
    return tuple(dict.fromkeys([*own, *(s * p for p in TURNS for s in (1, -1))]))


def patterns(fmt: Format, kernel: Any) -> st.SearchStrategy[int]:
    """Bit patterns: uniform, special, or within 64 of a point where the activation turns."""
    return _patterns(fmt.name, turning_points(kernel))


@cache
def _patterns(format_name: str, points: tuple[float | Fraction, ...]) -> st.SearchStrategy[int]:
    fmt = FORMATS[format_name]
    top = 1 << (fmt.bits - 1)  # the sign
    values = [nearest(Fraction(point), fmt) for point in points]
    centres = fmt.bit_patterns(np.array([v for v in values if np.isfinite(v)])).astype(object).tolist()
    near = st.tuples(st.sampled_from(centres), st.integers(-NEAR, NEAR)).map(
        lambda pair: pair[0] & top | max((pair[0] & (top - 1)) + pair[1], 0)
    )
    special = [0.0, np.inf, np.nan, fmt.max, fmt.smallest_subnormal]
    codes = st.sampled_from([int(fmt.bit_patterns(v)) for v in special])
    signed = st.tuples(codes, st.sampled_from([0, top])).map(lambda pair: pair[0] | pair[1])
    return st.one_of(_uniform(fmt.bits), near, signed)


def _uniform(bits: int) -> st.SearchStrategy[int]:
    """Integers of that many bits; Hypothesis favours small ones when asked for over 24 at once."""
    parts = st.tuples(*[st.integers(0, 2**16 - 1)] * (bits // 16))
    return parts.map(lambda drawn: sum(part << 16 * k for k, part in enumerate(drawn)))


@st.composite
def arrays(draw: Any, kernel: Any, format_name: str, like: Any = None, min_dims: int = 0) -> Any:
    """An array of a format, of any shape up to 4-d and layout; `like` fixes the shape."""
    fmt = FORMATS[format_name]
    shape = draw(_shapes(min_dims)) if like is None else like.shape
    layout = draw(st.sampled_from(LAYOUTS))
    bits = np.dtype(f"u{fmt.bits // 8}")
    stored = _stored_shape(shape, layout)
    drawn = draw(npst.arrays(bits, stored, elements=patterns(fmt, kernel), fill=st.nothing()))
    return _laid_out(drawn.view(fmt.dtype), layout)


def _shapes(min_dims: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Any, and again some that are not empty, as most with a side from 0 to 3 are."""
    any_shape = npst.array_shapes(min_dims=min_dims, max_dims=4, min_side=0, max_side=3)
    return any_shape | npst.array_shapes(min_dims=1, max_dims=2, min_side=2, max_side=8)


def _stored_shape(shape: tuple[int, ...], layout: str) -> tuple[int, ...]:
    if layout == "transposed":
        return shape[::-1]
    return (*shape[:-1], 2 * shape[-1]) if layout == "strided" and shape else shape


def _laid_out(a: Any, layout: str) -> Any:
    if layout == "reversed" and a.ndim:
        return a[..., ::-1]
    if layout == "strided" and a.ndim:
        return a[..., ::2]
    if layout == "fortran" and a.ndim:  # it would make a 0-d array 1-d
        return np.asfortranarray(a)
    if layout == "transposed":
        return a.T
    if layout == "swapped":
        return a.astype(a.dtype.newbyteorder())
    return a


@st.composite
def pairs(draw: Any, kernel: Any, format_name: str, min_dims: int = 0) -> Any:
    """x and a cotangent of its shape and dtype."""
    x = draw(arrays(kernel, format_name, min_dims=min_dims))
    return x, draw(arrays(kernel, format_name, like=x))


def format_of(a: Any) -> Format:
    return FORMATS[a.dtype.newbyteorder("=").name]
