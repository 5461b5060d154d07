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
    functions,
    lifted,
    log1p,
    mills,
    polynomial,
    sqrt,
    tanh,
    total,
)
from refacts.arithmetic.constants import CONSTANTS
from refacts.arithmetic.exact import Real
from refacts.arithmetic.exact import context as context_of_kernels
from refacts.arithmetic.exponential import reduced
from refacts.arithmetic.mills_ratio import centres
from refacts.arithmetic.pairs import Pair
from tests.measure import MARGIN, TIERS, context, every_tier, least_trusted, reals, served, worst_share

# The functions of `refacts.arithmetic`: value and units of x, the exact value, and the domain.

SWITCHES = [n * np.log(2) / 2048 for n in (0.5, 1, 2, 3, 1023, 1024, 1025, 2047, 2049)]
EVERYWHERE: dict[str, tuple[float, float]] = {
    "exp": (-2800.0, 693.0),
    "exp of inexact": (-8399.0, 2079.0),
    "expm1": (-2800.0, 693.0),
    "log1p": (0.0, 2.0**999),
    "tanh": (-354.0, 354.0),
    "sqrt": (2.0**-800, 2.0**1000),
    "mills": (0.0, 70.0),
    "normal density": (-70.0, 70.0),
}
# Where an arithmetic claims more.
DOMAINS = {
    "double": {},
    "double-double": {},
    "wide": {
        "exp": (-2800.0, 2800.0),
        "exp of inexact": (-8399.0, 8399.0),
        "expm1": (-2800.0, 2800.0),
        "tanh": (-1e300, 1e300),
        "sqrt": (5e-324, 2.0**1023),
    },
    "mpmath": {
        "exp": (-1e5, 1e5),
        "exp of inexact": (-1e5, 1e5),
        "expm1": (-1e5, 1e5),
        "tanh": (-1e300, 1e300),
        "sqrt": (5e-324, 2.0**1023),
    },
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
def domain(name: str, tier: str) -> Any:
    """Uniform, log-uniform, and close to where reductions switch: between table entries, at their ends."""
    low, high = DOMAINS[tier].get(name, EVERYWHERE[name])
    rng = np.random.default_rng(3)
    borders = {"log1p": (np.arange(128) + 0.5) / 128, "mills": centres() + (centres() + 2) / 129}
    near = np.concatenate([borders.get(name, np.array(SWITCHES)), [abs(low), abs(high), 1.0]])
    near = np.concatenate([near, np.nextafter(near, 0), np.nextafter(near, 9)])
    spread = np.exp(rng.uniform(np.log(1e-300), np.log(max(abs(low), high)), 600))
    x = np.concatenate([rng.uniform(low, high, 600), rng.uniform(max(low, -1), 1, 300), spread, near])
    x = np.concatenate([x, -x]) if low < 0 else x
    with np.errstate(over="ignore"):
        x = x.astype(served(tier)).astype(float)
    return x[(x >= low) & (x <= high)]


@cache
def exact_values(name: str, tier: str) -> list[Any]:
    mp = context()
    return [EXACT[name](mp, mp.mpf(v)) for v in domain(name, tier).tolist()]


def least(mp: Any, tier: str) -> Any:
    """Below it, a function's results are left to the next tier; `wide` holds them all."""
    return 0 if tier == "wide" else least_trusted(mp, tier)


@every_tier
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_keep_their_promises(name: str, tier: str) -> None:
    mp, arithmetic = context(), TIERS[tier]
    with np.errstate(all="ignore"):
        value, units = FUNCTIONS[name](arithmetic.lift(domain(name, tier)))
    exact = exact_values(name, tier)
    assert worst_share(mp, arithmetic, value, units, exact, least(mp, tier)) < MARGIN


@every_tier
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_promise_too_good_is_seen(name: str, tier: str) -> None:
    """The control: a value that is off by the bound itself is not accepted."""
    mp, arithmetic = context(), TIERS[tier]
    with np.errstate(all="ignore"):
        value, units = FUNCTIONS[name](arithmetic.lift(domain(name, tier)))
    off = [e * (1 + mp.mpf(arithmetic.unit) * float(np.max(units))) for e in exact_values(name, tier)]
    assert worst_share(mp, arithmetic, value, units, off, least(mp, tier)) > MARGIN


def shares_in_mpmath(name: str, precision: int) -> list[float]:
    """Errors as shares of their bounds in the last tier, whose arithmetic holds one number at a time."""
    mp = context(precision + 100)
    shares = []
    for x in domain(name, "mpmath").tolist():
        value, units = FUNCTIONS[name](Real.of(x, context_of_kernels(precision)))
        if exact := EXACT[name](mp, mp.mpf(x)):
            error = abs(mp.make_mpf(value.value._mpf_) / exact - 1)
            shares.append(float(error / mp.ldexp(mp.make_mpf(mp.mpf(units)._mpf_), -precision)))
    return shares


@pytest.mark.parametrize("precision", [256, 512])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_keep_their_promises_in_mpmath(name: str, precision: int) -> None:
    shares = shares_in_mpmath(name, precision)
    assert len(shares) > 600
    assert max(shares) < MARGIN


def test_a_bound_held_within_saturation_is_seen_in_mpmath(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: e^(x/3) errs more than a bound for |x| <= 2800 says."""
    monkeypatch.setattr(functions, "bounded", lambda x: min(abs(x.value), 2800))
    assert max(shares_in_mpmath("exp of inexact", 256)) > 1


def test_reduction_errs_as_stated() -> None:
    """r = x - n ln(2)/1024, of which e^x is made: |n| 2^-123.3 + 2^-116.4, largest with the largest n."""
    mp = context()
    x = domain("exp", "wide")
    lo = np.ldexp(np.random.default_rng(5).uniform(-1, 1, x.size), np.frexp(x)[1] - 54)
    n, r = reduced(Pair(x, lo))
    for k, *words in zip(n.tolist(), x.tolist(), lo.tolist(), *(word.tolist() for word in r), strict=True):
        a, b, c, d = map(mp.mpf, words)
        error = abs(c + d - (a + b - k * mp.log(2) / 1024))
        assert error <= abs(k) * mp.mpf(2) ** -123.3 + mp.mpf(2) ** -116.4


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
