from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS, Reference, compare
from refacts.oracles.numbers import rounding

F32, F64 = FORMATS["float32"], FORMATS["float64"]
INF, NAN = np.inf, np.nan
FLAGS = ("nan_mismatch", "inf_mismatch", "sign_mismatch", "false_zero", "correct")

# computed, exact real (or special float), ulps, flags that are set
CASES = [
    (1.0, Fraction(1), 0.0, {"correct"}),
    (1.0, Fraction(1) + Fraction(1, 2**25), 0.25, {"correct"}),
    (1.0, Fraction(1) - Fraction(1, 2**26), 0.25, {"correct"}),
    (1 + 2.0**-23, Fraction(1) + Fraction(1, 2**25), 0.75, set()),
    (1 - 2.0**-24, Fraction(1), 0.5, set()),
    (2.0**-149, Fraction(3, 4) / 2**149, 0.25, {"correct"}),
    (0.0, Fraction(3, 4) / 2**149, 0.75, {"false_zero"}),
    (-0.0, Fraction(3, 4) / 2**149, 0.75, {"false_zero", "sign_mismatch"}),
    (0.0, Fraction(1, 4) / 2**149, 0.25, {"correct"}),
    (-0.0, Fraction(1, 4) / 2**149, 0.25, {"sign_mismatch"}),
    (0.0, Fraction(-1, 4) / 2**149, 0.25, {"sign_mismatch"}),
    (0.0, 0.0, 0.0, {"correct"}),
    (0.0, -0.0, 0.0, {"sign_mismatch"}),
    (2.0**-149, 0.0, 1.0, set()),
    (0.0, Fraction(1), 2.0**23, {"false_zero"}),
    (-1.0, Fraction(1), 2.0**24, {"sign_mismatch"}),
    (INF, Fraction(2) ** 128, 0.0, {"correct"}),
    (F32.max, Fraction(2) ** 128, NAN, {"inf_mismatch"}),
    (INF, Fraction(F32.max), NAN, {"inf_mismatch"}),
    (-INF, Fraction(1), NAN, {"inf_mismatch", "sign_mismatch"}),
    (-INF, INF, NAN, {"sign_mismatch"}),
    (INF, INF, 0.0, {"correct"}),
    (0.0, INF, NAN, {"inf_mismatch", "false_zero"}),
    (NAN, NAN, 0.0, {"correct"}),
    (-NAN, NAN, 0.0, {"correct"}),
    (NAN, Fraction(1), NAN, {"nan_mismatch"}),
    (1.0, NAN, NAN, {"nan_mismatch"}),
    (0.0, NAN, NAN, {"nan_mismatch"}),
    (INF, NAN, NAN, {"nan_mismatch"}),
    (NAN, INF, NAN, {"nan_mismatch"}),
]


def against(exact, fmt):
    special = isinstance(exact, float)
    return rounding.collect([rounding.special(exact, fmt) if special else rounding.rational(exact, fmt)])


@pytest.mark.parametrize(("computed", "exact", "ulps", "flags"), CASES)
def test_by_hand(computed, exact, ulps, flags):
    found = compare(np.array([computed]), against(exact, F32))
    np.testing.assert_array_equal(found.ulps, [ulps])
    assert {flag for flag in FLAGS if getattr(found, flag)[0]} == flags


def test_opposite_ends_of_float64_do_not_overflow_on_the_way():
    found = compare(np.array([-F64.max]), against(Fraction(F64.max), F64))
    assert found.ulps[0] == 2.0 * (2**53 - 1)
    assert compare(np.array([F64.max]), against(Fraction(1, 2**1074), F64)).ulps[0] == INF


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.fractions(-(10**30), 10**30))
def test_the_number_is_the_exact_distance(computed, exact):
    if exact == 0:
        return
    reference = against(exact, F32)
    true = abs(Fraction(computed) - exact) / Fraction(float(reference.ulp[0]))
    found = compare(np.array([computed]), reference).ulps[0]
    assert found == pytest.approx(float(true), rel=1e-15)  # a float64, after a few roundings


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        compare(np.zeros(2), against(Fraction(1), F32))


def test_control_a_residual_left_out_is_caught():
    reference = against(Fraction(1) + Fraction(1, 2**25), F32)
    blind = Reference(reference.rounded, 0.0 * reference.residual, reference.ulp)
    assert compare(np.array([1.0]), blind).ulps[0] != compare(np.array([1.0]), reference).ulps[0]
