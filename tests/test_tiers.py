"""Every tier's error bound against the exact value, with margin; and the tiers give the same bits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import oracles
import refacts
from oracles import FORMATS
from oracles.inputs import hard
from refacts import rounding
from refacts.arithmetic import double, exp, total
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.wide import Wide
from refacts.formats import FLOAT32, FLOAT64
from tests.checks import same_bits
from tests.strategies import POINTS

TIERS = {"double": double, "double-double": DoubleDouble, "wide": Wide}
SMOOTH = [refacts.sigmoid, refacts.tanh]
MARGIN = 0.75  # of a bound; the largest share of one that was seen is below it


def context() -> Any:
    mp = mpmath.MPContext()
    mp.prec = 600
    return mp


def reals(mp: Any, value: Any) -> list[Any]:
    """The numbers an operand stands for, exactly."""
    if isinstance(value, np.ndarray):
        return [mp.mpf(v) for v in value.tolist()]
    exponents = value.exponent.tolist() if isinstance(value, Wide) else [0] * value.hi.size
    words = zip(value.hi.tolist(), value.lo.tolist(), exponents, strict=True)
    return [mp.ldexp(mp.mpf(hi) + mp.mpf(lo), e) for hi, lo, e in words]


def worst_share(mp: Any, arithmetic: Any, value: Any, units: Any, exact: list[Any], least: Any) -> float:
    """The largest |error| as a share of its bound, over results of at least `least`."""
    bounds = np.broadcast_to(np.asarray(units, float), len(exact)).tolist()
    shares = [
        float(abs(v / e - 1) / (b * mp.mpf(arithmetic.unit)))
        for v, e, b in zip(reals(mp, value), exact, bounds, strict=True)
        if b and abs(e) >= least
    ]
    assert len(shares) > 500
    return max(shares)


def points(name: str) -> Any:
    around = [s * p for p in POINTS[name] for s in (1, -1)]
    switches = [s * n * np.log(2) / 2048 for n in (1, 2, 3, 1023, 1025) for s in (1, -1, 2, 0.5)]
    x = hard(FORMATS["float64"], 6000, seed=1, points=around + switches, lively=(-30, 30))
    return x[np.isfinite(x) & (np.abs(x) < 1500)]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("kernel", SMOOTH, ids=lambda f: f.spec.name)
def test_bounds_hold_with_margin(kernel: Any, quantity: str, tier: str) -> None:
    mp, arithmetic, x = context(), TIERS[tier], points(kernel.spec.name)
    definition = oracles.DEFINITIONS[kernel.spec.name]
    with np.errstate(all="ignore"):
        value, units = getattr(kernel.spec, quantity)(arithmetic.lift(x))
    exact = [getattr(definition, quantity)(mp, mp.mpf(v)) for v in x.tolist()]
    units = np.where(x == 0, 0, units)  # tanh(0) = 0 has no relative error
    least = mp.ldexp(1, -5000 if tier == "wide" else -900)
    assert worst_share(mp, arithmetic, value, units, exact, least) < MARGIN


@pytest.mark.parametrize("tier", TIERS)
def test_a_bound_too_small_is_seen(tier: str) -> None:
    mp, arithmetic, x = context(), TIERS[tier], points("sigmoid")
    with np.errstate(all="ignore"):
        value, units = refacts.sigmoid.spec.value(arithmetic.lift(x))
    exact = [1 / (1 + mp.exp(-mp.mpf(v))) for v in x.tolist()]
    assert worst_share(mp, arithmetic, value, units / 64, exact, mp.ldexp(1, -900)) > 1


@pytest.mark.parametrize("tier", TIERS)
def test_exp_keeps_its_promise(tier: str) -> None:
    mp, arithmetic = context(), TIERS[tier]
    x = points("sigmoid")
    x = -np.abs(x)
    with np.errstate(all="ignore"):
        value = exp(arithmetic.lift(x))
    exact = [mp.exp(mp.mpf(v)) for v in x.tolist()]
    least = mp.ldexp(1, -5000 if tier == "wide" else -900)
    assert worst_share(mp, arithmetic, value, 8, exact, least) < MARGIN


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("n", [1, 2, 7, 64, 65, 1000, 5001])
def test_total_keeps_its_promise(tier: str, n: int) -> None:
    mp, arithmetic = context(), TIERS[tier]
    x = np.random.default_rng(n).uniform(-1, 1, (1, n))
    found, units = total(arithmetic.lift(x))
    exact = mp.fsum(mp.mpf(v) for v in x[0].tolist())
    size = mp.fsum(abs(mp.mpf(v)) for v in x[0].tolist())
    error = abs(reals(mp, found[0])[0] - exact)
    assert error <= units * mp.mpf(arithmetic.unit) * size


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


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
def test_softmax_bounds_hold_with_margin(quantity: str, tier: str) -> None:
    assert softmax_shares(tier, quantity) < MARGIN


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp"])
def test_a_softmax_bound_too_small_is_seen(quantity: str, tier: str) -> None:
    assert softmax_shares(tier, quantity, lambda units: 0.1) > 1


def test_a_shift_taken_for_exact_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "exp_units", lambda difference: 8.0)
    assert softmax_shares("double", "value") > 1


@pytest.mark.parametrize("kernel", [*SMOOTH, refacts.relu, refacts.leaky_relu], ids=lambda f: f.spec.name)
@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("fmt", [FLOAT32, FLOAT64], ids=lambda f: f.name)
def test_lower_tiers_give_the_same_bits(
    kernel: Any, quantity: str, fmt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = hard(FORMATS[fmt.name], 1500, seed=2, points=(0.0, 1.0)).astype(fmt.dtype)
    method = kernel if quantity == "value" else kernel.gradient
    first = method(x)
    for lower in ((DoubleDouble, Wide), (Wide,)):
        monkeypatch.setattr(rounding, "tiers", lambda _, lower=lower: lower)
        assert same_bits(method(x), first)
    settle = Wide.settle

    def undecided(self: Wide, units: Any, form: Any) -> Any:
        answer, certain = settle(self, units, form)
        return answer, np.zeros_like(certain)

    monkeypatch.setattr(Wide, "settle", undecided)  # so that all goes to exact arithmetic
    inside = np.isfinite(x) & (x != 0)  # at 0 every step is exact: the first answer stands
    assert same_bits(method(x[inside][::5]), first[inside][::5])
