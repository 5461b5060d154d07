"""The protocol of gated units: a·f(b) of two arrays, elementwise, with derivatives by both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from refacts.activation import Activation
from refacts.arguments import Array, as_output, finished, require_same_shape
from refacts.blocks import BLOCK, SHORT_BLOCK, blocks
from refacts.environment import standard_environment
from refacts.formats import FLOAT64, SIGN, Float64, Format
from refacts.gate import Gate, times
from refacts.operands import as_operands
from refacts.rounding import correctly_rounded

Pair = tuple[Any, Any]


class GatedUnit(Activation):
    """An activation a·f(b) of two arrays of one shape and dtype.

    Every result is the correctly rounded value of the exact real expression in the given inputs. NaN in
    any of them gives NaN; infinities give the limit, their products with exact zeros NaN. All methods
    raise TypeError for unsupported dtypes, and for arrays whose dtype is not that of a; ValueError for
    those of another shape. With `dtype`, which names the format of all results, arrays have any formats
    of their own and are taken as they are, as in `Elementwise`.
    """

    gate: ClassVar[Gate]

    def __call__(
        self, a: ArrayLike, b: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None
    ) -> Any:
        """a·f(b), the shape of a; written to `out` if given, which may be a or b itself."""
        fmt, (a, b) = _operands(dtype, a=a, b=b)
        result = as_output(out, a, fmt)
        scaled(self.gate, "value", [b, a], result, fmt)
        return finished(result, out)

    def gradient(self, a: ArrayLike, b: ArrayLike, *, dtype: DTypeLike | None = None) -> Pair:
        """The derivatives by a and by b, f(b) and a·f'(b), each of the shape of a."""
        _, (a, b) = _operands(dtype, a=a, b=b)
        return self.gate.f(b, dtype=dtype), self.gate.f.vjp(b, a, dtype=dtype)

    def vjp(
        self,
        a: ArrayLike,
        b: ArrayLike,
        g: ArrayLike,
        out: tuple[Array, Array] | None = None,
        *,
        dtype: DTypeLike | None = None,
    ) -> Pair:
        """The cotangent g (shape and dtype of a) pulled back to a and to b: g·f(b) and g·a·f'(b).

        Each is rounded once, and written to the two arrays of `out` if given.
        """
        fmt, (a, b, g) = _operands(dtype, a=a, b=b, g=g)
        first, second = (None, None) if out is None else _two_outputs(out)
        for_a, for_b = (as_output(each, a, fmt) for each in (first, second))
        pulled_back(self.gate, [a, b, g], (for_a, for_b), fmt)
        return finished(for_a, first), finished(for_b, second)

    def jvp(
        self,
        a: ArrayLike,
        b: ArrayLike,
        v: ArrayLike,
        w: ArrayLike,
        out: Array | None = None,
        *,
        dtype: DTypeLike | None = None,
    ) -> Any:
        """v·f(b) + w·a·f'(b), rounded once: the tangents v of a and w of b pushed forward."""
        fmt, (a, b, v, w) = _operands(dtype, a=a, b=b, v=v, w=w)
        result = as_output(out, a, fmt)
        scaled(self.gate, "forward", [b, a, v, w], result, fmt)
        return finished(result, out)


def _two_outputs(out: Any) -> tuple[Array, Array]:
    if not isinstance(out, tuple) or len(out) != 2:
        got = f"{len(out)} of them" if isinstance(out, tuple) else type(out).__name__
        raise TypeError(f"out must be a tuple of two arrays (got {got})")
    first, second = out
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray) and np.shares_memory(first, second):
        raise ValueError("out must be two arrays that do not overlap (got shared memory)")
    return first, second


def _operands(dtype: Any, **given: ArrayLike) -> tuple[Format, list[Array]]:
    """The format of results, and all operands as arrays of one shape."""
    fmt, arrays = as_operands(dtype, **given)
    for name, array in zip(given, arrays, strict=True):
        require_same_shape(array, arrays[0], name, "a")
    return fmt, arrays


