"""The ways in which an array can lie in memory, and every call of an activation with its operands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

import refacts
from tests.checks import same_bits


def _unaligned(a: Any) -> Any:
    memory = np.empty(a.nbytes + 1, np.uint8)
    moved = memory[1:].view(a.dtype).reshape(a.shape)
    moved[...] = a
    return moved


def _read_only(a: Any) -> Any:
    a = a.copy()
    a.flags.writeable = False
    return a


def _swapped(a: Any) -> Any:
    return a.astype(a.dtype.newbyteorder()) if a.dtype != np.bool_ else a.copy()


def _strided(a: Any) -> Any:
    return np.repeat(a, 3, axis=-1)[..., 1::3]


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "byte-swapped": _swapped,
    "unaligned": _unaligned,
    "strided": _strided,
    "reversed": lambda a: a[::-1, ..., ::-1].copy()[::-1, ..., ::-1],
    "fortran": np.asfortranarray,
    "axes rolled": lambda a: np.moveaxis(np.moveaxis(a, 0, -1).copy(), -1, 0),
    "read-only": _read_only,
    "byte-swapped, unaligned and strided": lambda a: _unaligned(_swapped(np.repeat(a, 2, axis=-1)))[..., ::2],
}


class Call(NamedTuple):
    """A method of an activation and the names of its operands, all but `where` in this order."""

    kernel: Any
    method: str
    names: tuple[str, ...]
    takes_out: bool = True

    def __str__(self) -> str:
        return f"{self.kernel!r}.{self.method}"

    def __call__(self, operands: dict[str, Any], out: Any = None) -> Any:
        """The result, or the tuple of results."""
        named = {k: v for k, v in operands.items() if k == "where"}
        kernel = self.kernel
        if "weight" in operands:
            kernel = type(kernel)(operands["weight"])
        method = kernel if self.method == "value" else getattr(kernel, self.method)
        if self.takes_out:
            named["out"] = out
        with np.errstate(all="raise"):
            return method(
                *(operands[name] for name in self.names if name not in ("where", "weight")), **named
            )


def calls(kernel: Any) -> list[Call]:
    """Every method with every operand that it takes."""
    make = partial(Call, kernel)
    if kernel is refacts.glu:
        return [
            make("value", ("x",)),
            make("gradient", ("x",)),
            make("vjp", ("x", "h")),
            make("jvp", ("x", "v")),
        ]
    if kernel.spec.kind == "gated":
        pairs = [make("gradient", ("a", "b"), False), make("vjp", ("a", "b", "g"))]
        return [make("value", ("a", "b")), *pairs, make("jvp", ("a", "b", "v", "w"))]
    own = ("where",) if kernel.spec.kind == "rowwise" else ()
    own = ("weight",) if kernel is refacts.prelu else own
    cotangent = "r" if kernel is refacts.logsumexp else "g"
    found = [make("value", ("x", *own)), make("gradient", ("x", *own))]
    found += [make("vjp", ("x", cotangent, *own)), make("jvp", ("x", "v", *own))]
    if kernel.spec.kind == "rowwise":
        found.append(make("jacobian", ("x", "where"), False))
    if kernel is refacts.prelu:
        found += [make("weight_gradient", ("x", "weight")), make("weight_vjp", ("x", "g", "weight"), False)]
    return found


def operands_of(call: Call, dtype: Any, shape: tuple[int, ...] = (3, 4, 6)) -> dict[str, Any]:
    """Ordinary numbers of this dtype, native and contiguous; all weights are float64 or of this dtype."""
    rng = np.random.default_rng(7)
    shapes = {"r": shape[:-1], "h": (*shape[:-1], shape[-1] // 2), "weight": (*shape[1:-1], 1)}
    made: dict[str, Any] = {}
    for name in call.names:
        numbers = rng.normal(size=shapes.get(name, shape)) * 3
        made[name] = rng.random(shape) < 0.7 if name == "where" else numbers.astype(dtype)
    return made


def parts(results: Any) -> list[Any]:
    """The results of a call as native arrays."""
    several = results if isinstance(results, tuple) else (results,)
    return [np.asarray(y).astype(np.asarray(y).dtype.newbyteorder("=")) for y in several]


def agree(found: Any, want: Any) -> bool:
    return all(same_bits(a, b) for a, b in zip(parts(found), parts(want), strict=True))
