"""Kernels that are wrong in one known way each, and what the judge must say of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

import refacts

Array = NDArray[Any]
F32, F64 = "float32", "float64"


@dataclass(frozen=True)
class Planted:
    """A wrong kernel. says: what the verdict's sentences, regions or incidents must hold.

    backward: whether it is a kernel (x, g) -> dx.
    """

    name: str
    kernel: Callable[..., Any]
    activation: Any
    says: str
    quantity: str = "value"
    formats: str = F32
    samples: int = 20_000
    backward: bool = False
    options: dict[str, Any] = field(default_factory=dict)


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


PLANTED = (
    Planted("gelu by erf", gelu, "gelu", "tail cancellation"),
    Planted("gelu by erf, tail", gelu, "gelu", "false zeros"),
    Planted("gelu by erf, -inf", gelu, "gelu", "NaN at infinity"),
    Planted("gelu' by erf", gelu_slope, "gelu", "cancellation near the root", "vjp", backward=True),
    Planted("gelu is gelu_tanh", refacts.gelu_tanh, "gelu", "gelu_tanh"),
    Planted("gelu is quick_gelu", refacts.quick_gelu, "gelu", "quick_gelu"),
    Planted("sigmoid of exp", lambda x: np.exp(x) / (1 + np.exp(x)), "sigmoid", "NaN"),
    Planted("sigmoid flushes", exactly(refacts.sigmoid, flushed), "sigmoid", "flush"),
    Planted(
        "sigmoid in float32",
        lambda x: sigmoid(x.astype(np.float32)).astype(x.dtype),
        "sigmoid",
        "ulp",
        formats=F64,
    ),
    Planted("softplus of exp", softplus, "softplus", "overflow"),
    Planted("softplus of exp, tail", softplus, "softplus", "false zeros"),
    Planted("log of sigmoid", lambda x: np.log(sigmoid(x)), "log_sigmoid", "infinit"),
    Planted("tanh by exponentials", tanh_by_exponentials, "tanh", "NaN"),
    Planted("tanhshrink by difference", lambda x: x - np.tanh(x), "tanhshrink", "cancellation"),
    Planted("mish of exp", lambda x: x * np.tanh(softplus(x)), "mish", "false zeros"),
    Planted("silu at -inf", lambda x: x * sigmoid(x), "silu", "NaN at infinity"),
    Planted(
        "elu without expm1", lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1), "elu", "cancellation"
    ),
    Planted("selu of float32 constants", selu_of_float32, "selu", "float32", formats=F64),
    Planted(
        "leaky slope as float32",
        lambda x: np.where(x >= 0, x, float(np.float32(0.2)) * x),
        "leaky_relu",
        "float32",
        formats=F64,
    ),
    Planted("leaky slope 0.01", lambda x: np.where(x >= 0, x, x.dtype.type(0.01) * x), "leaky_relu", "0.01"),
    Planted("hard_sigmoid of 0.2", refacts.HardSigmoid(slope=0.2, offset=0.5), "hard_sigmoid", "0.2"),
    Planted("softplus beta 2", refacts.Softplus(beta=2.0), "softplus", "beta=2"),
    Planted("elu alpha 0.5", refacts.ELU(alpha=0.5), "elu", "alpha=0.5"),
    Planted("swish for hard_swish", refacts.silu, "hard_swish", "silu"),
    Planted(
        "sigmoid and a bit", exactly(refacts.sigmoid, lambda x, y: y + y.dtype.type(1e-3)), "sigmoid", "0.001"
    ),
    Planted("tanh times 1.01", exactly(refacts.tanh, lambda x, y: y * y.dtype.type(1.01)), "tanh", "1.01"),
    Planted("relu swallows NaN", lambda x: np.where(x > 0, x, 0), "relu", "NaN"),
    Planted(
        "relu loses the sign of 0", lambda x: np.where(x == 0, np.abs(x), refacts.relu(x)), "relu", "sign"
    ),
    Planted("relu flushes", exactly(refacts.relu, flushed), "relu", "flush"),
    Planted("squareplus squares", lambda x: (x + np.sqrt(x * x + 4)) / 2, "squareplus", "overflow"),
    Planted("one exponent", exactly(refacts.sigmoid, one_exponent), "sigmoid", "large error"),
    Planted("one input in 2^20", exactly(refacts.tanh, one_in_a_million), "tanh", "ulp", samples=6_000_000),
    Planted("one lane in 16", one_lane_in_16, "sigmoid", "alone"),
    Planted("the tail of a vector", tail_of_a_vector, "silu", "in an array of"),
    Planted("differs from run to run", differs_from_run_to_run, "tanh", "differ"),
    Planted(
        "rounds by dropping bits",
        truncated,
        "relu",
        "ulp",
        formats="float32:bfloat16",
        options={"max_ulp": 0.5},
    ),
    Planted(
        "ties away", away_at_ties, "relu", "wrong side", formats="float32:bfloat16", options={"max_ulp": 0.5}
    ),
    Planted("in place", in_place, "relu", "changed x"),
    Planted("wrong dtype", lambda x: refacts.relu(x.astype(np.float64)), "relu", "returned float64"),
    Planted("wrong shape", lambda x: refacts.relu(x)[..., :-1], "relu", "shape"),
    Planted("raises", raises_beyond, "tanh", "raised ValueError"),
    Planted("softmax without the maximum", softmax, "softmax", "NaN"),
    Planted("softmax of the wrong axis", refacts.Softmax(axis=0), "softmax", "axis"),
    Planted("log of softmax", lambda x: np.log(refacts.softmax(x)), "log_softmax", "infinit"),
    Planted("logsumexp overflows", lambda x: np.log(np.exp(x).sum(axis=-1)), "logsumexp", "infinit"),
    Planted("sigmoid' from y", slope_of_value, "sigmoid", "false zeros", "vjp", backward=True),
    Planted(
        "tanh' from y", lambda x, g: g * (1 - np.tanh(x) ** 2), "tanh", "false zeros", "vjp", backward=True
    ),
    Planted(
        "operands swapped",
        lambda x, g: refacts.silu.vjp(g, x),
        "silu",
        "x times silu'(g)",
        "vjp",
        backward=True,
    ),
    Planted("g forgotten", lambda x, g: refacts.silu.gradient(x), "silu", "g", "vjp", backward=True),
    Planted("value for derivative", lambda x, g: g * refacts.gelu(x), "gelu", "value", "vjp", backward=True),
    Planted(
        "kink from the left",
        lambda x, g: g * (x > 0),
        "relu",
        "kink",
        "vjp",
        backward=True,
        options={"kink": "right"},
    ),
    Planted("mish' of exp", mish_slope, "mish", "NaN", "vjp", backward=True),
    Planted("diagonal only", diagonal_only, "softmax", "diagonal", "vjp", backward=True),
    Planted("swiglu of the other half", lambda a, b: refacts.swiglu(b, a), "swiglu", "swapped"),
    Planted("geglu by sigmoid", refacts.swiglu, "geglu", "silu"),
)


def by_float64(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A kernel that works in float64 and rounds once more."""
    return lambda x: f(x.astype(np.float64)).astype(x.dtype)


