"""Results beside the top and the bottom of every format: the same bits as the oracle's, on every path.

Every activation, its other parameters included, has at least 100,000 results or products with a parameter
within 2^-20 of an edge (`tests/edges.py` says which), all formats, values, derivatives and VJPs together; the
JVP of the same operands is compared as well, and is not counted.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oracles
import refacts
from oracles import FORMATS, Format
from refacts import ELU
from refacts.arithmetic.double_double import SAFE_MIN, DoubleDouble
from tests import checks, edges
from tests.checks import call
from tests.planted import Planted
from tests.strategies import FORMAT_NAMES
from tests.variants import ELEMENTWISE, TIED, VARIANTS

LEAST = 100_000
FAMILIES = {f.spec.name: [v for v in (f, *VARIANTS, *TIED) if v.spec is f.spec] for f in ELEMENTWISE}


def generator(kernel: Any, fmt: Format) -> np.random.Generator:
    drawn_for = f"{kernel.spec.name} {kernel.parameters} {fmt.name}"
    return np.random.default_rng(zlib.crc32(drawn_for.encode()))


def judged(kernel: Any, quantities: tuple[str, ...], fmt: Format, x: Any, g: Any, measured: bool) -> Any:
    """Compare with the oracle; the exact sizes of the results."""
    asked = "vjp" if g is not None else quantities[0]
    name, parameters = kernel.spec.name, kernel.parameters
    reference = oracles.reference(name, asked, x, fmt, parameters, g)
    given = fmt.encode(x), None if g is None else fmt.encode(g)
    for quantity in quantities:
        y = call(kernel, quantity, *given)
        assert y.dtype == fmt.dtype
        checks.compare(kernel, quantity, fmt, y, reference, x, measured)
    return edges.size_of_results(reference)


def values_at_edges(kernel: Any, fmt: Format, count: int, measured: bool = True) -> int:
    """Compare values and derivatives; how many lie beside an edge."""
    rng, found = generator(kernel, fmt), 0
    for quantity in ("value", "derivative"):
        x = edges.arguments(kernel, fmt, quantity, count, rng)
        sizes = judged(kernel, (quantity,), fmt, x, None, measured)
        found += int(edges.beside_an_edge(sizes, fmt).sum())
    return found


def products_at_edges(kernel: Any, fmt: Format, count: int, measured: bool = True) -> int:
    """Compare VJPs and JVPs; how many of either lie beside an edge, or a factor of theirs does."""
    rng, found = generator(kernel, fmt), 0
    x = edges.places(kernel, fmt, count // 12 + 40, rng)
    scaled = edges.scaled_cotangents(kernel, fmt, x, count // 4, rng)
    for operands in (scaled, edges.cotangents(kernel, fmt, x, count - scaled[0].size, rng)):
        if operands[0].size:
            judged(kernel, ("vjp", "jvp"), fmt, *operands, measured)
            found += operands[0].size
    return found


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_bits_at_the_edges(family: list[Any]) -> None:
    cases = [(kernel, FORMATS[name]) for name in FORMAT_NAMES for kernel in family]
    found = 0
    for i, (kernel, fmt) in enumerate(cases):
        count = max(LEAST * 21 // 20 - found, 0) // (len(cases) - i) + 40
        found += values_at_edges(kernel, fmt, count // 8)
        found += products_at_edges(kernel, fmt, count)
    assert found >= LEAST


LARGEST, LEAST_SUBNORMAL = float(np.finfo(float).max), 5e-324
ONCE_INFINITE = [  # alpha, x, g and g·alpha·e^x
    (4.0, -1e-40, LARGEST / 4, LARGEST),
    (1.5, -5e-324, float.fromhex("0x1.5555555555554p+1023"), float.fromhex("0x1.ffffffffffffep+1023")),
    (1.5, -1e-40, float.fromhex("0x1.5555555555554p+1023"), float.fromhex("0x1.ffffffffffffep+1023")),
    (-2.0, -1e-40, LARGEST / 2, -LARGEST),
    (-2.0, -5e-324, -LARGEST / 2, LARGEST),
]


@pytest.mark.parametrize(("alpha", "x", "g", "want"), ONCE_INFINITE)
def test_a_low_word_that_overflows_decides_nothing(alpha: float, x: float, g: float, want: float) -> None:
    assert call(ELU(alpha), "vjp", x, g) == want
    assert call(ELU(alpha), "jvp", x, g) == want


def trust_any_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Double-double as it was: what overflowed is exact if the bound says so."""
    settle = DoubleDouble.settle

    def trusting(self: Any, units: Any, fmt: Any) -> Any:
        answer, certain = settle(self, units, fmt)
        return answer, certain | np.equal(units, 0)

    monkeypatch.setattr(DoubleDouble, "whole", lambda self: np.abs(self.hi) >= SAFE_MIN)
    monkeypatch.setattr(DoubleDouble, "settle", trusting)


def test_a_tier_that_trusts_an_infinite_word_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = ELU(1.5)
    products_at_edges(kernel, FORMATS["float64"], 3000, measured=False)
    trust_any_words(monkeypatch)
    with pytest.raises(AssertionError, match="elu.vjp.* = -?inf, want -?0x1.f"):
        products_at_edges(kernel, FORMATS["float64"], 3000, measured=False)
    alpha, x, g, want = ONCE_INFINITE[1]
    assert call(ELU(alpha), "vjp", x, g) == np.inf != want


def spoilt(kernel: Any, wrong: Callable[[Any], Any]) -> Planted:
    """A kernel whose every result goes through `wrong`."""
    return Planted(
        kernel,
        lambda x: wrong(kernel(x)),
        lambda x: wrong(kernel.gradient(x)),
        lambda x, g: wrong(kernel.vjp(x, g)),
    )


def overflows_early(y: Any) -> Any:
    return np.where(np.abs(y) == np.finfo(y.dtype).max, np.copysign(y.dtype.type(np.inf), y), y)


def flushes_the_least(y: Any) -> Any:
    return np.where(np.abs(y) == np.finfo(y.dtype).smallest_subnormal, np.copysign(y.dtype.type(0), y), y)


def flushes_the_least_normal(y: Any) -> Any:
    return np.where(np.abs(y) == np.finfo(y.dtype).smallest_normal, np.copysign(y.dtype.type(0), y), y)


@pytest.mark.parametrize("wrong", [overflows_early, flushes_the_least, flushes_the_least_normal])
@pytest.mark.parametrize("kernel", [refacts.relu, refacts.silu], ids=lambda f: f.spec.name)
@pytest.mark.parametrize("fmt", ["float16", "float32", "float64"])
def test_kernels_wrong_at_an_edge_are_seen(kernel: Any, wrong: Any, fmt: str) -> None:
    planted = spoilt(kernel, wrong)
    with pytest.raises(AssertionError, match=f"{kernel.spec.name}.value.* want"):
        values_at_edges(planted, FORMATS[fmt], 400, measured=False)
    with pytest.raises(AssertionError, match=f"{kernel.spec.name}.vjp.* want"):
        products_at_edges(planted, FORMATS[fmt], 3000, measured=False)


def test_what_is_beside_an_edge() -> None:
    """The control of the count: in float64 an edge, what lies 2^-21 from it, and what lies 2^-19 from it."""
    fmt = FORMATS["float64"]
    for edge in (fmt.max, 2.0**fmt.emin):
        x = np.array([edge, edge * (1 - 2.0**-21), edge * (1 - 2.0**-19), edge / 2])
        assert edges.beside_an_edge(edges.Size.of(x), fmt).tolist() == [True, True, False, False]
