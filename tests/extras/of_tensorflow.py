"""Kernels of TensorFlow tensors, as a user has them in a file."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def swiglu(a: Any, b: Any) -> Any:
    return a * tf.nn.silu(b)


@tf.function
def compiled(x: Any) -> Any:
    return x * tf.sigmoid(x)


def silu_backward(x: Any, g: Any) -> Any:
    s = tf.sigmoid(x)
    return g * s * (1 + x * (1 - s))


def narrow(x: Any) -> Any:
    return tf.cast(tf.tanh(x), tf.bfloat16)


def detached(x: Any) -> Any:
    return tf.tanh(tf.stop_gradient(x))


def to_numpy(x: Any) -> Any:
    return tf.tanh(x).numpy()


def identity(x: Any) -> Any:
    return tf.identity(x)
