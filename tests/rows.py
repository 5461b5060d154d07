"""The demands on row-wise kernels, and rows that are hard for them."""

from __future__ import annotations

from typing import Any

import numpy as np

import refacts
from refacts import oracles
from tests.checks import as_float64, call, compare
from tests.strategies import format_of

ROWWISE = [f for f in refacts.CATALOGUE if f.spec.kind == "rowwise"]
QUANTITIES = ("value", "derivative", "vjp", "jvp", "jacobian")


def along(kernel: Any, axis: int) -> Any:
    """The same activation along another axis."""
    return type(kernel)(axis=axis)


def reduces(kernel: Any) -> bool:
    return bool(kernel.spec.name == "logsumexp")


def cotangent(kernel: Any, quantity: str, g: Any) -> Any:
    """What a quantity takes beside x, made of a g with the shape of x: nothing, g, or one entry a row."""
    if quantity not in ("vjp", "jvp"):
        return None
    if not (quantity == "vjp" and reduces(kernel)):
        return g
    rows = np.moveaxis(g, kernel.axis, -1)
    return rows[..., 0] if rows.shape[-1] else np.ones(rows.shape[:-1], g.dtype)


def rows_of(a: Any, axis: int = -1) -> Any:
    """The 1-d slices along an axis as float64, one a row."""
    moved = np.moveaxis(np.asarray(a), axis, -1)
    count = int(np.prod(moved.shape[:-1]))
    return as_float64(moved).reshape(count, moved.shape[-1])


def joined(parts: list[Any]) -> Any:
    fields = ("rounded", "residual", "ulp")
    return oracles.Reference(*(np.concatenate([getattr(p, f) for p in parts]) for f in fields))


def result_shape(kernel: Any, quantity: str, x: Any) -> tuple[int, ...]:
    last = np.moveaxis(x, kernel.axis, -1).shape
    if quantity == "jacobian":
        return last if reduces(kernel) else (*last, last[-1])
    return last[:-1] if reduces(kernel) and quantity in ("value", "jvp") else x.shape


def computed(kernel: Any, quantity: str, x: Any, g: Any, **options: Any) -> Any:
    """All results of a kernel, row by row, as float64; its shape and dtype are checked."""
    if quantity == "jacobian":
        with np.errstate(all="raise"):
            y = kernel.jacobian(x, **options)
    else:
        y = call(kernel, quantity, x, g, **options)
    shape = result_shape(kernel, quantity, x)
    assert y.shape == shape, f"{kernel!r}.{quantity}: shape {y.shape}, want {shape}"
    assert y.dtype == options.get("dtype", format_of(x).dtype)
    if y.shape == x.shape and quantity != "jacobian":
        y = rows_of(y, kernel.axis)
    return as_float64(y).reshape(-1)


def matches_oracle(
    kernel: Any,
    quantity: str,
    x: Any,
    g: Any = None,
    measured: bool = True,
    where: Any = None,
    dtype: Any = None,
) -> None:
    """Bit equality with the oracle at every element of every row."""
    fmt, axis = format_of(x if dtype is None else np.empty(0, dtype)), kernel.axis
    options = {key: given for key, given in (("where", where), ("dtype", dtype)) if given is not None}
    y = computed(kernel, quantity, x, g, **options)
    rows = rows_of(x, axis)
    masks = [None] * len(rows)
    if where is not None:
        masks = rows_of(np.broadcast_to(where, x.shape), axis).astype(bool)
    gs = [None] * len(rows)
    if g is not None:
        gs = as_float64(g).reshape(-1, 1) if np.ndim(g) < x.ndim else rows_of(g, axis)
    parts = [
        oracles.reference_row(kernel.spec.name, quantity, row, fmt, gi, mask)
        for row, gi, mask in zip(rows, gs, masks, strict=True)
    ]
    if parts:
        compare(kernel, quantity, fmt, y, joined(parts), rows, measured)


def hard_rows(fmt: Any, seed: int) -> list[tuple[Any, Any]]:
    """(x, g) in a format: ordinary, wide, one-hot, equal, masked by -inf, tied, tiny, any bits.

    Cotangents are ordinary, small integers, any bits, 1e300 and 1e-300 mixed, and such that their
    weighted mean cancels.
    """
    rng = np.random.default_rng(seed)
    found = []
    for n in (1, 2, 3, 10, 40):
        bits = [fmt.decode(rng.integers(0, 2**fmt.bits, n, dtype=np.uint64)) for _ in range(2)]
        finite = [np.where(np.isfinite(b), b, 1.0) for b in bits]
        xs = [
            rng.normal(size=n) * 3,
            rng.uniform(-700, 700, n),
            np.where(np.arange(n) == n // 2, 40.0, 0.0),
            np.full(n, rng.normal()),
            np.where(rng.random(n) < 0.5, -np.inf, rng.normal(size=n)),
            rng.choice([0.0, 1.0, 2.0], n),
            rng.normal(size=n) * 1e-9,
            np.where(rng.random(n) < 0.5, -1e9, rng.normal(size=n)),
            np.full(n, -np.log(n)),
            finite[0],
        ]
        far = 1e300 if fmt.bits == 64 else float(fmt.max) / 8
        signs = np.resize([1.0, -1.0], n)
        gs = [
            rng.normal(size=n),
            rng.choice([-1.0, 0.0, 1.0, 2.0], n),
            finite[1],
            rng.choice([far, 1 / far], n) * rng.normal(size=n),
            signs * (1 + np.arange(n) * 2.0 ** (1 - fmt.precision)),
        ]
        with np.errstate(all="ignore"):
            found += [(x.astype(fmt.dtype), g.astype(fmt.dtype)) for x in xs for g in gs]
    return found