def stable_sigmoid(x: Array) -> Array:
    t = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + t), t / (1 + t))


def stable_softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def stable_silu(x: Array) -> Array:
    y = np.maximum(x, -1e300) * stable_sigmoid(x)
    return np.where(np.isnan(x), x, y)


def stable_softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


RIGHT = (
    Planted("sigmoid", by_float64(stable_sigmoid), "sigmoid", ""),
    Planted("tanh", by_float64(np.tanh), "tanh", ""),
    Planted("softplus", by_float64(stable_softplus), "softplus", ""),
    Planted("log_sigmoid", by_float64(lambda x: -stable_softplus(-x)), "log_sigmoid", ""),
    Planted("silu", by_float64(stable_silu), "silu", ""),
    Planted(
        "elu",
        by_float64(lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
        "elu",
        "",
        options={"allow": ["sign-of-zero"]},
    ),
    Planted("relu", lambda x: np.where(x >= 0, x, np.where(np.isnan(x), x, 0)), "relu", ""),
    Planted("leaky_relu", by_float64(lambda x: np.where(x >= 0, x, 0.2 * x)), "leaky_relu", ""),
    Planted(
        "relu6", lambda x: np.minimum(np.maximum(x, 0), 6), "relu6", "", options={"allow": ["sign-of-zero"]}
    ),
    Planted(
        "softsign",
        by_float64(lambda x: np.where(np.isinf(x), np.sign(x), x / (1 + np.abs(x)))),
        "softsign",
        "",
    ),
    Planted(
        "hard_swish",
        by_float64(lambda x: x * np.clip((x + 3) / 6, 0, 1)),
        "hard_swish",
        "",
        options={"allow": ["nan-at-inf", "sign-of-zero"]},
    ),
    Planted(
        "flushing sigmoid, by its rules",
        exactly(refacts.sigmoid, flushed),
        "sigmoid",
        "",
        options={"profile": ["ftz"]},
    ),
    Planted("softmax", by_float64(stable_softmax), "softmax", "", options={"allow": ["nan-at-inf"]}),
    Planted(
        "relu' from the left",
        lambda x, g: np.where(np.isnan(x), x, g * (x > 0)),
        "relu",
        "",
        "vjp",
        backward=True,
        options={"allow": ["nan-at-inf", "sign-of-zero"]},
    ),
    Planted("refacts in bfloat16", refacts.gelu, "gelu", "", formats="bfloat16"),
    Planted(
        "refacts from float32 to bfloat16",
        lambda x: refacts.gelu(x, dtype="bfloat16"),
        "gelu",
        "",
        formats="float32:bfloat16",
    ),
    Planted("refacts' VJP", refacts.mish.vjp, "mish", "", "vjp", backward=True),
    Planted("refacts in float64", refacts.gelu, "gelu", "", formats=F64, options={"max_ulp": 0.5}),
    Planted("refacts' swiglu", refacts.swiglu, "swiglu", ""),
)
