"""Every tier's error bounds against the exact value, with margin; and the tiers give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np
import pytest

import oracles
import refacts
from oracles import FORMATS
from oracles.inputs import hard
from refacts import rounding
from refacts.activation import _times_cotangent as times_cotangent
from refacts.activations.gelu import density
from refacts.activations.tanhshrink import SERIES
from refacts.arithmetic import (
    combined,
    double,
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
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.mills_ratio import centres
from refacts.arithmetic.wide import Wide
from refacts.formats import FLOAT32, FLOAT64
from tests.checks import matches_oracle, same_bits
from tests.strategies import turning_points
from tests.variants import ELEMENTWISE, TIED, VARIANTS

TIERS = {"double": double, "double-double": DoubleDouble, "wide": Wide}
SMOOTH = [f for f in ELEMENTWISE if not f.spec.rational]
MARGIN = 0.75  # of a bound; the largest share of one that was seen is below it
every_tier = pytest.mark.parametrize("tier", TIERS)


def context() -> Any:
    mp = mpmath.MPContext()
    mp.prec = 400
    return mp


def reals(mp: Any, value: Any) -> list[Any]:
    """The numbers an operand stands for, exactly."""
    if isinstance(value, (np.ndarray, np.float64)):
        return [mp.mpf(v) for v in np.atleast_1d(value).tolist()]
    hi, lo = np.broadcast_arrays(np.atleast_1d(value.hi), value.lo)
    exponents = np.broadcast_to(value.exponent if isinstance(value, Wide) else 0, hi.shape)
    words = zip(hi.tolist(), lo.tolist(), exponents.tolist(), strict=True)
    return [mp.ldexp(mp.mpf(hi) + mp.mpf(lo), e) for hi, lo, e in words]


def worst_share(mp: Any, arithmetic: Any, value: Any, units: Any, exact: list[Any], least: Any) -> float:
    """The largest |error| as a share of its bound, over results of at least `least` with a finite bound."""
    bounds = np.broadcast_to(np.asarray(units, float), len(exact)).tolist()
    shares = [
        float(abs(v / e - 1) / (b * mp.mpf(arithmetic.unit)))
        for v, e, b in zip(reals(mp, value), exact, bounds, strict=True)
        if b and np.isfinite(b) and abs(e) >= least
    ]
    assert len(shares) > 300
    return max(shares)


def least_trusted(mp: Any, tier: str) -> Any:
    """Below it, a tier's results are left to the next one, or 0 in every format it serves."""
    return mp.ldexp(1, {"double": -800, "double-double": -800, "wide": -2200}[tier])


# The functions of `refacts.arithmetic`: value and units of x, the exact value, and the domain.

