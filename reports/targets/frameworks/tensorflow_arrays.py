"""TensorFlow tensors: GradientTape and ForwardAccumulator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Bits
from refacts.reports.exits import UsageError
from refacts.reports.targets.frameworks.arrays import Arrays, Function, laid_out
from refacts.reports.targets.target import NoAnswerError


class TensorflowArrays(Arrays):
    """Eager tensors, on the device that TensorFlow picks."""

    name = "tensorflow"
    noun = "a tf.Tensor"

    def __init__(self, device: str | None = None) -> None:
        if device is not None:
            raise UsageError(f"--device {device} is for torch and JAX: TensorFlow picks its own")

    def array(self, bits: Bits, fmt: Format, layout: str = "plain") -> Any:
        """A tensor that holds a copy."""
        return tf.constant(laid_out(bits, layout).view(fmt.dtype))

    def is_array(self, found: object) -> bool:
        """Whether it is an eager tensor or a variable."""
        return isinstance(found, tf.Tensor | tf.Variable)

    def dtype(self, array: Any) -> str:
        """Its name."""
        return str(array.dtype.name)

    def numpy(self, array: Any) -> npt.NDArray[Any]:
        """By tensor.numpy(); bfloat16 as bits."""
        own = np.ascontiguousarray(array.numpy()).reshape(array.shape)
        if self.dtype(array) == "bfloat16":
            return own.view(np.uint16)
        return own.astype(np.float64) if own.dtype.kind == "V" else own  # a float8 of ml_dtypes

    def vjp(self, f: Function, xs: Sequence[Any], g: Any) -> tuple[Any, Sequence[Any]]:
        """By tf.GradientTape."""
        with tf.GradientTape() as tape:
            for x in xs:
                tape.watch(x)
            y = f(*xs)
        pulled = tape.gradient(y, list(xs), self.cotangent(g, y))
        if any(dx is None for dx in pulled):
            raise NoAnswerError("type", "its value does not depend on x, according to tf.GradientTape")
        return y, [tf.convert_to_tensor(dx) for dx in pulled]

    def jvp(self, f: Function, xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
        """By tf.autodiff.ForwardAccumulator."""
        with tf.autodiff.ForwardAccumulator(list(xs), list(vs)) as accumulator:
            y = f(*xs)
        tangent = accumulator.jvp(y)
        if tangent is None:
            by = "tf.autodiff.ForwardAccumulator"
            raise NoAnswerError("type", f"its value does not depend on x, according to {by}")
        return y, tangent

    def cast(self, array: Any, like: Any) -> Any:
        """By tf.cast."""
        return tf.cast(array, like.dtype)
