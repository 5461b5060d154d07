"""The protocol of elementwise activations: what they are called with, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refacts.arguments import Array, as_input, as_output, finished, require_same_shape
from refacts.arithmetic import product
from refacts.formats import FLOAT64, SIGN, Float64, Format, format_of
from refacts.rounding import Formula, correctly_rounded

BLOCK = 32768  # elements at a time: temporaries stay in the cache, and memory does not grow with n
Limits = Callable[..., tuple[float | Fraction, float | Fraction]]


@dataclass(frozen=True)
class Spec:
    """What is known of an activation; tests, reports and documents follow from it.

    `limits` and `derivative_limits` give the limits at -inf and +inf for given parameters;
    `symmetry` is "odd", "point" (f(-x) + f(x) = 1) or "".
    """

    name: str
    definition: str
    reference: str
    range: tuple[float, float]
    kinks: tuple[float, ...] = ()
    symmetry: str = ""
    monotone: bool = True
    rational: bool = False
    rowwise: bool = False
    value: Formula | None = None
    derivative: Formula | None = None
    vjp: Formula | None = None
    settle: Callable[..., list[float]] | None = None
    limits: Limits | None = None
    derivative_limits: Limits | None = None


class Activation:
    """An activation function: a frozen object that is called, with `gradient`, `vjp` and `jvp`."""

    spec: ClassVar[Spec]

    @property
    def parameters(self) -> dict[str, float | Fraction]:
        """The numbers that enter the formula, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}  # type: ignore[arg-type]


