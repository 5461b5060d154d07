"""The protocol of elementwise activations: what they are called with, and what comes back."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from refacts.arguments import Array, as_output, finished, finite_parameter, require_same_shape
from refacts.arithmetic import product
from refacts.blocks import BLOCK, SHORT_BLOCK, blocks
from refacts.environment import standard_environment
from refacts.formats import FLOAT64, SIGN, Float64, Format, format_of
from refacts.limits import at_infinity
from refacts.operands import as_operands
from refacts.rounding import Formula, correctly_rounded
from refacts.spec import Spec


class Activation:
    """An activation function: a frozen object that is called, with `gradient`, `vjp` and `jvp`.

    Parameters are real numbers, taken as the exact numbers given: a float means its binary64 value,
    a Fraction or an int itself; zero has no sign. Making an object raises TypeError for what is no
    real number, ValueError for NaN, infinities, what the activation does not allow, and numbers that
    are neither a float64 of magnitude below 2^1023 nor of magnitude in [2^-900, 2^1000].
    """

    spec: ClassVar[Spec]

    def __post_init__(self) -> None:
        with standard_environment():
            for name, given in self.parameters.items():
                object.__setattr__(self, name, finite_parameter(given, name))
            for name, allowed, holds in self.spec.rules:
                if not holds(**self.parameters):
                    said = allowed.format(**self.parameters)
                    raise ValueError(f"{name} must be {said} (got {self.parameters[name]})")

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to {name}: activations are frozen")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete {name}: activations are frozen")

    @property
    def parameters(self) -> dict[str, Any]:
        """The numbers that enter the formula, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}  # type: ignore[arg-type]

    def fact(self, name: str) -> Any:
        """A fact of the spec, for these parameters."""
        known = getattr(self.spec, name)
        with standard_environment():
            return known(**self.parameters) if callable(known) else known


