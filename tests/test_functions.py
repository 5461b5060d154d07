"""Every function of `refacts.arithmetic` in every tier against mpmath, with margin, over its whole domain."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from refacts.activations.gelu import density
from refacts.activations.tanhshrink import SERIES
from refacts.arithmetic import (
    combined,
    exp,
    exp_of,
    expm1,
    lifted,
    log1p,
    mills,
    polynomial,
    sqrt,
    tanh,
    total,
)
from refacts.arithmetic.constants import CONSTANTS
from refacts.arithmetic.mills_ratio import centres
from tests.measure import MARGIN, TIERS, context, every_tier, least_trusted, reals, served, worst_share

# The functions of `refacts.arithmetic`: value and units of x, the exact value, and the domain.

SWITCHES = [n * np.log(2) / 2048 for n in (0.5, 1, 2, 3, 1023, 1024, 1025, 2047, 2049)]
DOMAINS: dict[str, tuple[float, float]] = {
    "exp": (-1590.0, 600.0),
    "exp of inexact": (-1590.0, 600.0),
    "expm1": (-1590.0, 600.0),
    "log1p": (0.0, 1.0),
    "tanh": (-300.0, 300.0),
    "sqrt": (2.0**-120, 2.0**120),
    "mills": (0.0, 70.0),
    "normal density": (-38.0, 38.0),
}


def with_units(function: Callable[[Any], Any], units: int) -> Callable[[Any], Any]:
    return lambda x: (function(x), units)


def a_third_of(x: Any) -> tuple[Any, Any]:
    """e^(x/3), where x/3 is in error by a unit."""
    return exp_of(x / 3, 1)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": with_units(exp, 8),
    "exp of inexact": a_third_of,
    "expm1": expm1,
    "log1p": with_units(log1p, 8),
    "tanh": tanh,
    "sqrt": with_units(sqrt, 2),
    "mills": mills,
    "normal density": with_units(density, 12),
}
EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "exp": lambda mp, x: mp.exp(x),
    "exp of inexact": lambda mp, x: mp.exp(x / 3),
    "expm1": lambda mp, x: mp.expm1(x),
    "log1p": lambda mp, x: mp.log1p(x),
    "tanh": lambda mp, x: mp.tanh(x),
    "sqrt": lambda mp, x: mp.sqrt(x),
    "mills": lambda mp, x: mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2)),
    "normal density": lambda mp, x: mp.npdf(x),
}


@cache
def domain(name: str, fmt: str) -> Any:
    """Uniform, log-uniform, and close to where reductions switch: between table entries, at their ends."""
    low, high = DOMAINS[name]
    rng = np.random.default_rng(3)
    borders = {"log1p": (np.arange(128) + 0.5) / 128, "mills": centres() + (centres() + 2) / 129}
    near = np.concatenate([borders.get(name, np.array(SWITCHES)), [abs(low), abs(high), 1.0]])
    near = np.concatenate([near, np.nextafter(near, 0), np.nextafter(near, 9)])
    spread = np.exp(rng.uniform(np.log(1e-300), np.log(max(abs(low), high)), 600))
    x = np.concatenate([rng.uniform(low, high, 600), spread, near])
    x = np.concatenate([x, -x]) if low < 0 else x
    x = x.astype(fmt).astype(float)
    return x[(x >= low) & (x <= high)]


@cache
def exact_values(name: str, fmt: str) -> list[Any]:
    mp = context()
    return [EXACT[name](mp, mp.mpf(v)) for v in domain(name, fmt).tolist()]


@every_tier
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_keep_their_promises(name: str, tier: str) -> None:
    mp, arithmetic = context(), TIERS[tier]
    with np.errstate(all="ignore"):
        value, units = FUNCTIONS[name](arithmetic.lift(domain(name, served(tier))))
    exact = exact_values(name, served(tier))
    assert worst_share(mp, arithmetic, value, units, exact, least_trusted(mp, tier)) < MARGIN


@every_tier
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_promise_too_good_is_seen(name: str, tier: str) -> None:
    """The control: a value that is off by the bound itself is not accepted."""
    mp, arithmetic = context(), TIERS[tier]
    with np.errstate(all="ignore"):
        value, units = FUNCTIONS[name](arithmetic.lift(domain(name, served(tier))))
    off = [e * (1 + mp.mpf(arithmetic.unit) * float(np.max(units))) for e in exact_values(name, served(tier))]
    assert worst_share(mp, arithmetic, value, units, off, least_trusted(mp, tier)) > MARGIN


@every_tier
def test_constants_keep_their_promise(tier: str) -> None:
    mp, arithmetic = context(), TIERS[tier]
    for constant in CONSTANTS:
        (found,) = reals(mp, lifted(constant, arithmetic.lift(np.ones(1))))
        assert abs(found / constant.exact(mp) - 1) < MARGIN * arithmetic.unit


@every_tier
def test_polynomials_keep_their_promise(tier: str) -> None:
    mp, arithmetic = context(), TIERS[tier]
    x = np.random.default_rng(0).uniform(0, 2.0**-8, 500)
    with np.errstate(all="ignore"):
        value = polynomial(arithmetic.lift(x), SERIES)
    numbers = [mp.mpf(c.numerator) / c.denominator for c in SERIES]
    exact = [mp.fsum(c * mp.mpf(v) ** n for n, c in enumerate(numbers)) for v in x.tolist()]
    assert worst_share(mp, arithmetic, value, 64, exact, 0) < MARGIN


@every_tier
def test_sums_that_cancel_say_so(tier: str) -> None:
    """A term in error by 5 units, against another that cancels all but its last bits."""
    mp, arithmetic = context(), TIERS[tier]
    rng = np.random.default_rng(1)
    a = rng.uniform(1, 2, 600)
    b = -a * (1 + rng.uniform(-1, 1, 600) * 2.0 ** -rng.uniform(1, 40, 600))
    wrong = arithmetic.lift(a) * (1 + lifted(5 * arithmetic.unit, arithmetic.lift(a)))
    value, units = combined(wrong, 6, arithmetic.lift(b), 0)
    exact = [mp.mpf(p) + mp.mpf(q) for p, q in zip(a.tolist(), b.tolist(), strict=True)]
    share = worst_share(mp, arithmetic, value, units, exact, 0)
    assert share < 1
    assert share * 6 > 1  # the control: with a bound for one unit it would be exceeded


@every_tier
@pytest.mark.parametrize("n", [1, 2, 7, 64, 65, 1000, 5001])
def test_total_keeps_its_promise(tier: str, n: int) -> None:
    mp, arithmetic = context(), TIERS[tier]
    x = np.random.default_rng(n).uniform(-1, 1, (1, n))
    found, units = total(arithmetic.lift(x))
    exact = mp.fsum(mp.mpf(v) for v in x[0].tolist())
    size = mp.fsum(abs(mp.mpf(v)) for v in x[0].tolist())
    error = abs(reals(mp, found[0])[0] - exact)
    assert error <= units * mp.mpf(arithmetic.unit) * size
