"""Results beside the top and the bottom of every format: the same bits as the oracle's, on every path.

Every elementwise activation has at least 100,000 different results, or products of a cotangent and a
parameter, within 2^-20 of an edge (`tests/edges.py` says which). Its parameters, the formats, values,
derivatives and VJPs share them; the JVPs of the same operands are compared and not counted.
`REFACTS_EDGES=1000000` in the environment asks for ten times as many.
"""

from __future__ import annotations

import os
import zlib
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, Format

import refacts
from refacts import ELU, oracles
from tests import checks, edges
from tests.checks import call
from tests.planted_edges import (
    flushes_the_least,
    flushes_the_least_normal,
    overflows_early,
    spoilt,
    trust_any_words,
)
from tests.strategies import FORMAT_NAMES
from tests.variants import ELEMENTWISE, TIED, VARIANTS

LEAST = int(os.environ.get("REFACTS_EDGES", "100000"))
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
    """Compare VJPs and JVPs; how many VJPs lie beside an edge, or have a g that a parameter takes there."""
    rng, found = generator(kernel, fmt), 0
    x = edges.places(kernel, fmt, count // 20 + 40, rng)
    scaled = edges.scaled_cotangents(kernel, fmt, x, count // 4, rng)
    for *operands, near in (scaled, edges.cotangents(kernel, fmt, x, count - scaled[0].size, rng)):
        if near.size:
            judged(kernel, ("vjp", "jvp"), fmt, *operands, measured)
            found += int(near.sum())
    return found


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_bits_at_the_edges(family: list[Any]) -> None:
    cases = [(kernel, FORMATS[name]) for name in FORMAT_NAMES for kernel in family]
    found = 0
    for i, (kernel, fmt) in enumerate(cases):
        count = max(LEAST * 21 // 20 - found, 0) // (len(cases) - i) + 40
        count = count // 4 if fmt.bits == 16 else count
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


def test_a_tier_that_trusts_an_infinite_word_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = ELU(1.5)
    products_at_edges(kernel, FORMATS["float64"], 3000, measured=False)
    trust_any_words(monkeypatch)
    with pytest.raises(AssertionError, match="elu.vjp.* = -?inf, want -?0x1.f"):
        products_at_edges(kernel, FORMATS["float64"], 3000, measured=False)
    alpha, x, g, want = ONCE_INFINITE[1]
    assert call(ELU(alpha), "vjp", x, g) == np.inf != want


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