@dataclass(frozen=True)
class Elementwise(Activation):
    """An activation that maps each element by itself.

    Every result is the correctly rounded value of the exact real function. Inputs may be anything
    NumPy makes an array of; results have the input's shape and dtype (float16, bfloat16, float32,
    float64 in native byte order; integers and bools give float64), and a 0-d input gives a scalar.
    NaN gives NaN, an infinity the limit. All methods raise TypeError for other dtypes and for an
    `out` of another dtype, ValueError for an `out`, `g` or `v` of another shape.

    `dtype` names another format for the results (a dtype, scalar type or name; TypeError for others).
    Operands then have any formats of their own, and are taken as they are: exact results are rounded
    once, where ufuncs of NumPy would cast operands first. Integers must be numbers of float64.
    """

    def __call__(self, x: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None) -> Any:
        """f(x), same shape as `x`; written to `out` if given, which may be `x` itself."""
        return self._map("value", out, dtype, x=x)

    def gradient(self, x: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None) -> Any:
        """f'(x), elementwise, same shape as `x`; at a kink the derivative from the right."""
        return self._map("derivative", out, dtype, x=x)

    def vjp(
        self, x: ArrayLike, g: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None
    ) -> Any:
        """g·f'(x), rounded once: the cotangent `g` (shape and dtype of `x`) pulled back.

        An exactly zero product has the sign of the IEEE product g·f'(x) with f'(x) = +0. With `dtype`,
        which names the dtype of the result, g may have another dtype than x: after a forward pass from
        float32 to bfloat16, `f.vjp(x, g, dtype=np.float32)` takes the g of bfloat16.
        """
        return self._map("vjp", out, dtype, x=x, g=g)

    def jvp(
        self, x: ArrayLike, v: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None
    ) -> Any:
        """f'(x)·v, rounded once: the tangent `v` (shape and dtype of `x`) pushed forward."""
        return self._map("vjp", out, dtype, x=x, v=v)

    def _map(self, quantity: str, out: Array | None, dtype: Any, **given: ArrayLike) -> Any:
        """Operands by name: x, and the cotangent if there is one."""
        fmt, operands = as_operands(dtype, **given)
        array, *cotangent = operands
        if cotangent:
            require_same_shape(cotangent[0], array, list(given)[1])
        operands += self._weights(array.shape)
        result = as_output(out, array, fmt)
        with standard_environment(), np.errstate(all="ignore"):
            if fmt.tabulated and len(operands) == 1 and array.dtype.itemsize == 2:
                self._look_up(quantity, array, result, fmt)
            else:
                self._compute(quantity, operands, result, fmt)
        return finished(result, out)

    def compute(self, quantity: str, x: Array) -> Array:
        """The "value" or "derivative" at an array of a floating-point dtype, without any table."""
        fmt = format_of(x.dtype)
        result = np.empty(x.shape, fmt.dtype)
        with standard_environment(), np.errstate(all="ignore"):
            self._compute(quantity, [x, *self._weights(x.shape)], result, fmt)
        return result

    def _formula(self, quantity: str) -> Formula:
        """The formula of the value, or else of the derivative."""
        formula: Any = self.spec.value if quantity == "value" else self.spec.derivative
        return formula

    @property
    def _constants(self) -> tuple[float | Fraction, ...]:
        """The numbers that the formulas take after x."""
        return tuple(self.parameters.values())

    def _weights(self, shape: tuple[int, ...]) -> list[Array]:
        """Arrays of this shape that the formulas take after x, instead."""
        return []

    def _look_up(self, quantity: str, x: Array, result: Array, fmt: Format) -> None:
        kind: Any = x.dtype.type
        table = _table(self, quantity, kind, fmt)
        bits = x.view(np.dtype(np.uint16).newbyteorder(x.dtype.byteorder))
        codes = result.view(np.dtype(np.uint16).newbyteorder(result.dtype.byteorder))
        for (b,), (y,) in blocks([bits], [codes], [np.dtype(np.uint16)] * 2, BLOCK):
            y[...] = table[b]

    def _compute(self, quantity: str, operands: list[Array], result: Array, fmt: Format) -> None:
        dtypes = [FLOAT64.dtype] * len(operands) + [fmt.dtype]
        size = BLOCK if fmt.short else SHORT_BLOCK
        for xs, (y,) in blocks(operands, [result], dtypes, size):
            y[...] = self.block(quantity, xs, fmt)

    def block(self, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
        """Results at 1-d arrays, which temporaries grow with."""
        finite = np.isfinite(operands[0])
        for g in operands[1:]:
            finite &= np.isfinite(g)
        if finite.all():
            return self._finite(quantity, operands, fmt)
        y = np.empty(finite.shape, fmt.dtype)
        y[finite] = self._finite(quantity, [a[finite] for a in operands], fmt)
        y[~finite] = fmt.cast(self._special(quantity, [a[~finite] for a in operands], fmt))
        return y

    def _finite(self, quantity: str, operands: list[Float64], fmt: Format) -> NDArray[Any]:
        spec = self.spec
        formula = self._formula(quantity)
        if quantity == "vjp":
            formula = _times_cotangent(formula)
        exactly = None if spec.exactly is None else spec.exactly(quantity)
        return correctly_rounded(formula, operands, fmt, self._constants, spec.rational, exactly)

    def _special(self, quantity: str, operands: list[Float64], fmt: Format) -> Float64:
        """Results where x or g is infinite or NaN, as float64."""
        x, *cotangent = operands
        limits = self.fact("limits" if quantity == "value" else "derivative_limits")
        g = cotangent[0] if cotangent else np.ones(x.shape)
        y = at_infinity(x, g, limits, fmt)
        there = np.isfinite(x) & np.isinf(g)
        y[there] = g[there] * self._finite("derivative", [x[there]], SIGN)
        return y


def _times_cotangent(derivative: Formula) -> Formula:
    def formula(x: Any, g: Any, *parameters: Any) -> tuple[Any, Any]:
        d, units = derivative(x, *parameters)
        return product(d, g, units)

    return formula


@lru_cache(maxsize=64)
def _table(activation: Elementwise, quantity: str, dtype: Any, fmt: Format) -> NDArray[np.uint16]:
    """The bits of the results, in a 16-bit format, for all 65,536 inputs of a 16-bit dtype."""
    inputs: Array = np.arange(1 << 16, dtype=np.uint16).view(dtype)
    result = np.empty(inputs.shape, fmt.dtype)
    activation._compute(quantity, [inputs], result, fmt)
    return result.view(np.uint16)
