"""Gated units and PReLU's products by weights beside the top and the bottom of every format.

Each unit has at least 100,000 results, or products of its factors, within 2^-20 of an edge: values, VJPs by
a and by b, and JVPs, in all formats together. The weights' products are as many.
"""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, Format, nearest

from refacts import GLU, PReLU, glu, oracles, swiglu
from tests import checks, edges_gated
from tests.checks import as_float64
from tests.planted_edges import flushes_the_least, overflows_early, trust_any_words
from tests.strategies import FORMAT_NAMES
from tests.test_edges import LEAST
from tests.test_gated import GATED, Doubled, Halves

SHARES = {"float16": 10, "bfloat16": 10, "float32": 3, "float64": 2}  # one in so many of the results


def generator(*names: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(" ".join(names).encode()))


def judged(kernel: Any, quantity: str, fmt: Format, b: Any, *others: Any, measured: bool = True) -> None:
    """Compare one quantity with the oracle's."""
    called: Any = Halves(kernel) if isinstance(kernel, GLU) else kernel
    given_b, a, *rest = (fmt.encode(x) for x in (b, *others))
    with np.errstate(all="raise"):
        if quantity == "value":
            y = called(a, given_b)
        elif quantity == "jvp":
            y = called.jvp(a, given_b, *rest)
        else:
            y = called.vjp(a, given_b, *rest)[int(quantity == "vjp_b")]
    exact = oracles.reference_gated(kernel.spec.name, quantity, others[0], b, fmt, *others[1:])
    checks.compare(kernel, quantity, fmt, y, exact, b, measured)


def results_at_edges(kernel: Any, fmt: Format, count: int, measured: bool = True) -> int:
    """Compare all quantities; how many results, or products of their factors, lie beside an edge."""
    rng, found = generator(kernel.spec.name, fmt.name), 0
    b, a, near = edges_gated.two_factors(kernel, fmt, count // 4, rng)
    found += int(near.sum())
    judged(kernel, "value", fmt, b, a, measured=measured)
    judged(kernel, "vjp_a", fmt, b, a[::-1].copy(), a, measured=measured)  # the same map
    for quantity, operands in (("vjp_b", edges_gated.three_factors), ("jvp", edges_gated.sums)):
        *drawn, near = operands(kernel, fmt, count * 3 // 8, rng)
        found += int(near.sum())
        judged(kernel, quantity, fmt, *drawn, measured=measured)
    return found


@pytest.mark.parametrize("kernel", GATED, ids=lambda f: f.spec.name)
def test_bits_at_the_edges(kernel: Any) -> None:
    found = 0
    for name in FORMAT_NAMES[:-1]:
        found += results_at_edges(kernel, FORMATS[name], LEAST // SHARES[name])
    found += results_at_edges(kernel, FORMATS["float64"], LEAST - found + 1000)
    assert found >= LEAST


ONCE_INFINITE = [  # a, b, g and g·a·sigmoid'(b)
    "0x1.5b4bdd999caf1p+92 -0x1.fffffffffffc5p-55 -0x1.796823435ca83p+933 -0x1.ffffffffffffep+1023",
    "0x1.e32245ea861e3p+860 -0x1.fffffffffffcbp-55 -0x1.0f4b9f76aa980p+165 -0x1.fffffffffcdbcp+1023",
    "-0x1.2fb46f96a6ca2p+451 -0x1.fffffffffffc6p-55 0x1.af93b24bb7f4dp+574 -0x1.fffffffffffffp+1023",
]


@pytest.mark.parametrize("case", ONCE_INFINITE)
def test_a_low_word_that_overflows_decides_nothing(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a tier that trusts it is seen."""
    a, b, g, want = map(float.fromhex, case.split())
    assert glu.vjp([a, b], [g])[1] == want
    trust_any_words(monkeypatch)
    assert glu.vjp([a, b], [g])[1] == -np.inf


def weights_at_edges(kernel: type[PReLU], fmt: Format, count: int) -> int:
    """Compare products by weights, each of one x and g, with Fractions; how many lie beside an edge."""
    x, g, near = edges_gated.weight_products(fmt, count, generator("prelu", fmt.name))
    with np.errstate(all="raise"):
        y = kernel(np.zeros(x.size)).weight_vjp(fmt.encode(x), fmt.encode(g))
    assert y.dtype == fmt.dtype
    same_products(y, x, g, fmt)
    return int(near.sum())


def same_products(y: Any, x: Any, g: Any, fmt: Format) -> None:
    exact = [nearest(Fraction(p) * Fraction(q), fmt) for p, q in zip(x.tolist(), g.tolist(), strict=True)]
    wrong = (as_float64(y) != exact) | (np.signbit(as_float64(y)) != np.signbit(exact))
    assert not wrong.any(), f"weight_vjp of {x[wrong][0].hex()} and {g[wrong][0].hex()} in {fmt.name}"


def sums_at_edges(kernel: type[PReLU], fmt: Format, count: int) -> None:
    """The same products, and beside each two that cancel and share its weight."""
    x, g, _ = edges_gated.weight_products(fmt, count, generator("sums", fmt.name))
    far = np.full(x.size, fmt.max)
    rows = np.stack([x, -far, -far], 1), np.stack([g, far, -far], 1)
    with np.errstate(all="raise"):
        y = kernel(np.zeros((x.size, 1))).weight_vjp(*map(fmt.encode, rows))
    same_products(y[:, 0], x, g, fmt)


def test_weights_at_the_edges() -> None:
    found = [weights_at_edges(PReLU, FORMATS[name], LEAST * 6 // 10) for name in FORMAT_NAMES]
    assert sum(found) >= LEAST


@pytest.mark.parametrize("fmt", FORMAT_NAMES)
def test_sums_that_cancel_beyond_every_format(fmt: str) -> None:
    sums_at_edges(PReLU, FORMATS[fmt], 1000)


class Naive(PReLU):
    """Sums of float64, and no subnormal numbers."""

    def weight_vjp(self, x: Any, g: Any) -> Any:
        with np.errstate(all="ignore"):
            terms = as_float64(x) * as_float64(g)
            y = (terms.sum(-1, keepdims=True) if terms.ndim > 1 else terms).astype(x.dtype)
        return np.where(np.abs(y) < np.finfo(y.dtype).smallest_normal, np.copysign(y.dtype.type(0), y), y)


@pytest.mark.parametrize("fmt", ["float16", "float32", "float64"])
def test_weights_wrong_at_an_edge_are_seen(fmt: str) -> None:
    for check in (weights_at_edges, sums_at_edges):
        with pytest.raises(AssertionError, match="weight_vjp of"):
            check(Naive, FORMATS[fmt], 1000)


class Spoilt(Doubled):
    """A unit one of whose quantities goes through `wrong`."""

    def __init__(self, kernel: Any, spoilt: str, wrong: Any):
        super().__init__(kernel, spoilt)
        self.gate, self.wrong = kernel.gate, wrong

    def _maybe(self, name: str, y: Any) -> Any:
        return self.wrong(y) if name == self.spoilt else y


@pytest.mark.parametrize("wrong", [overflows_early, flushes_the_least])
@pytest.mark.parametrize("quantity", ["value", "vjp_a", "vjp_b", "jvp"])
@pytest.mark.parametrize("fmt", ["float16", "float32", "float64"])
def test_units_wrong_at_an_edge_are_seen(quantity: str, wrong: Any, fmt: str) -> None:
    planted = Spoilt(swiglu, quantity, wrong)
    with pytest.raises(AssertionError, match=f"swiglu.{quantity}.* want"):
        results_at_edges(planted, FORMATS[fmt], 2000, measured=False)
