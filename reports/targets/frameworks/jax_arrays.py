"""JAX arrays: jax.vjp and jax.jvp, with 64-bit types where the question has some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Bits
from refacts.reports.exits import UsageError
from refacts.reports.question import Question
from refacts.reports.targets.frameworks.arrays import Arrays, Function, laid_out


class JaxArrays(Arrays):
    """Arrays on a device of JAX's; JAX decides how they lie in memory."""

    name = "jax"
    noun = "a jax.Array"

    def __init__(self, device: str | None = None) -> None:
        kind, _, number = (device or "cpu").partition(":")
        try:
            self.device = jax.devices(kind)[int(number or 0)]
        except (RuntimeError, ValueError, IndexError) as error:
            said = str(error).splitlines()[0]
            raise UsageError(f"--device {device} is not to be had from JAX: {said}") from error

    def array(self, bits: Bits, fmt: Format, layout: str = "plain") -> Any:
        """Put on the device as it is."""
        return jax.device_put(laid_out(bits, layout).view(fmt.dtype), self.device)

    def lives(self) -> bool:
        """Whether a zero comes back from the device."""
        try:
            return float(np.asarray(jax.device_put(np.zeros(()), self.device))) == 0
        except RuntimeError:  # "CUDA_ERROR_ILLEGAL_ADDRESS"
            return False

    def is_array(self, found: object) -> bool:
        """Whether it is a jax.Array."""
        return isinstance(found, jax.Array)

    def dtype(self, array: Any) -> str:
        """Its name."""
        return str(array.dtype.name)

    def numpy(self, array: Any) -> npt.NDArray[Any]:
        """Copied from the device; bfloat16 as bits."""
        own = np.ascontiguousarray(np.asarray(array)).reshape(array.shape)
        if self.dtype(array) == "bfloat16":
            return own.view(np.uint16)
        return own.astype(np.float64) if own.dtype.kind == "V" else own  # a float8 of ml_dtypes

    @contextmanager
    def scope(self, question: Question) -> Iterator[None]:
        """Without 64-bit types, JAX would cast float64 to float32."""
        before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", before or "float64" in question.formats)
        try:
            yield
        finally:
            jax.config.update("jax_enable_x64", before)

    def vjp(self, f: Function, xs: Sequence[Any], g: Any) -> tuple[Any, Sequence[Any]]:
        """By jax.vjp."""
        y, pull = jax.vjp(f, *xs)
        return y, pull(self.cotangent(g, y))

    def jvp(self, f: Function, xs: Sequence[Any], vs: Sequence[Any]) -> tuple[Any, Any]:
        """By jax.jvp; where a function has only a custom VJP, by differentiating that by g."""
        try:
            return jax.jvp(f, tuple(xs), tuple(vs))
        except TypeError:  # "can't apply forward-mode differentiation (jvp) to a custom_vjp function"
            y, pull = jax.vjp(f, *xs)
            return y, jax.vjp(pull, jnp.zeros_like(y))[1](tuple(vs))[0]

    def cast(self, array: Any, like: Any) -> Any:
        """By astype."""
        return array.astype(like.dtype)