class Elementwise(Activation):
    """An activation that maps each element by itself.

    Every result is the correctly rounded value of the exact real function. Inputs may be anything
    NumPy makes an array of; results have the input's shape and dtype (float16, bfloat16, float32,
    float64 in native byte order; integers and bools give float64), and a 0-d input gives a scalar.
    NaN gives NaN, an infinity the limit. All methods raise TypeError for other dtypes and for an
    `out` of another dtype, ValueError for an `out`, `g` or `v` of another shape.
    """

    def __call__(self, x: ArrayLike, out: Array | None = None) -> Any:
        """f(x), same shape as `x`; written to `out` if given, which may be `x` itself."""
        return self._map("value", x, None, out)

    def gradient(self, x: ArrayLike, out: Array | None = None) -> Any:
        """f'(x), elementwise, same shape as `x`; at a kink the derivative from the right."""
        return self._map("derivative", x, None, out)

    def vjp(self, x: ArrayLike, g: ArrayLike, out: Array | None = None) -> Any:
        """g·f'(x), rounded once: the cotangent `g` (shape and dtype of `x`) pulled back.

        An exactly zero product has the sign of the IEEE product g·f'(x) with f'(x) = +0.
        """
        return self._map("vjp", x, g, out, "g")

    def jvp(self, x: ArrayLike, v: ArrayLike, out: Array | None = None) -> Any:
        """f'(x)·v, rounded once: the tangent `v` (shape and dtype of `x`) pushed forward."""
        return self._map("vjp", x, v, out, "v")

    def _map(self, quantity: str, x: ArrayLike, g: Any, out: Array | None, name: str = "") -> Any:
        """`name` is that of the cotangent `g`, if there is one."""
        array = as_input(x, "x")
        fmt = format_of(array.dtype)
        operands = [array]
        if name:
            operands.append(as_input(g, name, fmt))
            require_same_shape(operands[1], array, name)
        result = as_output(out, array, fmt)
        with np.errstate(all="ignore"):
            if fmt.tabulated and not name:
                self._look_up(quantity, array, result, fmt)
            else:
                self._compute(quantity, operands, result, fmt)
        return finished(result, out)

    def _look_up(self, quantity: str, x: Array, result: Array, fmt: Format) -> None:
        table = _table(self, quantity, fmt)
        bits = x.view(np.dtype(np.uint16).newbyteorder(x.dtype.byteorder))
        codes = result.view(np.dtype(np.uint16).newbyteorder(result.dtype.byteorder))
        with _blocks([bits, codes], [np.dtype(np.uint16)] * 2) as blocks:
            for b, y in blocks:
                y[...] = table[b]

    def _compute(self, quantity: str, operands: list[Array], result: Array, fmt: Format) -> None:
        dtypes = [FLOAT64.dtype] * len(operands) + [fmt.dtype]
        with _blocks([*operands, result], dtypes) as blocks:
            for *xs, y in blocks:
                y[...] = self._block(quantity, xs, fmt)

    def _block(self, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
        finite = np.isfinite(operands[0])
        for g in operands[1:]:
            finite &= np.isfinite(g)
        if finite.all():
            return self._finite(quantity, operands, fmt)
        y = np.empty(finite.shape, fmt.dtype)
        y[finite] = self._finite(quantity, [a[finite] for a in operands], fmt)
        y[~finite] = self._special(quantity, [a[~finite] for a in operands], fmt)
        return y

    def _finite(self, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
        spec = self.spec
        formula: Any = spec.value if quantity == "value" else spec.derivative
        if quantity == "vjp":
            formula = _times_cotangent(formula)
        parameters = tuple(self.parameters.values())
        return correctly_rounded(formula, operands, fmt, parameters, spec.rational)

    def _special(self, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
        """Results where x or g is infinite or NaN."""
        x, *cotangent = operands
        limits: Any = self.spec.limits if quantity == "value" else self.spec.derivative_limits
        at = limits(**self.parameters)
        if cotangent:
            return self._special_vjp(x, cotangent[0], at, fmt)
        y = np.full(x.shape, np.nan)
        for side, limit in zip((-np.inf, np.inf), at, strict=True):
            y[x == side] = _nearest(limit, fmt)
        return y.astype(fmt.dtype)

    def _special_vjp(
        self, x: Float64, g: Float64, at: tuple[float | Fraction, ...], fmt: Format
    ) -> NDArray[Any]:
        y = np.full(x.shape, np.nan, fmt.dtype)
        for side, limit in zip((-np.inf, np.inf), at, strict=True):
            there = (x == side) & np.isfinite(g)
            y[there] = correctly_rounded(_limit_times, [g[there]], fmt, (limit,), rational=True)
            there = (x == side) & np.isinf(g)
            y[there] = (g[there] * np.sign(float(limit))).astype(fmt.dtype)
        there = np.isfinite(x) & np.isinf(g)
        y[there] = (g[there] * self._finite("derivative", [x[there]], SIGN)).astype(fmt.dtype)
        return y


def _times_cotangent(derivative: Formula) -> Formula:
    def formula(x: Any, g: Any, *parameters: Any) -> tuple[Any, Any]:
        d, units = derivative(x, *parameters)
        return product(d, g, units)

    return formula


def _limit_times(g: Any, limit: Any) -> tuple[Any, Any]:
    return product(limit, g)


def _nearest(limit: float | Fraction, fmt: Format) -> float:
    if isinstance(limit, float) and (limit == 0 or np.isinf(limit)):
        return limit
    return fmt.round_fraction(Fraction(limit))


def _blocks(operands: list[Any], dtypes: list[np.dtype[Any]]) -> Any:
    """Iterate over 1-d blocks of the operands, the last written, in memory order."""
    readonly = ["readonly", "overlap_assume_elementwise"]
    nditer: Any = np.nditer
    return nditer(
        operands,
        flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=[readonly] * (len(operands) - 1) + [["writeonly", "overlap_assume_elementwise"]],
        op_dtypes=dtypes,
        casting="same_kind",
        buffersize=BLOCK,
    )


@lru_cache(maxsize=64)
def _table(activation: Elementwise, quantity: str, fmt: Format) -> NDArray[np.uint16]:
    """The bits of the results for all 65,536 inputs of a 16-bit format."""
    inputs = np.arange(1 << 16, dtype=np.uint16).view(fmt.dtype)
    result = np.empty_like(inputs)
    activation._compute(quantity, [inputs], result, fmt)
    return result.view(np.uint16)
