from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from refacts.oracles import FORMATS

NARROW = [FORMATS["float16"], FORMATS["bfloat16"]]


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_parameters_are_those_of_the_type(fmt):
    info = ml_dtypes.finfo(fmt.dtype)
    assert (fmt.bits, fmt.max) == (info.bits, float(info.max))
    assert fmt.smallest_subnormal == float(info.smallest_subnormal)
    assert (2.0**fmt.emin, fmt.precision - 1) == (float(info.smallest_normal), info.nmant)


@pytest.mark.parametrize("fmt", NARROW, ids=lambda fmt: fmt.name)
def test_bits_and_values_are_the_same_thing(fmt):
    bits = np.arange(2**16, dtype=np.uint16)
    values = fmt.decode(bits)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(values, bits.view(fmt.dtype).astype(np.float64))
    numbers = ~np.isnan(values)
    np.testing.assert_array_equal(fmt.bit_patterns(values)[numbers], bits[numbers])
    assert np.isnan(fmt.decode(fmt.bit_patterns(values[~numbers]))).all()
    assert fmt.encode(values[numbers]).dtype == fmt.dtype


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("value", [0.1, 1e300, 5e-324, 1 + 2.0**-30])
def test_encode_refuses_what_the_format_does_not_hold(name, value):
    with pytest.raises(ValueError, match=f"not a {name} value"):
        FORMATS[name].encode(np.array([1.0, value]))
