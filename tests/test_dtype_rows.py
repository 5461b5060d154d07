"""`dtype=` of row-wise kernels: bit equality with the oracle for every pair of formats, and controls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from refacts import log_sigmoid, sigmoid, softplus
from tests.checks import as_float64, same_bits
from tests.edges import crossings
from tests.mixed import PAIRS, midpoints, rounded
from tests.planted_mixed import CastsFirst, RoundsTwice
from tests.rows import QUANTITIES, ROWWISE, along, cotangent, hard_rows, matches_oracle
from tests.strategies import FORMAT_NAMES

ids = pytest.mark.parametrize("kernel", ROWWISE, ids=lambda f: f.spec.name)
pairs = pytest.mark.parametrize("pair", PAIRS, ids=":".join)


def near_rows(source: Any, target: Any, count: int, seed: int) -> list[tuple[Any, Any]]:
    """(x, g) of two entries whose value, or else VJP, is nearly half way between two of the target."""
    rng = np.random.default_rng(seed)
    levels = np.abs(midpoints(target, 8 * count, rng))
    reached = ((sigmoid, 1), (log_sigmoid, -1), (softplus, 1))
    apart = [
        *(crossings(f, sign * levels, 2 * count, rng) for f, sign in reached),
        2 * levels[(levels > 0) & (levels < 1)] - 1,  # of sparsemax
    ]
    found = []
    for d in rng.permutation(np.concatenate(apart))[:count]:
        slope = sigmoid.gradient(d)
        g = rng.choice(levels) / rng.choice([slope if slope > 1e-30 else 1.0, 0.5])
        moved = np.nextafter(d, rng.choice([-np.inf, 0.0, np.inf]))
        x = rng.permutation([rng.choice([d, moved]), 0.0])
        found.append((source.encode(rounded(source, x)), np.array([min(g, 1e300), 0.0])))
    return found


def tied_rows(source: Any, target: Any, count: int, seed: int) -> list[tuple[Any, Any]]:
    """(x, g): distances to the largest, cotangents and their multiples half way between two of the target."""
    rng = np.random.default_rng(seed)
    found = []
    for n in rng.choice([2, 3, 7], count):
        ties = midpoints(target, 4 * n, rng)
        others = [0.0, 0.0, 1.0, -3.0, 2.0**-60, 257.0, -200.0, -5000.0, -20000.0]
        x = rng.choice(np.concatenate([ties, others]), n)
        g = rng.choice(np.concatenate([ties, 2 * ties, n * ties, [0.0, 1.0, -1.0]]), n)
        found.append((source.encode(rounded(source, x)), g))
    return found


def check(
    kernel: Any, pair: tuple[str, str], count: int, quantities: Any = QUANTITIES, seed: int = 3
) -> None:
    """Bit equality on some hard rows and tied ones, each g in a format of its own."""
    source, target = (FORMATS[name] for name in pair)
    rng = np.random.default_rng(seed)
    hard = hard_rows(source, seed)
    rows = [hard[k] for k in rng.permutation(len(hard))[:count]]
    rows += [*tied_rows(source, target, count, seed + 1), *near_rows(source, target, 2 * count, seed + 2)]
    for number, (x, g) in enumerate(rows):
        of_g = FORMATS[FORMAT_NAMES[number % 4]]
        given = rounded(of_g, as_float64(g)).astype(of_g.dtype)
        for quantity in quantities:
            if quantity != "jacobian" or x.size <= 7:
                beside = cotangent(kernel, quantity, given)
                matches_oracle(kernel, quantity, x, beside, measured=False, dtype=target.dtype)


@ids
@pairs
def test_bits_are_the_oracles(kernel: Any, pair: tuple[str, str]) -> None:
    check(kernel, pair, 8)


@ids
def test_any_axis_mask_and_layout(kernel: Any) -> None:
    rng = np.random.default_rng(4)
    x, g = rng.normal(size=(2, 3, 4, 5)) * 5
    mask = rng.random((3, 4, 5)) < 0.7
    bfloat16 = FORMATS["bfloat16"].dtype
    for axis in (0, -1):
        turned = along(kernel, axis)
        for source, of_g, target in (("<f8", "<f4", bfloat16), (">f4", bfloat16, np.float16)):
            a, b = x.astype(source).transpose(2, 1, 0)[::-1], g.astype(of_g).transpose(2, 1, 0)
            where = mask.transpose(2, 1, 0)
            for quantity in ("value", "derivative", "vjp", "jvp"):
                beside = cotangent(turned, quantity, b)
                matches_oracle(turned, quantity, a, beside, measured=False, where=where, dtype=target)


def test_out_and_long_rows() -> None:
    """Rows in pieces, and `out` over the memory of x."""
    x = np.random.default_rng(5).normal(size=(3, 30_000)) * 9
    for kernel in (refacts.softmax, refacts.log_softmax):
        whole = kernel(x, dtype=np.float32)
        for k in range(3):
            assert same_bits(kernel(x[k], dtype=np.float32), whole[k])
        memory = x.copy()
        out = memory.view(np.float32)[:, ::2]
        assert kernel(memory, out=out, dtype=np.float32) is out
        assert same_bits(out, whole)


@pytest.mark.parametrize("wrong", [RoundsTwice, CastsFirst])
@pytest.mark.parametrize("kernel", [refacts.softmax, refacts.log_softmax, refacts.sparsemax], ids=repr)
def test_other_roundings_are_seen(kernel: Any, wrong: Any) -> None:
    with pytest.raises(AssertionError, match="ulp"):
        check(wrong(kernel), ("float64", "bfloat16"), 40, ("value", "vjp"))
