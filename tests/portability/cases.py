"""What is digested: every activation, quantity and format, on inputs made from integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

import refacts
from tests.portability.integers import LAYOUTS, Layout, mixed, moderate, rows, words

VARIANTS = (
    refacts.LeakyReLU(Fraction(1, 3)),
    refacts.ELU(Fraction(1, 3)),
    refacts.ELU(1.5),
    refacts.CELU(-0.3),
    refacts.Swish(-1.702),
    refacts.Softplus(20),
    refacts.Squareplus(0.3),
    refacts.HardSigmoid(0.2, 0.5),
    refacts.Softshrink(0.1),
)
ACTIVATIONS = (*refacts.CATALOGUE, *VARIANTS)
ELEMENTS = 400  # of an elementwise or gated quantity; value and gradient of 16 bits have all 65,536
ROWS = 22
LENGTHS = (1, 2, 5, 24)


class Case(NamedTuple):
    """One quantity of an activation in a format, and the call that gives its results."""

    activation: Any
    quantity: str
    layout: Layout
    results: Callable[[], list[Any]]

    @property
    def name(self) -> str:
        return f"{self.activation!r} {self.quantity} {self.layout.name}"


def cases(scale: int = 1) -> Iterator[Case]:
    """All of them, on `scale` times as many inputs, which depend on the activation alone."""
    kinds = {"elementwise": _elementwise, "rowwise": _rowwise, "gated": _gated}
    for activation in ACTIVATIONS:
        seed = 1000 * (crc32(repr(activation).encode()) % 4_000_000)
        for layout in LAYOUTS.values():
            for quantity, call in kinds[activation.spec.kind](activation, layout, seed, scale):
                yield Case(activation, quantity, layout, call)


Calls = Iterator[tuple[str, Callable[[], list[Any]]]]


def _elementwise(f: Any, layout: Layout, seed: int, scale: int) -> Calls:
    count = ELEMENTS * scale
    x, g = mixed(layout, seed, count), mixed(layout, seed + 100, count)
    every = layout.floats(np.arange(1 << 16, dtype=np.uint64)) if layout.bits == 16 else x
    yield "value", lambda: [f(every)]
    yield "gradient", lambda: [f.gradient(every)]
    yield "vjp", lambda: [f.vjp(x, g)]
    yield "jvp", lambda: [f.jvp(g, x)]
    if isinstance(f, refacts.PReLU):
        yield "weight_gradient", lambda: [f.weight_gradient(every)]
        yield "weight_vjp", lambda: _weight_vjps(f, layout, seed, count)


def _weight_vjps(f: Any, layout: Layout, seed: int, count: int) -> list[Any]:
    """Of one weight and of several, for numbers whose sums are not all infinite or NaN."""
    x, g = (layout.floats(moderate(layout, seed + d, count)).reshape(-1, 8) for d in (200, 210))
    wild = mixed(layout, seed, count).reshape(-1, 8)
    several = refacts.PReLU(LAYOUTS["float64"].floats(moderate(LAYOUTS["float64"], seed + 220, 8)))
    return [f.weight_vjp(x, g), several.weight_vjp(x, g), several.weight_vjp(wild, g), several(wild)]


def _rowwise(f: Any, layout: Layout, seed: int, scale: int) -> Calls:
    drawn = []
    for k, n in enumerate(LENGTHS):
        x, g = (rows(layout, seed + 40 * k + d, ROWS * scale, n) for d in (0, 20))
        mask = words(seed + 40 * k + 30, x.size).reshape(x.shape) % np.uint64(3) != 0
        drawn.append((x, g, mask))
    reduces = f.spec.name == "logsumexp"

    def each(quantity: str, masked: bool) -> Callable[[], list[Any]]:
        def results() -> list[Any]:
            found = []
            for x, g, mask in drawn:
                beside = {"vjp": [g[:, 0] if reduces else g], "jvp": [g]}.get(quantity, [])
                found.append(method(f, quantity)(x, *beside, where=mask if masked else None))
            return found

        return results

    for quantity in ("value", "gradient", "vjp", "jvp", "jacobian"):
        yield quantity, each(quantity, masked=False)
        yield f"{quantity} where", each(quantity, masked=True)


def _gated(f: Any, layout: Layout, seed: int, scale: int) -> Calls:
    a, b, v, w = (mixed(layout, seed + 100 * k, ELEMENTS * scale) for k in range(4))
    operands = {"value": (a, b), "gradient": (a, b), "vjp": (a, b, v), "jvp": (a, b, v, w)}
    for quantity, given in operands.items():
        yield quantity, gated_call(f, quantity, given)


def gated_call(f: Any, quantity: str, operands: Sequence[Any]) -> Callable[[], list[Any]]:
    """The call of a gated unit with arrays a, b and what else it takes; glu gets pairs of them, joined."""
    if not isinstance(f, refacts.GLU):
        return lambda: _arrays(method(f, quantity)(*operands))
    a, b, *beside = operands
    joined = [np.stack([a, b], -1)]
    if quantity == "vjp":
        joined.append(beside[0][:, np.newaxis])
    elif quantity == "jvp":
        joined.append(np.stack(beside, -1))
    return lambda: [method(f, quantity)(*joined)]


def _arrays(found: Any) -> list[Any]:
    return list(found) if isinstance(found, tuple) else [found]


def method(f: Any, quantity: str) -> Any:
    """What computes a quantity: the activation itself for its value."""
    return f if quantity == "value" else getattr(f, quantity)
