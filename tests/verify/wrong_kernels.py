"""Kernels as people write them, each wrong in one way."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

import refacts

Array = NDArray[Any]


def exactly(activation: Any, wrong: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
    """The exact results with something done to them: ``wrong(x, y)``."""
    return lambda x: wrong(x, activation(x)).astype(x.dtype)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softplus(x: Array) -> Array:
    return np.log(1 + np.exp(x))


def gelu(x: Array) -> Array:
    return x.dtype.type(0.5) * x * (1 + special.erf(x / x.dtype.type(math.sqrt(2))))


def gelu_slope(x: Array, g: Array) -> Array:
    half, root = x.dtype.type(0.5), x.dtype.type(math.sqrt(2))
    density = np.exp(-x * x * half) * x.dtype.type(1 / math.sqrt(2 * math.pi))
    return g * (half * (1 + special.erf(x / root)) + x * density)


def tanh_by_exponentials(x: Array) -> Array:
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def selu_of_float32(x: Array) -> Array:
    scale, alpha = float(np.float32(1.0507009873554805)), float(np.float32(1.6732632423543772))
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def truncated(x: Array) -> Array:
    """float32 to bfloat16 by dropping bits."""
    import ml_dtypes

    y = np.maximum(x, 0) * 1
    return (y.view(np.uint32) >> 16).astype(np.uint16).view(ml_dtypes.bfloat16)


def away_at_ties(x: Array) -> Array:
    """float32 to bfloat16, ties away from 0."""
    import ml_dtypes

    y = np.maximum(x, 0)
    bits = y.view(np.uint32).astype(np.uint64) + 0x8000
    there = (bits >> 16).astype(np.uint16).view(ml_dtypes.bfloat16)
    return np.where(np.isfinite(y), there, y.astype(ml_dtypes.bfloat16))


def softmax(x: Array) -> Array:
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def in_place(x: Array) -> Array:
    y = refacts.relu(x)
    x[...] = y
    return y


def raises_beyond(x: Array) -> Array:
    if (np.abs(x) > 1e30).any():
        raise ValueError("out of range")
    return refacts.tanh(x)


def raises_on_long_arrays(x: Array) -> Array:
    if len(x) > 50:
        raise ValueError("at most 50 at once")
    return refacts.tanh(x)


def cuts_long_arrays(x: Array) -> Array:
    return refacts.tanh(x)[:50]


def always_raises(x: Array) -> Array:
    raise NotImplementedError("to be written")


def one_lane_in_16(x: Array) -> Array:
    y = np.array(refacts.sigmoid(x))
    lanes = y.ravel()
    lanes[7::16] = np.nextafter(np.nextafter(lanes[7::16], lanes.dtype.type(2)), lanes.dtype.type(2))
    return y


def tail_of_a_vector(x: Array) -> Array:
    y = np.array(refacts.silu(x))
    if y.ndim and y.size % 8:
        y[-1] = np.nextafter(y[-1], y.dtype.type(-9))
    return y


_calls = itertools.count()


def differs_from_run_to_run(x: Array) -> Array:
    return refacts.tanh(x) * x.dtype.type(1 + 1e-6 * (next(_calls) % 2))


def one_exponent(x: Array, y: Array) -> Array:
    return np.where((np.abs(x) >= 2) & (np.abs(x) < 4), y * (1 + 1e-5), y)


def one_in_a_million(x: Array, y: Array) -> Array:
    return np.where(x.view(np.uint32) % 2**20 == 12345, y * 2, y)


def flushed(x: Array, y: Array) -> Array:
    return np.where(np.abs(y) < np.finfo(y.dtype).tiny, np.copysign(0, y), y)


def slope_of_value(x: Array, g: Array) -> Array:
    y = sigmoid(x)
    return g * y * (1 - y)


def diagonal_only(x: Array, g: Array) -> Array:
    s = refacts.softmax(x)
    return g * s * (1 - s)


def mish_slope(x: Array, g: Array) -> Array:
    t = np.tanh(softplus(x))
    return g * (t + x * (1 - t * t) * sigmoid(x))
