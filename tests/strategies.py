"""Hypothesis strategies: arrays of every format, shape and layout, and where functions turn."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from oracles import FORMATS, Format, nearest

FORMAT_NAMES = tuple(FORMATS)

# Kinks, edges of under- and overflow in every format, where results reach their limits, where
# tiers and argument reductions switch.
POINTS = {
    "relu": (0.0,),
    "leaky_relu": (0.0,),
    "sigmoid": (0.0, 9.7, 16.6, 17.3, 36.7, 87.3, 88.7, 103.97, 624.0, 708.4, 745.13, 1600.0),
    "tanh": (0.0, 3.4e-4, 1e-9, 1e-5, 0.02, 0.125, 4.5, 9.01, 19.06, 44.0, 52.0, 312.0, 372.6),
    "softmax": (0.0, 0.7, 17.0, 37.0, 104.0, 624.0, 745.13, 1600.0),
}
LAYOUTS = ("plain", "reversed", "strided", "fortran", "transposed", "swapped")


def patterns(fmt: Format, name: str) -> st.SearchStrategy[int]:
    """Bit patterns: uniform, special, or within 64 of a point where the activation turns."""
    near = []
    for point in POINTS[name]:
        centre = int(fmt.bit_patterns(np.array([abs(nearest(Fraction(point), fmt))]))[0])
        near.append(st.integers(max(centre - 64, 0), centre + 64))
    sign = st.sampled_from([0, 1 << (fmt.bits - 1)])
    special = [0.0, np.inf, np.nan, fmt.max, fmt.smallest_subnormal]
    codes = st.sampled_from([int(fmt.bit_patterns(v)) for v in special])
    at_points = st.tuples(st.one_of(*near, codes), sign).map(lambda pair: pair[0] | pair[1])
    return st.one_of(_uniform(fmt.bits), at_points)


def _uniform(bits: int) -> st.SearchStrategy[int]:
    """Integers of that many bits; Hypothesis favours small ones when asked for over 24 at once."""
    parts = st.tuples(*[st.integers(0, 2**16 - 1)] * (bits // 16))
    return parts.map(lambda drawn: sum(part << 16 * k for k, part in enumerate(drawn)))


@st.composite
def arrays(draw: Any, name: str, format_name: str, like: Any = None, min_dims: int = 0) -> Any:
    """An array of a format, of any shape up to 4-d and layout; `like` fixes the shape."""
    fmt = FORMATS[format_name]
    shape = draw(_shapes(min_dims)) if like is None else like.shape
    layout = draw(st.sampled_from(LAYOUTS))
    bits = np.dtype(f"u{fmt.bits // 8}")
    stored = _stored_shape(shape, layout)
    drawn = draw(npst.arrays(bits, stored, elements=patterns(fmt, name), fill=st.nothing()))
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
    if layout == "swapped" and a.dtype.kind == "f":  # ml_dtypes knows the native order only
        return a.astype(a.dtype.newbyteorder())
    return a


@st.composite
def pairs(draw: Any, name: str, format_name: str, min_dims: int = 0) -> Any:
    """x and a cotangent of its shape and dtype."""
    x = draw(arrays(name, format_name, min_dims=min_dims))
    return x, draw(arrays(name, format_name, like=x))


def format_of(a: Any) -> Format:
    return FORMATS[a.dtype.newbyteorder("=").name if a.dtype.kind == "f" else a.dtype.name]
