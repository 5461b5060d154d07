"""The gated linear unit, of the two halves of one array."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from refacts.activation import Activation
from refacts.activations.sigmoid import sigmoid
from refacts.arguments import Array, as_output, finished, normalized_axis, require_axis, require_shape
from refacts.environment import standard_environment
from refacts.gate import Far, Gate, Near, sign
from refacts.gated_unit import in_blocks, pulled_back, scaled
from refacts.operands import as_operands
from refacts.spec import Spec

QUARTER = Fraction(1, 4)


def far(b: Fraction, v: Fraction, u: Fraction) -> tuple[Fraction, int]:
    """With t = e^-|b|, v + t(u - v - v t)/(1 + t)^2 for b > 0, else t(v + u + v t)/(1 + t)^2."""
    return (v, sign(u - v, -v)) if b > 0 else (Fraction(0), sign(v + u, v))


GATE = Gate(
    sigmoid,
    zero=(lambda b: False, lambda b: False),
    near=(Near(0, Fraction(1, 2), QUARTER), Near(0, QUARTER, Fraction(0))),
    far=Far(2800.0, far),
)


@dataclass(frozen=True)
class GLU(Activation):
    """glu(x) = a·sigmoid(b) for the halves a, b of x along `axis`, of even length 2m.

    Results are of length m there. Every one is the correctly rounded value of the exact real expression in
    the given inputs. NaN in any of them gives NaN; infinities give the limit, their products with exact
    zeros NaN. All methods raise TypeError for unsupported dtypes and for cotangents of another dtype;
    ValueError for an axis that x has not got, one of odd length, and for cotangents of another shape. With
    `dtype`, which names the format of results, x and cotangents have any formats, as in `Elementwise`.

    >>> import numpy as np
    >>> glu(np.array([2.0, -3.0, 0.0, 40.0])).tolist()
    [1.0, -3.0]
    >>> glu.vjp(np.array([2.0, -3.0, 0.0, 40.0]), np.array([1.0, 1.0])).tolist()
    [0.5, 1.0, 0.5, -1.2745062765874767e-17]
    """

    axis: int = -1

    spec = Spec(
        name="glu",
        definition="a sigmoid(b), a and b the halves of x",
        reference="Dauphin et al., Language Modeling with Gated Convolutional Networks, 2017",
        range=(-inf, inf),
        kind="gated",
    )
    gate = GATE

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", require_axis(self.axis))

    @property
    def parameters(self) -> dict[str, Any]:
        """None: the axis does not enter the formula."""
        return {}

    def __call__(self, x: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None) -> Any:
        """a·sigmoid(b), half as long as x along `axis`; written to `out` if given."""
        fmt, (array,) = as_operands(dtype, x=x)
        a, b = self._halves(array)
        result = as_output(out, a, fmt)
        scaled(self.gate, "value", [b, a], result, fmt)
        return finished(result, out)

    def gradient(self, x: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None) -> Any:
        """The derivatives by a and by b, sigmoid(b) and a·sigmoid'(b), in their halves; the shape of x."""
        fmt, (array,) = as_operands(dtype, x=x)
        a, b = self._halves(array)
        result = as_output(out, array, fmt)
        with standard_environment(), np.errstate(all="ignore"):
            for (x_b, x_a), (y_a, y_b) in in_blocks([b, a], self._halves(result), fmt):
                found = sigmoid.block("value", [x_b], fmt), sigmoid.block("vjp", [x_b, x_a], fmt)
                y_a[...], y_b[...] = found
        return finished(result, out)

    def vjp(
        self, x: ArrayLike, g: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None
    ) -> Any:
        """The cotangent g, of the value's shape, pulled back: g·sigmoid(b) and g·a·sigmoid'(b).

        Each is rounded once, and in its half of the result, which has the shape of x.
        """
        fmt, (array, cotangent) = as_operands(dtype, x=x, g=g)
        a, b = self._halves(array)
        require_shape(cotangent, "g", "the value", a.shape)
        result = as_output(out, array, fmt)
        pulled_back(self.gate, [a, b, cotangent], self._halves(result), fmt)
        return finished(result, out)

    def jvp(
        self, x: ArrayLike, v: ArrayLike, out: Array | None = None, *, dtype: DTypeLike | None = None
    ) -> Any:
        """The tangent v of x (its shape) pushed forward: v_a·sigmoid(b) + v_b·a·sigmoid'(b), rounded once."""
        fmt, (array, tangent) = as_operands(dtype, x=x, v=v)
        a, b = self._halves(array)
        require_shape(tangent, "v", "x", array.shape)
        result = as_output(out, a, fmt)
        scaled(self.gate, "forward", [b, a, *self._halves(tangent)], result, fmt)
        return finished(result, out)

    def _halves(self, x: Array) -> tuple[Array, Array]:
        axis = normalized_axis(self.axis, x.ndim)
        n = x.shape[axis]
        if n % 2:
            raise ValueError(f"axis {self.axis} of x must have even length (got {n})")
        rows = np.moveaxis(x, axis, 0)
        first, second = (np.moveaxis(half, 0, axis) for half in (rows[: n // 2], rows[n // 2 :]))
        return first, second


glu = GLU()
