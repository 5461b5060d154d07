"""Kernels of JAX arrays, as a user has them in a file."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


@jax.custom_vjp
def without_forward_mode(x: Any) -> Any:
    return x * jax.nn.sigmoid(x)


def _forward(x: Any) -> Any:
    return x * jax.nn.sigmoid(x), x


def silu_backward(x: Any, g: Any) -> Any:
    s = jax.nn.sigmoid(x)
    return g * s * (1 + x * (1 - s))


without_forward_mode.defvjp(_forward, lambda x, g: (silu_backward(x, g),))


@jax.jit
def compiled(x: Any) -> Any:
    return x * jax.nn.sigmoid(x)


def swiglu(a: Any, b: Any) -> Any:
    return a * jax.nn.silu(b)


def narrow(x: Any) -> Any:
    return jnp.tanh(x).astype(jnp.bfloat16)


def to_numpy(x: Any) -> Any:
    return jax.device_get(jnp.tanh(x))


def identity(x: Any) -> Any:
    return x
