"""What rounding to float64 leaves, against the oracle's residuals: equal to 2^-30, and controls."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS
from refacts.oracles.inputs import hard

import refacts
from refacts import oracles
from refacts.arithmetic.wide import Wide
from refacts.formats import FLOAT64, REMAINDER
from refacts.rounding import settled
from refacts.surd import rounded_surd
from tests.checks import remainder
from tests.measure import context
from tests.rows import QUANTITIES, ROWWISE, cotangent, hard_rows
from tests.strategies import turning_points
from tests.variants import ELEMENTWISE, TIED, VARIANTS

FMT = FORMATS["float64"]
STEP = 2.0**-30
SPECIAL = [0.0, 1.0, 5e-324, -5e-324, 2.0**-1022, -(2.0**-1074) * 3, 1.7e308]


def differs(found: Any, reference: Any, counted: Any) -> Any:
    """Where remainders are not the residuals: NaN for NaN, and 0 where operands are special."""
    both = np.isnan(found) & np.isnan(reference.residual)
    with np.errstate(invalid="ignore"):
        off = ~(both | (np.abs(found - reference.residual) <= STEP))
    return np.where(counted, off, found != 0)


def check(kernel: Any, quantity: str, count: int, moved: float = 0.0) -> None:
    rng = np.random.default_rng(0)
    x = hard(FMT, 13000, seed=7, points=turning_points(kernel))
    x = np.concatenate([x[:30], rng.permutation(x[30:])[:count]])
    g = np.where(rng.random(x.size) < 0.5, rng.permutation(x), rng.normal(size=x.size))
    operands = (x, g) if quantity in ("vjp", "jvp") else (x,)
    with np.errstate(all="raise"):
        found = remainder(kernel, quantity, *operands) + moved
    cotangent = operands[1] if len(operands) > 1 else None
    asked = "vjp" if quantity == "jvp" else quantity
    exact = oracles.reference(kernel.spec.name, asked, x, FMT, kernel.parameters, cotangent)
    counted = np.isfinite(operands).all(axis=0)
    wrong = np.flatnonzero(differs(found, exact, counted))
    assert not wrong.size, (
        f"{kernel!r}.{quantity}: remainder {found[wrong[0]]} at {[o[wrong[0]].hex() for o in operands]}, "
        f"want {exact.residual[wrong[0]]}"
    )
    assert (np.isnan(found) <= np.isinf(exact.rounded)).all()


@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jvp"])
@pytest.mark.parametrize("kernel", ELEMENTWISE, ids=lambda f: f.spec.name)
def test_elementwise(kernel: Any, quantity: str) -> None:
    check(kernel, quantity, 400)


@pytest.mark.parametrize("kernel", [*VARIANTS, *TIED], ids=repr)
def test_with_any_parameters(kernel: Any) -> None:
    for quantity in ("value", "derivative", "vjp"):
        check(kernel, quantity, 60)


@pytest.mark.parametrize("kernel", ROWWISE, ids=lambda f: f.spec.name)
def test_rows(kernel: Any) -> None:
    for x, g in hard_rows(FMT, seed=3):
        for quantity in QUANTITIES:
            if quantity == "jacobian" and x.size > 10:
                continue
            beside = cotangent(kernel, quantity, g)
            operands = (x,) if beside is None else (x, beside)
            found = np.ravel(remainder(kernel, quantity, *operands))
            given = None if beside is None else np.reshape(beside, -1)
            exact = oracles.reference_row(kernel.spec.name, quantity, x, FMT, given)
            wrong = differs(found, exact, np.isfinite(exact.rounded) | (found != 0))
            assert not wrong.any(), f"{kernel!r}.{quantity} of {x.tolist()}: {found}, want {exact.residual}"


@pytest.mark.parametrize("kernel", [f for f in refacts.CATALOGUE if f.spec.kind == "gated"], ids=repr)
def test_gated(kernel: Any) -> None:
    rng = np.random.default_rng(1)
    pool = np.concatenate([hard(FMT, 3000, seed=1, points=(1.0, -0.75, 14.0, 36.0, 68.0, 2800.0)), SPECIAL])
    draws = np.where(rng.random((5, 900)) < 0.5, rng.normal(size=(5, 900)), rng.choice(pool, (5, 900)))
    a, b, g, v, w = draws
    if kernel is refacts.glu:
        x = np.concatenate([a, b])
        halves = [remainder(kernel, "derivative", x), remainder(kernel, "vjp", x, g)]
        pairs = [half for both in halves for half in np.split(both, 2)]
        found = [
            remainder(kernel, "value", x),
            *pairs,
            remainder(kernel, "jvp", x, np.concatenate([v, w])),
        ]
    else:
        pairs = [*remainder(kernel, "derivative", a, b), *remainder(kernel, "vjp", a, b, g)]
        found = [remainder(kernel, "value", a, b), *pairs, remainder(kernel, "jvp", a, b, v, w)]
    names = ("value", "derivative_a", "derivative_b", "vjp_a", "vjp_b", "jvp")
    used = ([a, b], [b], [a, b], [b, g], [a, b, g], [a, b, v, w])
    for name, y, operands in zip(names, found, used, strict=True):
        extra = {"vjp": [g], "jvp": [v, w]}.get(name.partition("_")[0], [])
        exact = oracles.reference_gated(kernel.spec.name, name, a, b, FMT, *extra)
        wrong = differs(y, exact, np.isfinite(operands).all(axis=0))
        assert not wrong.any(), f"{kernel!r}.{name}: {y[wrong][:1]}, want {exact.residual[wrong][:1]}"


def test_a_remainder_that_is_off_is_seen() -> None:
    """The control: by twice the bound."""
    for moved in (2 * STEP, -2 * STEP):
        with pytest.raises(AssertionError, match="remainder"):
            check(refacts.sigmoid, "value", 50, moved)


def test_first_terms_that_are_only_signs_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what decides ties is not enough."""
    monkeypatch.setattr("refacts.gated.small_part", lambda x, c: np.sign(x.hi) * 2.0**-120)
    with pytest.raises(AssertionError, match="remainder"):
        check(refacts.silu, "value", 400)