def pulled_back(gate: Gate, operands: Sequence[Array], results: Sequence[Array], fmt: Format) -> None:
    """Of a, b and g, g f(b) and g a f'(b), written to the results, which may overlap the operands."""
    a, b, g = operands
    with standard_environment(), np.errstate(all="ignore"):
        for (y, x, h), outputs in in_blocks([b, a, g], results, fmt):
            found = _block(gate, "value", [y, h], fmt), _block(gate, "slope", [y, x, h], fmt)
            outputs[0][...], outputs[1][...] = found


def scaled(gate: Gate, quantity: str, operands: Sequence[Array], result: Array, fmt: Format) -> None:
    """A quantity of a gate, written to `result`, which may overlap the operands."""
    with standard_environment(), np.errstate(all="ignore"):
        for xs, (y,) in in_blocks(operands, [result], fmt):
            y[...] = _block(gate, quantity, xs, fmt)


def in_blocks(
    operands: Sequence[Array], outputs: Sequence[Array], fmt: Format
) -> Iterator[tuple[list[Float64], list[Array]]]:
    """Blocks of operands as float64 and of outputs, for formulas to run on."""
    dtypes = [FLOAT64.dtype] * len(operands) + [fmt.dtype] * len(outputs)
    return blocks(operands, outputs, dtypes, BLOCK if fmt.short else SHORT_BLOCK)


def _block(gate: Gate, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
    finite = np.isfinite(operands[0])
    for x in operands[1:]:
        finite &= np.isfinite(x)
    if finite.all():
        return _finite(gate, quantity, operands, fmt)
    y = np.empty(finite.shape, fmt.dtype)
    y[finite] = _finite(gate, quantity, [x[finite] for x in operands], fmt)
    y[~finite] = fmt.cast(_special(gate, quantity, [x[~finite] for x in operands], fmt))
    return y


def _finite(gate: Gate, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
    formula = getattr(gate, quantity)
    return correctly_rounded(formula, operands, fmt, (), gate.f.spec.rational, gate.exactly(quantity))


def _special(gate: Gate, quantity: str, operands: list[Float64], fmt: Format) -> Float64:
    """Results where some operand is infinite or NaN, as float64 that are rounded once at most."""
    b, *factors = operands
    if quantity == "forward":
        a, v, w = factors
        p, q = _extended(gate, "value", b, [v]), _extended(gate, "derivative", b, [a, w])
        alone = np.isinf(b) & np.isfinite(p) & (p != 0)  # a limit of 1, with one of 0 in q
        return np.where(alone, v, p) + q + 0.0
    y = _extended(gate, "value" if quantity == "value" else "derivative", b, factors)
    at_limit = np.isinf(b) & np.isfinite(y) & (y != 0)  # of 1
    y[at_limit] = _product([factor[at_limit] for factor in factors], fmt)
    return y


def _product(factors: list[Float64], fmt: Format) -> NDArray[Any]:
    """RN of a product of finite numbers."""

    def formula(x: Any, *others: Any) -> tuple[Any, Any]:
        return times((x, 0), *others)

    return correctly_rounded(formula, factors, fmt, (), rational=True)


def _extended(gate: Gate, quantity: str, b: Float64, factors: list[Float64]) -> Float64:
    """f(b) or f'(b) times factors, in extended real arithmetic; finite products in sign only."""
    spec = gate.f.spec
    formula: Any = getattr(spec, quantity)
    sign = correctly_rounded(formula, [np.where(np.isfinite(b), b, 1.0)], SIGN, (), spec.rational)
    y = np.where(np.isfinite(b), sign, np.nan)
    for side, limit in zip((-np.inf, np.inf), gate.f.fact(LIMITS[quantity]), strict=True):
        y = np.where(b == side, limit, y)
    for factor in factors:
        y = y * np.where(np.isfinite(factor) & (factor != 0), np.sign(factor), factor)
    return y


LIMITS = {"value": "limits", "derivative": "derivative_limits"}  # 0, 1 or infinite
