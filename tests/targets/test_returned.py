"""Results of another dtype are rounded to the format once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS, nearest
from refacts.oracles.numbers.formats import Floats
from refacts.reports.targets.returned import rounded, to_format

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
@given(value=FINITE)
def test_float64_to_a_format(fmt: Any, value: float) -> None:
    found = to_format(np.array([value]), fmt)[0]
    assert found.hex() == (nearest(Fraction(value), fmt) if value else value).hex()


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
@given(bits=st.integers(0, (1 << 16) - 1), beyond=st.sampled_from([-1, 0, 1]))
def test_beside_ties(fmt: Any, bits: int, beyond: int) -> None:
    """The midpoint of two neighbours of a format, and the float64 on either side of it."""
    pattern = np.array([bits << (fmt.bits - 16)], np.uint64)
    low, high = fmt.decode(pattern), fmt.decode(pattern + 1)
    if not np.isfinite([low, high]).all() or fmt.name == "float64":
        return
    middle = (low + high) / 2
    value = np.nextafter(middle, np.inf * beyond) if beyond else middle
    assert to_format(value, fmt)[0] == nearest(Fraction(value.item()), fmt)


def by_two_roundings(values: Floats, fmt: Any) -> Floats:
    return to_format(values.astype(np.float32).astype(np.float64), fmt)


def test_two_roundings_are_seen() -> None:
    """The control: 1 + 2^-8 + 2^-40 is above a tie of bfloat16, which float32 makes a tie."""
    value, fmt = np.array([1 + 2.0**-8 + 2.0**-40]), FORMATS["bfloat16"]
    assert to_format(value, fmt)[0] == nearest(Fraction(value.item()), fmt)
    with np.errstate(all="ignore"):
        assert by_two_roundings(value, fmt)[0] != nearest(Fraction(value.item()), fmt)


@pytest.mark.parametrize(
    "numbers",
    [
        np.array([2**53 + 1, 2**63 - 1, -(2**62) - 1, 0], np.int64),
        np.array([2**64 - 1, 2**60 + 129], np.uint64),
        np.array([True, False]),
        np.array([1 + 2.0**-24, 3.1], np.longdouble) + np.longdouble(2.0**-60),
        np.array([np.finfo(np.longdouble).max, -np.finfo(np.longdouble).max], np.longdouble),
        np.array([1.5, -65504.0], np.float16),
    ],
)
def test_other_numbers(numbers: Any) -> None:
    for fmt in FORMATS.values():
        found = fmt.decode(rounded(numbers, fmt))
        want = [nearest(Fraction(*number.as_integer_ratio()), fmt) for number in map(exact, numbers)]
        np.testing.assert_array_equal(found, want)


def exact(number: Any) -> Any:
    return int(number) if number.dtype.kind in "biu" else number


def test_not_finite() -> None:
    for fmt in FORMATS.values():
        given = np.array([np.nan, np.inf, -np.inf, -0.0])
        np.testing.assert_array_equal(to_format(given, fmt), given)
        assert np.signbit(to_format(given, fmt)[3])