def test_shapes_and_dtypes() -> None:
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    for found in (
        remainder(refacts.gelu, "value", x),
        remainder(refacts.gelu, "jvp", x, x),
        remainder(refacts.softmax, "derivative", x),
        *remainder(refacts.swiglu, "vjp", x, x, x),
    ):
        assert found.shape == x.shape
        assert found.dtype == np.float64
    assert remainder(refacts.softmax, "jacobian", x).shape == (3, 4, 4)
    assert remainder(refacts.gelu, "value", 1.0).shape == ()


def exact_remainder(q: Fraction) -> float:
    """The definition, in Fractions, to the nearest multiple."""
    y = FLOAT64.round_fraction(q)
    size = abs(q)
    exponent = -1074
    while size >= Fraction(2) ** (exponent + 53):
        exponent += 1
    return round((q - Fraction(y)) / Fraction(2) ** exponent / Fraction(STEP)) * STEP


@given(
    st.integers(2**52, 2**53),
    st.integers(-(2**32), 2**32),
    st.integers(0, 34),
    st.sampled_from([-1, 1]),
    st.data(),
)
def test_roundings_agree(m: int, rest: int, bits: int, sign: int, data: Any) -> None:
    """A pair, a Fraction and a dyadic number have the same remainder, about every power of two and tie."""
    exponent = data.draw(st.sampled_from([-1075, -1074, -1073, -1072, -1060, -1022, -52, 0, 100, 970]))
    q = sign * (Fraction(m) + Fraction(rest, 2 ** (33 + bits))) * Fraction(2) ** (exponent)
    hi = float(q / Fraction(2) ** exponent)
    lo = float(q / Fraction(2) ** exponent - Fraction(hi))
    assert Fraction(hi) + Fraction(lo) == q / Fraction(2) ** exponent
    m_hi, e = np.frexp(np.array([hi]))
    pair = REMAINDER.round_pair(m_hi, np.ldexp(np.array([lo]), -e), e.astype(np.int64) + exponent)
    want = exact_remainder(q)
    assert pair[0] == REMAINDER.round_fraction(q) == want
    whole = q * 2**2000
    assert REMAINDER.round_dyadic(int(whole), -2000) == want
    assert abs(want) <= 0.5


def test_what_overflows_and_what_is_far_below() -> None:
    assert REMAINDER.round_fraction(Fraction(2) ** 1024) == np.inf
    assert REMAINDER.round_dyadic(-1, 1025) == -np.inf
    assert REMAINDER.round_dyadic(1, -(10**9)) == 0.0
    tie = Fraction(FMT.max) + Fraction(2) ** 970
    assert REMAINDER.round_fraction(tie) == np.inf
    assert REMAINDER.round_fraction(tie - 1) == 0.5
    found = remainder(refacts.selu, "value", np.array([1.75e308, 1.7e308, np.inf, np.nan]))
    assert np.isnan(found[0])
    assert found[2:].tolist() == [0.0, 0.0]


def test_bounds_of_a_whole_ulp_are_not_taken_for_certain() -> None:
    """Remainders repeat: an interval as long as an ulp has equal ends."""
    x = Wide.lift(np.array([1.5]))
    ulp = 2.0**-52 / 1.5 / (1.25 * 2.0**-102)
    answer, certain = x.settle(ulp, REMAINDER)
    assert answer[0] == 0.0
    assert not certain[0]
    assert x.settle(0, REMAINDER)[1][0]
    tries: list[int] = []

    def attempt(precision: int) -> tuple[Any, Any]:
        tries.append(precision)
        mp = context()
        return mp.mpf(1.5), mp.mpf(2.0**-52 if len(tries) == 1 else 0)

    assert settled(attempt, REMAINDER, "a test") == 0.0
    assert len(tries) == 2
    below = rounded_surd(Fraction(-(2**70)), Fraction(1), Fraction(2**140 + 1), REMAINDER)
    mp = context(2000)
    root = mp.sqrt(mp.mpf(2) ** 140 + 1) - mp.mpf(2) ** 70
    assert abs(below - exact_remainder(Fraction(int(root * mp.mpf(2) ** 1500), 2**1500))) <= STEP
