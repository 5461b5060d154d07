from __future__ import annotations

import math
from fractions import Fraction

import ml_dtypes
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers import rounding
from refacts.oracles.numbers.precision import MAX_BITS, Precision
from refacts.oracles.numbers.real import Real
from refacts.oracles.numbers.rounding import nearest

from tests.oracles.independent import bisected, same

FORMAT = st.sampled_from(list(FORMATS.values()))
CONTEXT = mpmath.MPContext()
CONTEXT.prec = 4000


@st.composite
def reals(draw, fmt=None):
    """A format, and a Fraction on, at or a hair beside a value or a midpoint of it."""
    chosen = draw(FORMAT) if fmt is None else fmt
    infinity = (2 ** (chosen.bits - chosen.precision) - 1) << (chosen.precision - 1)
    edges = st.sampled_from([0, 1, 2 ** (chosen.precision - 1), infinity - 1, infinity])
    pattern = draw(st.one_of(st.integers(0, infinity), edges))
    at = Fraction(float(chosen.decode(min(pattern, infinity - 1))))
    step = Fraction(chosen.smallest_subnormal)
    if pattern >> (chosen.precision - 1):
        step = Fraction(2) ** ((pattern >> (chosen.precision - 1)) - 1) * step
    off = draw(st.sampled_from([0, Fraction(1, 2), Fraction(-1, 2), Fraction(1, 4), 1, -1]))
    hair = draw(st.sampled_from([0, 1, -1])) * Fraction(1, 2) ** draw(st.integers(2, 200))
    return chosen, draw(st.sampled_from([1, -1])) * (at + step * (off + hair))


def rejects(candidate, cases) -> bool:
    return any(not same(candidate(real, fmt), bisected(real, fmt)) for fmt, real in cases)


TIES = [
    (fmt, (Fraction(value) + Fraction(1, 2) * Fraction(spacing)) * sign + hair)
    for fmt in FORMATS.values()
    for value, spacing in (
        (1.0, 2.0 ** (1 - fmt.precision)),
        (1.0 + 2.0 ** (1 - fmt.precision), 2.0 ** (1 - fmt.precision)),
        (0.0, fmt.smallest_subnormal),
        (fmt.smallest_subnormal, fmt.smallest_subnormal),
        (fmt.max, 2.0 ** (fmt.emax - fmt.precision + 1)),
    )
    for sign in (1, -1)
    for hair in (0, Fraction(1, 2**1200), Fraction(-1, 2**1200))
]


@given(reals())
def test_nearest_is_what_bisection_over_all_patterns_finds(case):
    fmt, real = case
    assert same(nearest(real, fmt), bisected(real, fmt))


@pytest.mark.parametrize(("fmt", "real"), TIES, ids=lambda part: getattr(part, "name", ""))
def test_ties_and_their_neighbours(fmt, real):
    assert same(nearest(real, fmt), bisected(real, fmt))


@given(reals())
def test_an_mpf_rounds_like_the_same_fraction(case):
    fmt, real = case
    mpf = CONTEXT.mpf(real.numerator) / real.denominator
    assert same(nearest(mpf, fmt), nearest(real, fmt))


def test_far_out_exponents():
    for fmt in FORMATS.values():
        for sign in (1, -1):
            for exponent in (10**6, 10**300):
                tiny = CONTEXT.ldexp(CONTEXT.mpf(sign), -exponent)
                assert same(nearest(tiny, fmt), math.copysign(0.0, sign))
                assert nearest(CONTEXT.ldexp(CONTEXT.mpf(sign), exponent), fmt) == sign * math.inf
    assert same(nearest(CONTEXT.mpf(0), FORMATS["float32"]), 0.0)


@pytest.mark.parametrize("text", ["inf", "-inf", "nan"])
def test_only_finite_reals(text):
    with pytest.raises(ValueError, match="not a finite number"):
        nearest(CONTEXT.mpf(text), FORMATS["float64"])


@pytest.mark.parametrize("name", ["float16", "float32"])
def test_numpy_casts_from_float64_agree(name):
    fmt, rng = FORMATS[name], np.random.default_rng(1)
    wide = rng.integers(0, 2**63, 1000, dtype=np.uint64).view(np.float64)
    wide = np.concatenate([wide[np.isfinite(wide)], rng.normal(size=1000) * fmt.max / 2])
    around = fmt.decode(rng.integers(1, int(fmt.bit_patterns(fmt.max)), 1000))
    between = (around + np.nextafter(around.astype(fmt.dtype), fmt.dtype.type(0)).astype(float)) / 2
    values = np.concatenate([wide, around, between, np.nextafter(between, 0), -between])
    with np.errstate(all="ignore"):
        cast = values.astype(fmt.dtype).astype(float)
    assert all(same(nearest(Fraction(v), fmt), c) for v, c in zip(values, cast, strict=True))