SWITCHES = [n * np.log(2) / 2048 for n in (0.5, 1, 2, 3, 1023, 1024, 1025, 2047, 2049)]
DOMAINS: dict[str, tuple[float, float]] = {
    "exp": (-1590.0, 600.0),
    "exp of inexact": (-1590.0, 600.0),
    "expm1": (-1590.0, 600.0),
    "log1p": (0.0, 1.0),
    "tanh": (-300.0, 300.0),
    "sqrt": (2.0**-120, 2.0**120),
    "mills": (0.0, 61.0),
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


# The activations' formulas.


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


def served(tier: str) -> str:
    """The widest format whose numbers the tier meets."""
    return "float32" if tier == "double" else "float64"


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
    inexact = np.broadcast_to(np.asarray(units, float), len(exact))
    assert worst_share(mp, TIERS[tier], value, inexact, exact, least_trusted(mp, tier)) < MARGIN


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


@pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)
@pytest.mark.parametrize("fmt", [FLOAT32, FLOAT64], ids=lambda f: f.name)
def test_lower_tiers_give_the_same_bits(kernel: Any, fmt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x = hard(FORMATS[fmt.name], 14000, seed=2, points=turning_points(kernel))
    x = np.random.default_rng(5).permutation(x)[:1500].astype(fmt.dtype)
    inside = np.isfinite(x) & (np.abs(x) >= 2.0**-50) & (np.abs(x) < 50)  # where precision alone settles
    for quantity in ("value", "derivative"):
        first = kernel.compute(quantity, x)
        with monkeypatch.context() as patch:
            for lower in ((DoubleDouble, Wide), (Wide,)):
                patch.setattr(rounding, "tiers", lambda *_, lower=lower: lower)
                assert same_bits(kernel.compute(quantity, x), first)
            patch.setattr(Wide, "settle", partial(undecided, Wide.settle))
            assert same_bits(kernel.compute(quantity, x[inside][::5]), first[inside][::5])


def undecided(settle: Any, self: Wide, units: Any, form: Any) -> Any:
    """All goes to exact arithmetic, but what is exact already."""
    answer, certain = settle(self, units, form)
    return answer, np.equal(units, 0) & certain


def certain_results(kernel: Any, quantity: str, tier: str, x: Any, g: Any) -> tuple[Any, Any]:
    """What a tier by itself gives, and where it is certain."""
    arithmetic, fmt = TIERS[tier], FLOAT32 if tier == "double" else FLOAT64
    formula = kernel._formula("derivative" if quantity == "vjp" else quantity)
    formula = times_cotangent(formula) if quantity == "vjp" else formula
    operands = [x, g] if quantity == "vjp" else [x]
    operands += kernel._weights(x.shape)
    with np.errstate(all="ignore"):
        return rounding._attempt(arithmetic, formula, operands, fmt, kernel._constants)


def falsely_certain(kernel: Any, tier: str, spoilt: float = 1.0) -> list[str]:
    """Results that a tier calls certain and that are wrong, in sentences."""
    fmt = FORMATS[served(tier)]
    wanted = FLOAT32 if tier == "double" else FLOAT64
    if TIERS[tier] not in rounding.tiers(wanted, kernel._constants):
        return []
    x = hard(fmt, 16000, seed=6, points=turning_points(kernel))
    x = np.random.default_rng(7).permutation(x[np.isfinite(x)])[:250]
    g = np.random.default_rng(8).permutation(x)
    found = []
    for quantity in ("value", "derivative", "vjp"):
        y, certain = certain_results(kernel, quantity, tier, x * spoilt, g)
        cotangent = g if quantity == "vjp" else None
        want = oracles.reference(kernel.spec.name, quantity, x, fmt, kernel.parameters, cotangent).rounded
        wrong = certain & ((y != want) | (np.signbit(y) != np.signbit(want)))
        found += [f"{kernel!r}.{quantity}({v.hex()}) in {tier}" for v in x[wrong].tolist()]
    return found


@every_tier
@pytest.mark.parametrize("kernel", [*ELEMENTWISE, *VARIANTS, *TIED], ids=repr)
def test_what_a_tier_calls_certain_is_right(kernel: Any, tier: str) -> None:
    assert falsely_certain(kernel, tier) == []


@every_tier
def test_false_certainty_is_seen(tier: str) -> None:
    assert falsely_certain(refacts.gelu, tier, spoilt=1 + 2.0**-20)


def test_near_ties_of_products_with_a_square() -> None:
    """g·x^2, in which a nudge of x^2 would show: products made to lie beside a tie."""
    for fmt, bits, shift in (("float32", 24, 37), ("float64", 53, 65)):
        x, g = [], []
        for m in range(2 ** (bits - 1) + 1, 2 ** (bits - 1) + 400, 2):
            inverse = pow(m * m, -1, 2**bits)
            for r in (-3, -1, 1, 3):
                n = (2 ** (bits - 1) + r) * inverse % 2**bits
                x.append(-m * 2.0 ** (-bits + 1 - shift))
                g.append(float(n))
        points, cotangents = np.array(x).astype(fmt), np.array(g).astype(fmt)
        matches_oracle(refacts.tanhshrink, "vjp", points, cotangents, measured=False)


def test_every_tier_is_counted() -> None:
    x = np.array([0.5, -900.0, 2.0**-40, 3.0])
    with rounding.census() as counts:
        refacts.silu(x)
    assert counts == {"double-double": 4, "wide": 1}
    with rounding.census() as counts:
        refacts.squareplus.compute("derivative", np.array([3.0, -3.0], np.float16))
        refacts.softmax(np.ones(3))
    assert counts == {"float64": 2}
    with rounding.census() as counts:
        refacts.sigmoid(np.float64(2.0**-52))
        refacts.LeakyReLU(Fraction(1, 6))(np.float64(-1.5e-323))
    assert counts == {"double-double": 2, "wide": 2, "mpmath": 1, "fractions": 1}


TIED = [*SMOOTH, refacts.hard_swish, refacts.ELU(1.5), refacts.ELU(0.5)]


@pytest.mark.parametrize("kernel", TIED, ids=repr)
@pytest.mark.parametrize("fmt", ["float32", "float64"])
def test_ties_at_tiny_inputs_never_reach_mpmath(kernel: Any, fmt: str) -> None:
    """Subnormal x and g, half of whose halves, quarters and fifths lie between two floats; tiny others."""
    least = FORMATS[fmt].smallest_subnormal
    subnormal = least * np.arange(1.0, 400.0)
    x = np.concatenate([-subnormal, subnormal, -(2.0 ** -np.arange(30.0, 120.0)) * 1.25])
    g = np.resize(subnormal, x.size)
    with rounding.census() as counts:
        for quantity in ("value", "derivative"):
            kernel.compute(quantity, x.astype(fmt))
        kernel.vjp(x.astype(fmt), g.astype(fmt))
    assert counts.get("mpmath", 0) <= 3, f"{kernel!r}: {counts}"


def test_mpmath_in_bulk_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with nothing done about tiny x, ties are left to mpmath."""
    monkeypatch.setattr("refacts.gated.TINY", 5e-324)
    with pytest.raises(AssertionError, match="mpmath"):
        test_ties_at_tiny_inputs_never_reach_mpmath(refacts.silu, "float64")
