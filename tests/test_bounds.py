"""The error bounds of formulas in every tier against the oracles, with margin."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import oracles
import refacts
from oracles import FORMATS
from oracles.inputs import hard
from refacts.arithmetic import double
from tests.measure import MARGIN, TIERS, context, every_tier, least_trusted, reals, served, worst_share
from tests.strategies import turning_points
from tests.variants import ELEMENTWISE

SMOOTH = [f for f in ELEMENTWISE if not f.spec.rational]


@cache
def points(name: str, fmt: str) -> Any:
    """Where the activation turns, everywhere else, and where it lives."""
    kernel = getattr(refacts, name)
    x = hard(FORMATS[fmt], 16000, seed=1, points=turning_points(kernel), lively=(-30, 30))
    x = np.random.default_rng(2).permutation(x[np.isfinite(x) & (x != 0)])
    lively = np.random.default_rng(4).uniform(-40, 40, 300).astype(fmt).astype(float)
    return np.concatenate([x[:700], lively])


@cache
def exact_results(name: str, quantity: str, fmt: str) -> list[Any]:
    kernel = getattr(refacts, name)
    exact = [
        oracles.exact(name, quantity, x, FORMATS["float64"], kernel.parameters).real
        for x in points(name, fmt).tolist()
    ]
    return [number(real) for real in exact]


def number(real: Any) -> Any:
    """An oracle's exact result; 0 for what is beyond any format."""
    mp = context()
    if real is None:
        return mp.mpf(0)
    known = hasattr(real, "numerator")
    return mp.mpf(real.numerator) / real.denominator if known else mp.make_mpf(real._mpf_)


def evaluated(kernel: Any, quantity: str, tier: str) -> tuple[Any, Any]:
    arithmetic = TIERS[tier]
    with np.errstate(all="ignore"):
        constants = map(arithmetic.constant, kernel._constants)
        x = arithmetic.lift(points(kernel.spec.name, served(tier)))
        return kernel._formula(quantity)(x, *constants)


@every_tier
@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("kernel", SMOOTH, ids=lambda f: f.spec.name)
def test_bounds_hold_with_margin(kernel: Any, quantity: str, tier: str) -> None:
    mp = context()
    value, units = evaluated(kernel, quantity, tier)
    exact = exact_results(kernel.spec.name, quantity, served(tier))
    assert worst_share(mp, TIERS[tier], value, units, exact, least_trusted(mp, tier)) < MARGIN


@every_tier
def test_a_bound_too_small_is_seen(tier: str) -> None:
    mp = context()
    value, units = evaluated(refacts.sigmoid, "value", tier)
    exact = exact_results("sigmoid", "value", served(tier))
    assert worst_share(mp, TIERS[tier], value, units / 64, exact, least_trusted(mp, tier)) > 1


@every_tier
def test_a_cancellation_left_out_is_seen(tier: str) -> None:
    mp = context()
    value, _ = evaluated(refacts.silu, "derivative", tier)
    exact = exact_results("silu", "derivative", served(tier))
    assert worst_share(mp, TIERS[tier], value, 60, exact, least_trusted(mp, tier)) > 1


def softmax_rows() -> tuple[Any, Any]:
    """Ordinary, wide and nearly equal logits, none of them a short number, and cotangents."""
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=(8, 40)) * s for s in (3, 1e-9)] + [rng.uniform(-300, 300, (8, 40))])
    return x, rng.normal(size=x.shape)


def exact_softmax(mp: Any, quantity: str, x: Any, g: Any) -> list[Any]:
    """A row as the textbook has it."""
    e = [mp.exp(mp.mpf(v)) for v in x.tolist()]
    g = [mp.mpf(v) for v in g.tolist()]
    total = mp.fsum(e)
    if quantity == "value":
        return [v / total for v in e]
    if quantity == "derivative":
        return [v * (total - v) / total**2 for v in e]
    mean = mp.fsum(a * b for a, b in zip(e, g, strict=True)) / total
    return [v * (b - mean) / total for v, b in zip(e, g, strict=True)]


def softmax_shares(tier: str, quantity: str, bound: Any = lambda units: units) -> float:
    mp, arithmetic, shares = context(), TIERS[tier], []
    x, g = softmax_rows()
    with np.errstate(all="ignore"):
        value, units = getattr(refacts.softmax.spec, quantity)(arithmetic, x, g, None)
    units = np.broadcast_to(bound(units), x.shape)
    least = mp.ldexp(1, -5000 if tier == "wide" else -900)
    for k in range(len(x)):
        exact = exact_softmax(mp, quantity, x[k], g[k])
        for v, e, b in zip(reals(mp, value[k]), exact, units[k].tolist(), strict=True):
            if abs(e) >= least:
                shares.append(float(abs(v / e - 1) / (b * mp.mpf(arithmetic.unit))))
    assert len(shares) > 900
    return max(shares)


@every_tier
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
def test_softmax_bounds_hold_with_margin(quantity: str, tier: str) -> None:
    assert softmax_shares(tier, quantity) < MARGIN


@every_tier
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
def test_a_softmax_bound_too_small_is_seen(quantity: str, tier: str) -> None:
    assert softmax_shares(tier, quantity, lambda units: 0.1) > 1


def test_a_shift_taken_for_exact_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "exp_units", lambda difference: 8.0)
    assert softmax_shares("double", "value") > 1
