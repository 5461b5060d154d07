"""The protocol of row-wise activations: `axis`, `where`, special rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from refacts import infinite
from refacts.activation import Activation
from refacts.arguments import (
    Array,
    as_mask,
    as_output,
    finished,
    normalized_axis,
    require_axis,
    require_shape,
)
from refacts.blocks import ROW_BLOCK, ordered
from refacts.columns import Live, Rows
from refacts.environment import standard_environment
from refacts.formats import Float64, Format
from refacts.operands import as_operands
from refacts.rowtiers import Leftover, first_tier, index_of, other_tiers, row_blocks


@dataclass(frozen=True)
class Rowwise(Activation):
    """An activation of whole rows, the 1-d slices of x along `axis`.

    Every element is the correctly rounded value of the exact real expression in the given inputs;
    what is exactly 0 is +0.0. Results have the input's shape and dtype (`jacobian` one axis more);
    `where`, a boolean array that broadcasts to the shape of `x`, leaves out the entries where it is
    False: they contribute nothing, and their results are 0. Entries of weight 0 (-inf) contribute
    nothing either. An unmasked NaN or +inf makes every unmasked result of its row NaN, and so does a
    row whose unmasked entries are all -inf. Rows of length 0 give results of length 0. All methods
    raise TypeError for unsupported dtypes and for an `out` of another dtype, ValueError for an
    axis that `x` has not got and for `out`, `g`, `v` or `where` of the wrong shape.

    `dtype` names another format for the results; x, g and v then have any formats of their own and are
    taken as they are, as in `Elementwise`.
    """

    axis: int = -1

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", require_axis(self.axis))

    @property
    def parameters(self) -> dict[str, Any]:
        """None: the axis does not enter the formula."""
        return {}

    def __call__(
        self,
        x: ArrayLike,
        out: Array | None = None,
        *,
        where: ArrayLike | None = None,
        dtype: DTypeLike | None = None,
    ) -> Any:
        """f(x); written to `out` if given, which may be `x` itself."""
        return self._map("value", out, where, dtype, x=x)

    def gradient(
        self,
        x: ArrayLike,
        out: Array | None = None,
        *,
        where: ArrayLike | None = None,
        dtype: DTypeLike | None = None,
    ) -> Any:
        """The Jacobian's diagonal, same shape as `x`. Backpropagation wants `vjp`."""
        return self._map("derivative", out, where, dtype, x=x)

    def vjp(
        self,
        x: ArrayLike,
        g: ArrayLike,
        out: Array | None = None,
        *,
        where: ArrayLike | None = None,
        dtype: DTypeLike | None = None,
    ) -> Any:
        """sum_i g_i J_ik per row, same shape as `x`: the cotangent `g`, of the value's shape, pulled back.

        Infinite g_i multiply the exact J_ik in extended real arithmetic (inf·0 is NaN).
        """
        return self._map("vjp", out, where, dtype, x=x, g=g)

    def jvp(
        self,
        x: ArrayLike,
        v: ArrayLike,
        out: Array | None = None,
        *,
        where: ArrayLike | None = None,
        dtype: DTypeLike | None = None,
    ) -> Any:
        """sum_j J_ij v_j per row, of the value's shape: the tangent `v` (shape of `x`) pushed forward."""
        return self._map("jvp", out, where, dtype, x=x, v=v)

    def jacobian(
        self, x: ArrayLike, *, where: ArrayLike | None = None, dtype: DTypeLike | None = None
    ) -> Any:
        """J_ij = df_i/dx_j, shape (..., n, n): `axis` (of length n) moved last, then doubled."""
        fmt, (array,) = as_operands(dtype, x=x)
        axis = normalized_axis(self.axis, array.ndim)
        rows = np.moveaxis(array, axis, -1)
        mask = as_mask(where, array.shape)
        n = rows.shape[-1]
        result = np.empty((*rows.shape, n), fmt.dtype)
        units = np.broadcast_to(_units(n), result.shape)  # row i is the VJP of the unit cotangent e_i
        if mask is not None:
            mask = np.moveaxis(mask, axis, -1)[..., np.newaxis, :]
            mask = np.broadcast_to(mask, result.shape)
        x_of_each = np.broadcast_to(rows[..., np.newaxis, :], result.shape)
        self._rows("vjp", [x_of_each, units], result, mask, fmt)
        if mask is not None:  # rows of masked entries, too, are 0 where others are NaN
            np.copyto(result, 0, where=~np.swapaxes(mask, -1, -2))
        return result

    def _shape(self, array: Array, axis: int) -> tuple[int, ...]:
        """The shape of the value."""
        return array.shape

    def _map(
        self, quantity: str, out: Array | None, where: ArrayLike | None, dtype: Any, **given: ArrayLike
    ) -> Any:
        """Operands by name: x, and g of the value's shape or v of that of x, if there is one."""
        fmt, operands = as_operands(dtype, **given)
        array, *cotangent = operands
        axis = normalized_axis(self.axis, array.ndim)
        own, value = array.shape, self._shape(array, axis)
        if cotangent:
            wanted, name = (value, "g") if "g" in given else (own, "v")
            require_shape(cotangent[0], name, "x" if wanted == own else "the value", wanted)
        mask = as_mask(where, own)
        result = as_output(out, array, fmt, value if quantity in ("value", "jvp") else own)
        if mask is not None:
            mask = np.moveaxis(mask, axis, -1)
            mask = mask.copy() if np.may_share_memory(mask, result) else mask
        *moved, last = (_rows_last(a, axis, array.ndim) for a in (*operands, result))
        moved, backwards = ordered(moved, [last], by_rows=True)
        self._rows(quantity, moved, last, mask, fmt, bool(backwards))
        return finished(result, out)

    def _rows(
        self,
        quantity: str,
        operands: list[Array],
        result: Array,
        mask: Any,
        fmt: Format,
        backwards: bool = False,
    ) -> None:
        arrays = [*operands, result] if mask is None else [*operands, result, mask]
        if all(a.flags.c_contiguous for a in arrays):  # one axis of rows is cheaper to walk
            *operands, result = (_flat(a) for a in (*operands, result))
            mask = None if mask is None else _flat(mask)
        left: list[Leftover] = []
        with standard_environment(), np.errstate(all="ignore"):
            for numbers in row_blocks(operands[0].shape, fmt, backwards):
                index = index_of(numbers, result.shape)
                x, *g = (a[index].astype(np.float64) for a in operands)
                unmasked = None if mask is None else mask[index]
                result[index], open_here = self._block(quantity, x, g[0] if g else None, unmasked, fmt)
                if open_here is not None:
                    left.append(open_here._replace(numbers=numbers[open_here.numbers]))
                    if sum(o.rows.x.size for o in left) >= ROW_BLOCK:
                        other_tiers(self.spec, quantity, left, result, fmt)
                        left = []
            if left:
                other_tiers(self.spec, quantity, left, result, fmt)

    def _block(
        self, quantity: str, x: Float64, g: Float64 | None, unmasked: Live, fmt: Format
    ) -> tuple[NDArray[Any], Leftover | None]:
        """Results of the first tier, special rows among them, and what it leaves open."""
        if unmasked is None:
            if x.size and np.isfinite(x).all() and (g is None or np.isfinite(g).all()):
                return self._plain(quantity, Rows(x, g, None), None, fmt)
            unmasked = np.ones(x.shape, np.bool_)
        live = unmasked & (x != -np.inf)
        undefined = (live & ~(x < np.inf)).any(-1) | ~live.any(-1)
        y = fmt.cast(self._outside(quantity, x, g, unmasked))
        y[undefined] = fmt.cast(self._undefined(quantity, x[undefined], unmasked[undefined]))
        steep = np.zeros(undefined.shape, np.bool_)
        if g is not None:
            heard = unmasked if g.shape == x.shape else np.ones_like(g, np.bool_)
            g = np.where(heard, g, 0.0)
            steep = ~undefined & ~np.isfinite(g).all(-1)
            y[steep] = fmt.cast(self._steep(quantity, *(a[steep] for a in (x, live, unmasked, g))))
        plain = np.flatnonzero(~(undefined | steep))
        if not plain.size:
            return y, None
        rows = Rows(x, g, live)[plain]
        answered = self._answered(quantity, rows.live, unmasked[plain])
        found, left = self._plain(quantity, rows, answered, fmt)
        y[plain] = np.where(answered, found, y[plain])
        return y, None if left is None else left._replace(numbers=plain[left.numbers])

    def _plain(
        self, quantity: str, rows: Rows, answered: Any, fmt: Format
    ) -> tuple[NDArray[Any], Leftover | None]:
        """Rows with finite entries that weigh something, and finite cotangents."""
        return first_tier(getattr(self.spec, quantity), rows, answered, fmt)

    def _answered(self, quantity: str, live: Any, unmasked: Any) -> NDArray[np.bool_]:
        """Which results the formula gives; `_outside` has the others."""
        answered: NDArray[np.bool_] = live
        return answered

    def _outside(self, quantity: str, x: Float64, g: Float64 | None, unmasked: Any) -> Float64:
        """Results at entries that weigh nothing."""
        return np.zeros(x.shape)

    def _undefined(self, quantity: str, x: Float64, unmasked: Any) -> Float64:
        """Results of rows that hold NaN or +inf, or in which nothing weighs anything."""
        return np.where(unmasked, np.nan, self._outside(quantity, x, x, unmasked))

    def _steep(self, quantity: str, x: Float64, live: Any, unmasked: Any, g: Float64) -> Float64:
        """Results of a vjp or jvp where g is not all finite."""
        y = infinite.product(self._signs(quantity, live, unmasked), g)
        return np.where(unmasked, y, 0.0)

    def _signs(self, quantity: str, live: Any, unmasked: Any) -> infinite.Signs:
        """The signs of what multiplies the cotangents."""
        return infinite.Signs(live & (live.sum(-1, keepdims=True) > 1), live, live)


def _rows_last(a: Array, axis: int, ndim: int) -> Array:
    """`a` with the axis of rows last: of length 1 where it was reduced away."""
    return np.moveaxis(a if a.ndim == ndim else np.expand_dims(a, axis), axis, -1)


def _units(n: int) -> Array:
    """The identity matrix, in memory for two rows."""
    line = np.zeros(2 * n)
    line[n : n + 1] = 1.0
    return np.lib.stride_tricks.sliding_window_view(line, n)[n:0:-1]


def _flat(a: Array) -> Array:
    return a.reshape(int(np.prod(a.shape[:-1])), a.shape[-1])
