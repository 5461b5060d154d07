"""Rounding an integer times a power of two, as the last tier does, against the oracle's rounding."""

from __future__ import annotations

from fractions import Fraction
from math import copysign, inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refacts import oracles
from refacts.formats import Format, format_of
from tests.strategies import FORMAT_NAMES


@st.composite
def dyadics(draw: Any, fmt: Any) -> tuple[int, int]:
    """Numbers of few bits and of many, ties and their neighbours, at either end of the format."""
    bits = draw(st.sampled_from([1, 2, fmt.precision, fmt.precision + 1, fmt.precision + 2, 200]))
    m = draw(st.one_of(st.integers(0, 2**bits), st.integers(2**bits - 2, 2**bits + 2)))
    ends = (fmt.emin - fmt.precision - bits, fmt.emin - bits, -bits, fmt.emax + 1 - bits)
    return draw(st.sampled_from([1, -1])) * m, draw(st.sampled_from(ends)) + draw(st.integers(-4, 4))


@pytest.mark.parametrize("name", FORMAT_NAMES)
@given(data=st.data())
def test_dyadic_numbers_are_rounded_to_nearest_even(name: str, data: Any) -> None:
    want = oracles.FORMATS[name]
    m, exponent = data.draw(dyadics(want))
    got = format_of(want.dtype).round_dyadic(m, exponent)
    exact = Fraction(m) * Fraction(2) ** exponent
    assert got == oracles.nearest(exact, want)
    assert copysign(1, got) == (-1 if m < 0 else 1)


@pytest.mark.parametrize("exponent", [10**30, -(10**30)])
def test_exponents_of_any_size(exponent: int) -> None:
    fmt: Format = format_of(np.dtype(np.float64))
    assert fmt.round_dyadic(-3, exponent) == (-inf if exponent > 0 else 0.0)
