"""Ordinary inputs that tell definitions apart."""

from __future__ import annotations

import numpy as np
import pytest
from refacts.reports.inputs.probes import probes

from tests.inputs.test_points import ASKED, FORMAT_PAIRS, bits, question


@pytest.mark.parametrize("formats", FORMAT_PAIRS)
@pytest.mark.parametrize(("name", "quantity"), ASKED)
def test_probes_are_finite_and_spread(name: str, quantity: str, formats: str) -> None:
    asked = question(name, quantity, formats)
    made = probes(asked, 2000, 3)
    assert bits(made) == bits(probes(asked, 2000, 3))
    assert bits(made) != bits(probes(asked, 2000, 4))
    assert tuple(made) == asked.operands
    for operand, values in made.items():
        assert np.isfinite(values).all()
        asked.format_of(operand).bit_patterns(values)
    x = made["b" if asked.kind == "gated" else "x"]
    assert x.size == 2000
    for low, high in ((1e-3, 1e-2), (1e-2, 0.1), (0.1, 1), (1, 5), (5, 30)):
        if asked.kind != "rowwise":
            for side in (x, -x):
                assert np.count_nonzero((side >= low) & (side < high)) > 50


def test_probes_are_beside_kinks() -> None:
    x = probes(question("hard_swish"))["x"]
    for kink in (-3.0, 3.0):
        for side in (-np.inf, np.inf):
            assert float(np.nextafter(np.float32(kink), np.float32(side))) in x
