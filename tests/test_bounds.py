"""The error bounds of formulas in every tier against the oracles, with margin."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.oracles.inputs import hard

import refacts
from refacts import oracles
from refacts.arithmetic import functions
from refacts.arithmetic.exact import Real
from refacts.arithmetic.exact import context as context_of_kernels
from tests.measure import MARGIN, TIERS, context, every_tier, least_trusted, served, worst_share
from tests.strategies import turning_points
from tests.variants import ELEMENTWISE

PRECISION = 108  # at which the last tier is measured: exact results are known to more
# Below these powers of two, formulas hold their argument: results are 0 whatever they are multiplied by.
HELD = {"gelu": -3300, "mish": -2900} | dict.fromkeys(("silu", "swish", "quick_gelu", "softplus"), -4000)
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


def shares_in_mpmath(kernel: Any, quantity: str) -> list[float]:
    """Errors as shares of their bounds in the last tier, whose arithmetic holds one number at a time."""
    mp, last = context(), context_of_kernels(PRECISION)
    constants = [Real.of(c, last) for c in kernel._constants]
    name, shares = kernel.spec.name, []
    xs, exact_ones = points(name, "float64").tolist(), exact_results(name, quantity, "float64")
    for x, exact in zip(xs, exact_ones, strict=True):
        value, units = kernel._formula(quantity)(Real.of(x, last), *constants)
        if units and abs(exact) >= mp.ldexp(1, HELD.get(name, -30_000)):
            bound = mp.make_mpf(last.mpf(units)._mpf_) * mp.ldexp(1, -PRECISION)
            shares.append(float(abs(mp.make_mpf(value.value._mpf_) / exact - 1) / bound))
    return shares


@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("kernel", SMOOTH, ids=lambda f: f.spec.name)
def test_bounds_hold_in_mpmath(kernel: Any, quantity: str) -> None:
    shares = shares_in_mpmath(kernel, quantity)
    assert len(shares) > 300
    assert max(shares) < MARGIN


def test_the_argument_of_exp_is_held_in_no_bound_of_mpmath(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: gelu_tanh's argument reaches 18,900, and a bound for 2800 is too small for it."""
    last = context_of_kernels(PRECISION)
    true = refacts.gelu_tanh._formula("value")(Real.of(-63.0, last))[1]
    monkeypatch.setattr(functions, "bounded", lambda x: min(abs(x.value), 2800))
    held = refacts.gelu_tanh._formula("value")(Real.of(-63.0, last))[1]
    assert true > 6 * held


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
