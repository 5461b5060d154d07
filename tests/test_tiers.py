"""Every tier by itself gives the same bits, and none calls certain what is wrong; few inputs go far down."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.oracles.inputs import hard

import refacts
from refacts import oracles, rounding
from refacts.activation import _times_cotangent as times_cotangent
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.wide import Wide
from refacts.formats import FLOAT32, FLOAT64
from tests.checks import matches_oracle, same_bits
from tests.measure import TIERS, every_tier, served
from tests.strategies import turning_points
from tests.variants import ELEMENTWISE, TIED, VARIANTS

SMOOTH = [f for f in ELEMENTWISE if not f.spec.rational]


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


@pytest.mark.parametrize("exponent", [-520, -410, -400, -396, -390, -387, -380, -200, -60])
def test_ties_of_products_with_a_square(exponent: int) -> None:
    """g·9·2^2k of 54 bits, which lies just below a tie."""
    g = np.arange(2**50 + 3, 2**50 + 1603, 4, dtype=np.float64)
    for sign in (1, -1):
        x = np.full(g.shape, sign * 3 * 2.0**exponent)
        matches_oracle(refacts.tanhshrink, "vjp", x, g * 2.0 ** min(-2 * exponent - 60, 900), measured=False)
        matches_oracle(refacts.tanhshrink, "vjp", x, g, measured=False)


@pytest.mark.parametrize("alpha", [1.5, 0.75, -1.5, 1.25, Fraction(3, 2), 1.5 * 2.0**40])
def test_ties_of_elu_at_all_magnitudes(alpha: Any) -> None:
    rng = np.random.default_rng(0)
    x = -np.ldexp(1 + rng.integers(0, 2**52, 1500) * 2.0**-52, rng.integers(-1074, -50, 1500))
    near = -np.ldexp(1 + rng.integers(0, 2**52, 1500) * 2.0**-52, rng.integers(-845, -740, 1500))
    for points in (x, near):
        for quantity in ("value", "derivative"):
            matches_oracle(refacts.ELU(alpha), quantity, points, measured=False)


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


HALVED = [*SMOOTH, refacts.hard_swish, refacts.ELU(1.5), refacts.ELU(0.5)]


@pytest.mark.parametrize("kernel", HALVED, ids=repr)
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
