"""Kernels that the judge must accept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import refacts
from tests.verify.planted import F64, Planted
from tests.verify.wrong_kernels import Array, exactly, flushed


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
    Planted("sigmoid", by_float64(stable_sigmoid), "sigmoid", ()),
    Planted("tanh", by_float64(np.tanh), "tanh", ()),
    Planted("softplus", by_float64(stable_softplus), "softplus", ()),
    Planted("log_sigmoid", by_float64(lambda x: -stable_softplus(-x)), "log_sigmoid", ()),
    Planted("silu", by_float64(stable_silu), "silu", ()),
    Planted(
        "elu",
        by_float64(lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
        "elu",
        (),
        options={"allow": ["sign-of-zero"]},
    ),
    Planted("relu", lambda x: np.where(x >= 0, x, np.where(np.isnan(x), x, 0)), "relu", ()),
    Planted("leaky_relu", by_float64(lambda x: np.where(x >= 0, x, 0.2 * x)), "leaky_relu", ()),
    Planted(
        "relu6", lambda x: np.minimum(np.maximum(x, 0), 6), "relu6", (), options={"allow": ["sign-of-zero"]}
    ),
    Planted(
        "softsign",
        by_float64(lambda x: np.where(np.isinf(x), np.sign(x), x / (1 + np.abs(x)))),
        "softsign",
        (),
    ),
    Planted(
        "hard_swish",
        by_float64(lambda x: x * np.clip((x + 3) / 6, 0, 1)),
        "hard_swish",
        (),
        options={"allow": ["nan-at-inf", "sign-of-zero"]},
    ),
    Planted(
        "flushing sigmoid, by its rules",
        exactly(refacts.sigmoid, flushed),
        "sigmoid",
        (),
        options={"profile": ["ftz"]},
    ),
    Planted("softmax", by_float64(stable_softmax), "softmax", (), options={"allow": ["nan-at-inf"]}),
    Planted(
        "relu' from the left",
        lambda x, g: np.where(np.isnan(x), x, g * (x > 0)),
        "relu",
        (),
        "vjp",
        backward=True,
        options={"allow": ["nan-at-inf", "sign-of-zero"]},
    ),
    Planted("refacts in bfloat16", refacts.gelu, "gelu", (), formats="bfloat16"),
    Planted(
        "refacts from float32 to bfloat16",
        lambda x: refacts.gelu(x, dtype="bfloat16"),
        "gelu",
        (),
        formats="float32:bfloat16",
    ),
    Planted("refacts' VJP", refacts.mish.vjp, "mish", (), "vjp", backward=True),
    Planted("refacts in float64", refacts.gelu, "gelu", (), formats=F64, options={"max_ulp": 0.5}),
    Planted("refacts' swiglu", refacts.swiglu, "swiglu", ()),
)
