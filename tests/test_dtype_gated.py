"""`dtype=` of gated units: bit equality with the oracle for every pair of formats, and controls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.oracles.inputs import hard

import refacts
from refacts import oracles
from tests import checks
from tests.checks import as_float64, same_bits
from tests.mixed import PAIRS, midpoints, rounded
from tests.planted_mixed import CastsFirst, RoundsTwice
from tests.strategies import FORMAT_NAMES

PAIRED = [refacts.swiglu, refacts.geglu, refacts.reglu]
GATED = [refacts.glu, *PAIRED]
POINTS = (0.0, -0.75, 1.0, 14.0, 36.0, 68.0, 100.0, 2800.0)
SIMPLE = (1.0, -1.0, 2.0, -0.5, 3.0, 0.0, 1e-30)
pairs = pytest.mark.parametrize("pair", PAIRS, ids=":".join)


def drawn(source: str, target: str, count: int, seed: int) -> Any:
    """Numbers of the source: hard ones, midpoints of the target and multiples of them, simple ones."""
    fmt, rng = FORMATS[source], np.random.default_rng(seed)
    ties = midpoints(FORMATS[target], count, rng) * rng.choice([1.0, 2.0, 4.0], count)
    kinds = [rng.choice(hard(fmt, 800, seed, POINTS), count), ties, rng.choice(SIMPLE, count)]
    return fmt.encode(rounded(fmt, np.choose(rng.integers(0, 3, count), kinds)))


def check(kernel: Any, pair: tuple[str, str], count: int, seed: int = 2) -> None:
    """All quantities; g, v and w, and of two arrays b, have formats of their own."""
    source, target = pair
    turn = FORMAT_NAMES.index(source)
    names = [source, *(FORMAT_NAMES[(turn + k) % 4] for k in (1, 2, 3, 1))]
    if kernel.spec.name == "glu":
        names[1], names[4] = names[0], names[3]
    a, b, g, v, w = (drawn(name, target, count, seed + k) for k, name in enumerate(names))
    dtype = FORMATS[target].dtype
    with np.errstate(all="raise"):
        if kernel.spec.name == "glu":
            x = np.concatenate([a, b])
            value, slopes, jvp = (
                kernel(x, dtype=dtype),
                np.split(kernel.gradient(x, dtype=dtype), 2),
                kernel.jvp(x, np.concatenate([v, w]), dtype=dtype),
            )
            pulled = np.split(kernel.vjp(x, g, dtype=dtype), 2)
        else:
            value, jvp = kernel(a, b, dtype=dtype), kernel.jvp(a, b, v, w, dtype=dtype)
            slopes, pulled = kernel.gradient(a, b, dtype=dtype), kernel.vjp(a, b, g, dtype=dtype)
    found = {"value": value, "jvp": jvp}
    found |= dict(zip(("derivative_a", "derivative_b"), slopes, strict=True))
    found |= dict(zip(("vjp_a", "vjp_b"), pulled, strict=True))
    numbers = {name: as_float64(o) for name, o in zip("abgvw", (a, b, g, v, w), strict=True)}
    for quantity, y in found.items():
        assert y.dtype == dtype
        extra = {"vjp": ["g"], "jvp": ["v", "w"]}.get(quantity.partition("_")[0], [])
        given = [numbers[name] for name in ("a", "b")]
        beside = [numbers[name] for name in extra]
        exact = oracles.reference_gated(kernel.spec.name, quantity, *given, FORMATS[target], *beside)
        checks.compare(kernel, quantity, FORMATS[target], y, exact, numbers["b"], measured=False)


@pairs
@pytest.mark.parametrize("kernel", GATED, ids=lambda f: f.spec.name)
def test_bits_are_the_oracles(kernel: Any, pair: tuple[str, str]) -> None:
    check(kernel, pair, 150)


@pytest.mark.parametrize("kernel", PAIRED, ids=lambda f: f.spec.name)
def test_limits_are_rounded_once(kernel: Any) -> None:
    """At infinite b: products of three float64 numbers, and tangents, to fewer bits."""
    rng = np.random.default_rng(3)
    for target in ("float16", "bfloat16", "float32"):
        fmt = FORMATS[target]
        ties = midpoints(fmt, 200, rng) * (1 + rng.integers(-1, 2, 200) * 2.0**-52)
        a, g = ties, np.full(200, -1.0)
        b = rng.choice([np.inf, -np.inf], 200)
        for quantity, y in zip(("vjp_a", "vjp_b"), kernel.vjp(a, b, g, dtype=fmt.dtype), strict=True):
            exact = oracles.reference_gated(kernel.spec.name, quantity, a, b, fmt, g)
            checks.compare(kernel, quantity, fmt, y, exact, a, measured=False)
        x = np.concatenate([a, np.full(200, np.inf)])
        exact = oracles.reference_gated("glu", "value", a, np.full(200, np.inf), fmt)
        checks.compare(refacts.glu, "value", fmt, refacts.glu(x, dtype=fmt.dtype), exact, a, measured=False)
        v = np.concatenate([ties, g])
        exact = oracles.reference_gated("glu", "jvp", a, np.full(200, np.inf), fmt, ties, g)
        y = refacts.glu.jvp(x, v, dtype=fmt.dtype)
        checks.compare(refacts.glu, "jvp", fmt, y, exact, ties, measured=False)


def test_outputs_and_layouts() -> None:
    """`out` over the memory of an operand of another width, of two outputs, in another byte order."""
    rng = np.random.default_rng(4)
    a, b, g = rng.normal(size=(3, 5000))
    want = refacts.swiglu.vjp(a, b, g, dtype=np.float32)
    memory = np.stack([a, b, g])
    outs = tuple(memory.view(np.float32)[k, 1:5001] for k in (0, 2))
    refacts.swiglu.vjp(*memory, dtype=np.float32, out=outs)
    assert all(map(same_bits, outs, want))
    swapped = refacts.swiglu(a.astype(">f8"), b, dtype="float32")
    assert same_bits(swapped, refacts.swiglu(a, b, dtype="f4"))


@pytest.mark.parametrize("wrong", [RoundsTwice, CastsFirst])
@pytest.mark.parametrize("kernel", GATED, ids=lambda f: f.spec.name)
def test_other_roundings_are_seen(kernel: Any, wrong: Any) -> None:
    with pytest.raises(AssertionError, match="ulp"):
        check(wrong(kernel), ("float64", "bfloat16"), 300)
