from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from refacts.oracles import FORMATS, inputs, nearest

EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)


def bits(values):
    return values.view(np.uint64)


@EVERY
def test_the_same_seed_gives_the_same_bits(fmt):
    first = inputs.hard(fmt, 5000, seed=3, points=(1.5,))
    np.testing.assert_array_equal(bits(first), bits(inputs.hard(fmt, 5000, seed=3, points=(1.5,))))
    assert not np.array_equal(bits(first), bits(inputs.hard(fmt, 5000, seed=4, points=(1.5,))))


@EVERY
@pytest.mark.parametrize("count", [0, 1, 10, 1000, 40_000])
def test_as_many_different_format_values_as_asked_for(fmt, count):
    values = inputs.hard(fmt, count, seed=0, points=(88.7, -88.7))
    assert values.dtype == np.float64
    assert values.shape == (count,)
    assert len(np.unique(bits(values))) == count
    fmt.bit_patterns(values)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_a_small_format_is_exhausted(name):
    fmt = FORMATS[name]
    values = inputs.hard(fmt, 10**6, seed=0)
    everything = inputs.all_values(fmt)
    numbers = everything[~np.isnan(everything)]
    np.testing.assert_array_equal(np.sort(values[~np.isnan(values)]), np.sort(numbers))


@EVERY
def test_edges_are_there(fmt):
    values = set(bits(inputs.hard(fmt, 3000, seed=0)).tolist())
    tiny = fmt.smallest_subnormal
    below_max = fmt.max - 2.0 ** (fmt.emax - fmt.precision + 1)
    edges = [0.0, tiny, 2 * tiny, 2.0**fmt.emin, 2.0**fmt.emin - tiny, below_max, fmt.max, np.inf]
    for edge in edges:
        assert {bits(np.array([edge]))[0], bits(np.array([-edge]))[0]} <= values, edge
    assert any(np.isnan(inputs.hard(fmt, 3000, seed=0)))


@EVERY
def test_neighbours_of_points_are_there(fmt):
    for point in (-3.7, 0.0, 1.0, 2.0**fmt.emin, fmt.max):
        near = nearest(Fraction(point), fmt)
        values = inputs.hard(fmt, 2000, seed=0, points=(point,))
        pattern = int(fmt.bit_patterns(abs(near)))
        last = int(fmt.bit_patterns(np.inf))
        for step in range(-64, 65):
            if 0 < pattern + step <= last:
                assert np.copysign(fmt.decode(pattern + step), near) in values


@EVERY
def test_half_of_the_rest_lies_where_the_function_lives(fmt):
    values = inputs.hard(fmt, 4000, seed=0, lively=(1.0, 3.0))
    inside = np.count_nonzero((values >= 1.0) & (values <= 3.0))
    assert inside > (1200 if fmt.precision > 11 else 190)  # bfloat16 has 193 values there


def test_all_values_in_slices_and_not_beyond():
    fmt = FORMATS["float16"]
    assert len(inputs.all_values(fmt)) == 2**16
    np.testing.assert_array_equal(inputs.all_values(fmt, 5, 9), inputs.all_values(fmt)[5:9])
    assert inputs.all_values(FORMATS["float64"], 1, 2)[0] == 5e-324
    with pytest.raises(ValueError, match="at most 2\\^26"):
        inputs.all_values(FORMATS["float32"])
    with pytest.raises(ValueError, match="not within"):
        inputs.all_values(fmt, 7, 2**16 + 1)
