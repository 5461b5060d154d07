"""The demands on softmax, and rows that are hard for it."""

from __future__ import annotations

from typing import Any

import numpy as np

import oracles
from tests.checks import as_float64, call, compare
from tests.strategies import format_of


def rows_of(a: Any, axis: int = -1) -> Any:
    """The 1-d slices along an axis as float64, one a row."""
    moved = np.moveaxis(np.asarray(a), axis, -1)
    count = int(np.prod(moved.shape[:-1]))
    return as_float64(moved).reshape(count, moved.shape[-1])


def joined(parts: list[Any]) -> Any:
    fields = ("rounded", "residual", "ulp")
    return oracles.Reference(*(np.concatenate([getattr(p, f) for p in parts]) for f in fields))


def matches_oracle(
    kernel: Any, quantity: str, x: Any, g: Any = None, measured: bool = True, where: Any = None
) -> None:
    """Bit equality with the oracle at every element of every row."""
    fmt, axis = format_of(x), kernel.axis
    options = {} if where is None else {"where": where}
    if quantity == "jacobian":
        with np.errstate(all="raise"):
            y = kernel.jacobian(x, **options)
        computed = as_float64(y).reshape(-1)
        assert y.shape == (*np.moveaxis(x, axis, -1).shape, x.shape[axis])
    else:
        y = call(kernel, quantity, x, g, **options)
        assert y.shape == x.shape
        computed = rows_of(y, axis).reshape(-1)
    assert y.dtype == fmt.dtype
    rows = rows_of(x, axis)
    gs = [None] * len(rows) if g is None else rows_of(g, axis)
    masks = [None] * len(rows)
    if where is not None:
        masks = rows_of(np.broadcast_to(where, x.shape), axis).astype(bool)
    asked = "vjp" if quantity == "jvp" else quantity
    parts = [
        oracles.reference_row("softmax", asked, row, fmt, gi, mask)
        for row, gi, mask in zip(rows, gs, masks, strict=True)
    ]
    if parts:
        compare(kernel, quantity, fmt, computed, joined(parts), rows, measured)


def hard_rows(fmt: Any, seed: int) -> list[tuple[Any, Any]]:
    """(x, g) in a format: ordinary, wide, one-hot, equal, masked by -inf, tied, tiny, any bits."""
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
            finite[0],
        ]
        gs = [rng.normal(size=n), rng.choice([-1.0, 0.0, 1.0, 2.0], n), finite[1]]
        with np.errstate(all="ignore"):
            found += [(x.astype(fmt.dtype), g.astype(fmt.dtype)) for x in xs for g in gs]
    return found
