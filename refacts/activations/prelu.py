"""The parametric rectified linear unit, whose slope for x < 0 is learned."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from refacts.activation import Elementwise
from refacts.arguments import Array, as_weight, finished, require_same_shape
from refacts.arithmetic import product, where
from refacts.dot import rounded_dots
from refacts.environment import standard_environment
from refacts.formats import SIGN, Float64, Format
from refacts.operands import as_operands
from refacts.spec import Spec


def value(x: Any, weight: Any) -> tuple[Any, Any]:
    """Return x where x >= 0, else weight·x."""
    y, units = product(weight, x)
    return where(x >= 0, x, y), where(x >= 0, 0, units)


def derivative(x: Any, weight: Any) -> tuple[Any, Any]:
    """Return 1 where x >= 0, else weight: at the kink from the right."""
    return where(x >= 0, 1, weight), 0


@dataclass(frozen=True)
class PReLU(Elementwise):
    """prelu(x) = x for x >= 0, weight·x for x < 0.

    `weight` is a number or an array of finite float64 numbers that broadcasts to the shape of x
    (PyTorch's per-channel weight of length c is one of shape (c, 1, 1)); it is copied. TypeError for
    other dtypes, ValueError for NaN, infinities, and if it does not broadcast.

    Special cases: prelu(±0) = ±0, prelu(±inf) = the limit, prelu(NaN) = NaN. The derivative at 0 is 1,
    the one from the right.

    >>> prelu(-3.0), prelu.gradient(-3.0)
    (np.float64(-0.75), np.float64(0.25))
    >>> channels = PReLU([[0.5], [0.1]])
    >>> channels(np.array([[-1.0, 2.0], [-1.0, -3.0]])).tolist()
    [[-0.5, 2.0], [-0.1, -0.30000000000000004]]
    >>> channels.weight_vjp(np.array([[-1.0, 2.0], [-1.0, -3.0]]), np.ones((2, 2))).tolist()
    [[-1.0], [-4.0]]
    """

    weight: Any = 0.25

    spec = Spec(
        name="prelu",
        definition="x if x >= 0 else weight x",
        reference="He et al., Delving Deep into Rectifiers, 2015",
        range=lambda weight: (-inf if np.max(weight) > 0 else 0.0, inf),
        kinks=lambda weight: () if np.all(weight == 1) else (0.0,),
        monotone=lambda weight: bool(np.min(weight) >= 0),
        convexity=lambda weight: "convex" if np.max(weight) <= 1 else "",
        keeps_zero=True,
        rational=True,
        value=value,
        derivative=derivative,
        limits=lambda weight: ((copysign(inf, -weight) if weight else -0.0), inf),
        derivative_limits=lambda weight: (weight, 1.0),
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", as_weight(self.weight))

    def __eq__(self, other: object) -> bool:
        return type(other) is PReLU and _bits(self.weight) == _bits(other.weight)

    def __hash__(self) -> int:
        return hash(_bits(self.weight))

    def __reduce__(self) -> tuple[Any, ...]:
        return PReLU, (self.weight,)

    @property
    def _constants(self) -> tuple[float, ...]:
        return ()

    def _weights(self, shape: tuple[int, ...]) -> list[Array]:
        try:
            return [np.broadcast_to(self.weight, shape)]
        except ValueError:
            message = f"weight, of shape {np.shape(self.weight)}, must broadcast to that of x, {shape}"
            raise ValueError(message) from None

    def weight_gradient(
        self, x: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None
    ) -> Any:
        """The derivative by the weight, elementwise, same shape as `x`: x where x < 0, else 0.

        TypeError and ValueError as for a call; -inf gives -inf.
        """
        return _BY_WEIGHT(x, out, dtype=dtype)

    def weight_vjp(self, x: ArrayLike, g: ArrayLike, *, dtype: DTypeLike | None = None) -> Any:
        """The sum of g·min(x, 0) over all elements that share a weight: the shape of `weight`.

        Every sum is rounded once, to the dtype of `x` or to `dtype`. NaN, and infinite terms of both
        signs, give NaN.
        """
        fmt, (array, cotangent) = as_operands(dtype, x=x, g=g)
        require_same_shape(cotangent, array, "g")
        self._weights(array.shape)
        shape = np.shape(self.weight)
        xs, gs = _sharing(array, shape), _sharing(cotangent, shape)
        count = int(np.prod(shape))

        def terms(start: int, stop: int) -> tuple[Float64, Float64]:
            x, g = (each.flat[start:stop].astype(np.float64) for each in (xs, gs))
            return np.where(x >= 0, 0.0, x), g

        with standard_environment(), np.errstate(all="ignore"):
            sums = rounded_dots(terms, count, array.size // count if count else 0, fmt)
            return finished(sums.reshape(shape), None)

    def _special(self, quantity: str, operands: list[Float64], fmt: Format) -> Float64:
        """Results where x or g is infinite or NaN: slopes are those at ±1."""
        x, *g, weight = operands
        side = np.where(np.isnan(x), 1.0, np.sign(x) + (x == 0))
        if quantity == "value":
            y = np.where(x > 0, x, x * np.where(weight == 0, 0.0, np.sign(weight)))
            return np.where((weight == 0) & (x < 0), -0.0, y)
        if g:
            finite = np.isfinite(g[0])
            y = self._finite("vjp", [side, np.where(finite, g[0], 1.0), weight], fmt).astype(np.float64)
            y = np.where(finite, y, g[0] * self._finite("derivative", [side, weight], SIGN))
        else:
            y = self._finite("derivative", [side, weight], fmt).astype(np.float64)
        return np.where(np.isnan(x), np.nan, y)


def _bits(weight: Any) -> tuple[tuple[int, ...], bytes]:
    return np.shape(weight), np.asarray(weight).tobytes()


def _sharing(a: Array, shape: tuple[int, ...]) -> Array:
    """A view of a, in whose C order those are a run that share an element of an array of this `shape`."""
    padded = (1,) * (a.ndim - len(shape)) + shape
    shared = [k for k, n in enumerate(padded) if n == 1]
    own = [k for k, n in enumerate(padded) if n != 1]
    return a.transpose(own + shared)


class _ByWeight(Elementwise):
    """min(x, 0)."""

    spec = Spec(
        name="prelu by weight",
        definition="min(x, 0)",
        reference="He et al., Delving Deep into Rectifiers, 2015",
        range=(-inf, 0.0),
        rational=True,
        value=lambda x: (where(x >= 0, 0, x), 0),
        derivative=lambda x: (where(x >= 0, 0, 1), 0),
        limits=lambda: (-inf, 0.0),
        derivative_limits=lambda: (1.0, 0.0),
    )


_BY_WEIGHT = _ByWeight()
prelu = PReLU()
