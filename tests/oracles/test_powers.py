"""The bounds of fixed-point powers and of sums of them, against Arb."""

from __future__ import annotations

from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles.numbers.precision import Precision
from refacts.oracles.numbers.real import Real
from refacts.oracles.rows import powers
from refacts.oracles.rows.exponential_sums import ExponentialSum

from tests.oracles.independent import arb
from tests.oracles.test_precision import WIDE, bounded

BITS = pytest.mark.parametrize("bits", [powers.TABULATED, 352, 2000])
FIRST = powers.TABULATED - powers.GUARD


def farthest(points, lead, bits):
    """The largest error, in units of 2^-bits."""
    found = powers.powers(points, lead, bits)
    with flint.ctx.workprec(bits + 1200):
        exact = [(arb(a) - arb(lead)).exp() * flint.arb(2) ** bits for a in points]
        return max(abs(float((number - one).mid())) for number, one in zip(found, exact, strict=True))


@BITS
@pytest.mark.parametrize("lead", [0.0, 3.7, -700.0, 5e-324, 1e15, 1e308])
def test_powers_are_as_near_as_they_say(bits, lead):
    rng = np.random.default_rng(0)
    below = [*rng.uniform(0, 140, 300), *(10.0 ** rng.uniform(-320, 4, 300)), 133.5, 133.4999, 134.0, 1e308]
    points = [a for a in (lead - np.array([0.0, *below])).tolist() if np.isfinite(a)]
    assert farthest(points, lead, bits) < powers.OFF


def test_control_a_wrong_entry_of_a_table_is_caught(monkeypatch):
    points = np.random.default_rng(0).uniform(-100, 0, 4000).tolist()
    assert farthest(points, 0.0, powers.TABULATED) < powers.OFF
    tables = [list(table) for table in powers._tables()]
    tables[6] = [entry + 2 * powers.OFF for entry in tables[6]]
    monkeypatch.setattr(powers, "_tables", lambda: tuple(tables))
    assert farthest(points, 0.0, powers.TABULATED) >= powers.OFF


COEFFICIENTS = st.dictionaries(
    st.floats(-800, 3) | st.sampled_from([5e-324, 0.0, 1e-300]),
    st.integers(-9, 9) | st.integers(),
    min_size=1,
)


def arb_sum(coefficients, origin, unit):
    terms = (c * (arb(a) - arb(origin)).exp() for a, c in coefficients.items())
    return sum(terms, flint.arb(0)) * arb(unit)


@given(
    coefficients=COEFFICIENTS, bits=st.sampled_from([FIRST, 320, 2560]),
    unit=st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(1, 2**1074)]),
)  # fmt: skip
def test_sums_keep_their_bound(coefficients, bits, unit):
    tested = ExponentialSum(coefficients, 3.0, unit)
    assert bool(tested) == any(coefficients.values())
    if tested:
        with flint.ctx.workprec(WIDE):
            assert bounded(tested.real(Precision(bits)), arb_sum(coefficients, 3.0, unit))


def test_control_a_sum_whose_bound_is_too_small_is_caught():
    coefficients = {-k / 7: (-1) ** k * k for k in range(1, 40)}
    found = ExponentialSum(coefficients, 0.0, Fraction(1)).real(Precision(FIRST))
    with flint.ctx.workprec(WIDE):
        exact = arb_sum(coefficients, 0.0, Fraction(1))
        assert bounded(found, exact)
        assert not bounded(Real(found._mpf_, FIRST, found.lost - 60), exact)


def test_sums_that_cancel_promise_nothing():
    """e^0 - 2 e^t + e^2t = t^2 to first order, for the smallest t."""
    coefficients = {0.0: 1, 5e-324: -2, 1e-323: 1}
    nothing = ExponentialSum(coefficients, 0.0, Fraction(1)).real(Precision(FIRST))
    assert nothing.lost >= FIRST
    something = ExponentialSum(coefficients, 0.0, Fraction(1)).real(Precision(2560))
    assert something.lost < 2560 - 200
    with flint.ctx.workprec(WIDE):
        assert bounded(something, arb_sum(coefficients, 0.0, Fraction(1)))