def test_ml_dtypes_casts_to_bfloat16_agree():
    fmt, rng = FORMATS["bfloat16"], np.random.default_rng(2)
    bits = rng.integers(0, 0x7F800000, 2000, dtype=np.uint32)
    ties = (bits & 0xFFFF0000) | 0x8000
    values = np.concatenate([bits, ties, ties + 1, ties - 1]).view(np.float32)
    cast = values.astype(ml_dtypes.bfloat16).astype(float)
    pairs = zip(values.astype(float), cast, strict=True)
    assert all(same(nearest(Fraction(v), fmt), c) for v, c in pairs)


def truncated(real: Fraction, fmt: Format) -> float:
    found = nearest(real, fmt)
    if abs(found) == math.inf or abs(Fraction(found)) > abs(real):
        step = int(fmt.bit_patterns(abs(found))) - 1
        return math.copysign(float(fmt.decode(step)), real)
    return found


def through_float64(real: Fraction, fmt: Format) -> float:
    return nearest(Fraction(nearest(real, FORMATS["float64"])), fmt)


def ties_away(real: Fraction, fmt: Format) -> float:
    found = nearest(real, fmt)
    return nearest(real * (1 + Fraction(1, 2**300)), fmt) if real else found


@pytest.mark.parametrize("wrong", [truncated, through_float64, ties_away])
def test_control_wrong_roundings_are_caught(wrong):
    narrow = [case for case in TIES if case[0].name in ("float16", "float32")]
    finite = [case for case in narrow if abs(case[1]) < Fraction(case[0].max)]
    assert not rejects(nearest, finite)
    assert rejects(wrong, finite)


def third(precision: Precision) -> Real:
    return precision.number(1.0) / 3


def test_settled_third_has_its_residual():
    for fmt in FORMATS.values():
        found = rounding.settle(third, fmt, lambda: "one third")
        exact = rounding.rational(Fraction(1, 3), fmt)
        assert found[:3] == exact[:3]
        assert exact.residual == float((Fraction(1, 3) - Fraction(exact.rounded)) / Fraction(exact.ulp))


def test_settle_gives_up_on_a_tie_and_says_so():
    fmt = FORMATS["float32"]

    def tie(precision):
        return precision.number(1 + 2.0**-24) * (precision.number(1.0) / 3) * 3

    with pytest.raises(ArithmeticError, match=f"a tie in float32: undecided at {MAX_BITS} bits"):
        rounding.settle(tie, fmt, lambda: "a tie")


def test_settle_does_not_take_a_zero_or_noise_for_a_result():
    """e^(2^-700) - 1 is 0 until the precision passes 700 bits, and noise for a while after."""
    fmt, tiny = FORMATS["float64"], 2.0**-700

    def cancels(precision):
        return precision.exp(precision.number(tiny)) - 1

    def with_noise(precision):
        return cancels(precision) + precision.number(-tiny) - precision.number(2.0**-900)

    assert rounding.settle(cancels, fmt, lambda: "x").rounded == tiny
    assert rounding.settle(with_noise, fmt, lambda: "x").rounded == -(2.0**-900)


def test_values_just_above_a_tie_need_more_precision_and_get_it():
    fmt, bits = FORMATS["float32"], []

    def above(precision):
        bits.append(precision.bits)
        return precision.exp(precision.number(2.0**-1000)) + precision.number(2.0**-24)

    assert rounding.settle(above, fmt, lambda: "x").rounded == 1 + 2.0**-23
    assert bits[-1] >= 1000
    bits.clear()
    assert rounding.settle(above, fmt, lambda: "x", step=1000).rounded == 1 + 2.0**-23
    assert len(bits) == 2


BESIDE = [
    (fmt, Fraction(units, 2) * Fraction(fmt.smallest_subnormal) * scale, side)
    for fmt in FORMATS.values()
    for units in (1, 2, 3, 4, 5, 2**fmt.precision + 1, 2**fmt.precision + 3)
    for scale in (1, -1, 2**60)
    for side in (1, -1)
]


@pytest.mark.parametrize(("fmt", "limit", "side"), BESIDE)
def test_beside_a_value_or_a_midpoint(fmt, limit, side):
    found = rounding.beside(limit, side, fmt)
    assert same(found.rounded, bisected(limit + side * Fraction(1, 2**1300), fmt))
    assert same(found.rounded, bisected(limit + side * Fraction(1, 2**5000), fmt))


def test_beside_zero_infinity_and_what_it_cannot_know():
    fmt = FORMATS["float32"]
    for side in (1, -1):
        assert same(rounding.beside(0, side, fmt).rounded, math.copysign(0.0, side))
        assert rounding.beside(-math.inf, side, fmt).rounded == -math.inf
        assert rounding.beside(Fraction(2) ** 130, side, fmt).rounded == math.inf
    tie = Fraction(1) + Fraction(1, 2**24)
    with pytest.raises(ArithmeticError, match="undecided"):
        rounding.beside(tie - Fraction(1, 2**2300), 1, fmt)
    assert rounding.beside(tie - Fraction(1, 2**2300), -1, fmt).rounded == 1.0


def test_control_the_limit_itself_is_caught():
    wrong = [rounding.rational(limit, fmt).rounded for fmt, limit, _ in BESIDE]
    right = [rounding.beside(limit, side, fmt).rounded for fmt, limit, side in BESIDE]
    assert wrong != right
