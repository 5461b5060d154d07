"""The protocol of row-wise activations: `axis`, `where`, special rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from refacts.activation import Activation
from refacts.arguments import (
    Array,
    as_input,
    as_mask,
    as_output,
    finished,
    normalized_axis,
    require_axis,
    require_same_shape,
)
from refacts.formats import Float64, Format, format_of
from refacts.rowtiers import ROW_BLOCK, Leftover, Live, first_tier, index_of, other_tiers, row_blocks


@dataclass(frozen=True)
class Rowwise(Activation):
    """An activation of whole rows, the 1-d slices of x along `axis`.

    Every element is the correctly rounded value of the exact real expression in the given inputs.
    Results have the input's shape and dtype (`jacobian` one axis more); `where`, a boolean array
    that broadcasts to the shape of `x`, leaves out the entries where it is False. All methods
    raise TypeError for unsupported dtypes and for an `out` of another dtype, ValueError for an
    axis that `x` has not got and for `out`, `g`, `v` or `where` of the wrong shape.
    """

    axis: int = -1

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", require_axis(self.axis))

    @property
    def parameters(self) -> dict[str, Any]:
        """None: the axis does not enter the formula."""
        return {}

    def __call__(
        self, x: ArrayLike, out: Array | None = None, *, where: ArrayLike | None = None
    ) -> Any:
        """f(x), same shape as `x`; written to `out` if given, which may be `x` itself."""
        return self._map("value", x, None, out, where)

    def gradient(
        self, x: ArrayLike, out: Array | None = None, *, where: ArrayLike | None = None
    ) -> Any:
        """The Jacobian's diagonal, same shape as `x`. Backpropagation wants `vjp`."""
        return self._map("derivative", x, None, out, where)

    def vjp(
        self,
        x: ArrayLike,
        g: ArrayLike,
        out: Array | None = None,
        *,
        where: ArrayLike | None = None,
    ) -> Any:
        """sum_j g_j J_ji per row, same shape as `x`: the cotangent `g` pulled back.

        Infinite g_j multiply the exact J_ji in extended real arithmetic (inf·0 is NaN).
        """
        return self._map("vjp", x, g, out, where, "g")

    def jvp(
        self,
        x: ArrayLike,
        v: ArrayLike,
        out: Array | None = None,
        *,
        where: ArrayLike | None = None,
    ) -> Any:
        """sum_j J_ij v_j per row, same shape as `x`: the tangent `v` pushed forward."""
        return self._map("vjp", x, v, out, where, "v")

    def jacobian(self, x: ArrayLike, *, where: ArrayLike | None = None) -> Any:
        """J_ij = df_i/dx_j, shape (..., n, n): `axis` (of length n) moved last, then doubled."""
        array = as_input(x, "x")
        fmt = format_of(array.dtype)
        axis = normalized_axis(self.axis, array.ndim)
        rows = np.moveaxis(array, axis, -1)
        mask = as_mask(where, array.shape)
        n = rows.shape[-1]
        eye = np.broadcast_to(np.eye(n), (*rows.shape, n))
        result = np.empty((*rows.shape, n), fmt.dtype)
        operands = [np.broadcast_to(rows[..., np.newaxis, :], result.shape), eye]
        if mask is not None:
            mask = np.moveaxis(mask, axis, -1)[..., np.newaxis, :]
            mask = np.broadcast_to(mask, result.shape)
        self._rows("vjp", operands, result, mask, fmt)
        if mask is not None:  # rows of masked entries, too, are 0 where others are NaN
            np.copyto(result, 0, where=~np.swapaxes(mask, -1, -2))
        return result

    def _map(
        self,
        quantity: str,
        x: ArrayLike,
        g: Any,
        out: Array | None,
        where: ArrayLike | None,
        name: str = "",
    ) -> Any:
        """`name` is that of the cotangent `g`, if there is one."""
        array = as_input(x, "x")
        fmt = format_of(array.dtype)
        axis = normalized_axis(self.axis, array.ndim)
        operands = [array]
        if name:
            operands.append(as_input(g, name, fmt))
            require_same_shape(operands[1], array, name)
        mask = as_mask(where, array.shape)
        result = as_output(out, array, fmt)
        operands = [_apart(a, result) for a in operands]
        if mask is not None:
            mask = np.moveaxis(_apart(mask, result), axis, -1)
        moved = [np.moveaxis(a, axis, -1) for a in operands]
        self._rows(quantity, moved, np.moveaxis(result, axis, -1), mask, fmt)
        return finished(result, out)

    def _rows(
        self, quantity: str, operands: list[Array], result: Array, mask: Any, fmt: Format
    ) -> None:
        arrays = [*operands, result] if mask is None else [*operands, result, mask]
        if all(a.flags.c_contiguous for a in arrays):  # one axis of rows is cheaper to walk
            flat = (-1, max(result.shape[-1], 1))
            operands, result = [a.reshape(flat) for a in operands], result.reshape(flat)
            mask = None if mask is None else mask.reshape(flat)
        left: list[Leftover] = []
        with np.errstate(all="ignore"):
            for rows in row_blocks(result.shape):
                index = index_of(rows, result.shape)
                x, *g = (a[index].astype(np.float64) for a in operands)
                unmasked = None if mask is None else mask[index]
                result[index], open_here = self._block(quantity, x, g[0] if g else None, unmasked, fmt)
                if open_here is not None:
                    left.append(open_here._replace(rows=rows[open_here.rows]))
                    if sum(o.x.size for o in left) >= ROW_BLOCK:
                        other_tiers(self.spec, quantity, left, result, fmt)
                        left = []
            if left:
                other_tiers(self.spec, quantity, left, result, fmt)

    def _block(
        self, quantity: str, x: Float64, g: Float64 | None, unmasked: Live, fmt: Format
    ) -> tuple[NDArray[Any], Leftover | None]:
        """Results of the first tier, special rows among them, and what it leaves open."""
        finite = np.isfinite(x).all() and (g is None or np.isfinite(g).all())
        if unmasked is None and finite:
            return first_tier(self.spec, quantity, x, g, None, fmt)
        if unmasked is None:
            unmasked = np.ones(x.shape, np.bool_)
        live = unmasked & (x != -np.inf)
        y = np.zeros(x.shape, fmt.dtype)
        undefined = (live & ~(x < np.inf)).any(-1) | ~live.any(-1)
        y[undefined[:, np.newaxis] & unmasked] = np.nan
        steep = np.zeros(undefined.shape, np.bool_)
        if g is not None:
            steep = ~undefined & (unmasked & ~np.isfinite(g)).any(-1)
            y[steep] = _infinite_cotangent(live[steep], unmasked[steep], g[steep]).astype(fmt.dtype)
            g = np.where(live, g, 0.0)
        plain = np.flatnonzero(~(undefined | steep))
        if not plain.size:
            return y, None
        g = None if g is None else g[plain]
        found, left = first_tier(self.spec, quantity, x[plain], g, live[plain], fmt)
        found[~live[plain]] = 0
        y[plain] = found
        return y, None if left is None else left._replace(rows=plain[left.rows])


def _apart(a: Array, result: Array) -> Array:
    """`a`, copied if writing `result` row by row could change rows not read yet."""
    same = a.__array_interface__["data"] == result.__array_interface__["data"]
    if a is result or not np.may_share_memory(a, result) or (same and a.strides == result.strides):
        return a
    return a.copy()


def _infinite_cotangent(live: Any, unmasked: Any, g: Float64) -> Float64:
    """J g where g has infinities or NaN: J_ii > 0, J_ij < 0 among two or more live entries, else 0."""
    g = np.where(unmasked, g, 0.0)
    up = (g == np.inf).sum(-1, keepdims=True)
    down = (g == -np.inf).sum(-1, keepdims=True)
    own_up, own_down = g == np.inf, g == -np.inf
    rises = own_up | (down - own_down > 0)  # some term of the sum is +inf
    falls = own_down | (up - own_up > 0)
    y = np.where(rises, np.inf, -np.inf)
    y = np.where(rises & falls, np.nan, y)
    zero_times_inf = (np.isinf(g) & ~live).any(-1) | (live.sum(-1) < 2) | np.isnan(g).any(-1)
    y = np.where(zero_times_inf[..., np.newaxis] | ~live, np.nan, y)
    return np.where(unmasked, y, 0.0)
