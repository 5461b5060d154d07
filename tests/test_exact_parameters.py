"""Fractions a float64 cannot hold: not mistaken for the float nearest to them, even at ties."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from refacts import LeakyReLU
from tests.checks import matches_oracle


@pytest.mark.parametrize("base", [Fraction(1, 2), Fraction(3, 2), Fraction(2) ** -900, Fraction(2) ** 999])
@pytest.mark.parametrize("bits", [60, 120, 300, 1200])
def test_a_hair_beside_a_float(base: Fraction, bits: int) -> None:
    for side in (1, -1):
        if side < 0 and base == Fraction(2) ** -900:
            continue
        kernel = LeakyReLU(base * (1 + side * Fraction(1, 2**bits)))
        x = -np.arange(1.0, 200.0) * 5e-324
        matches_oracle(kernel, "value", x, measured=False)
        matches_oracle(kernel, "value", (-np.arange(1, 200) * 2.0**-149).astype(np.float32), measured=False)
        matches_oracle(kernel, "vjp", np.full(199, -1.0), x, measured=False)
        ties = (1 + np.arange(1, 200, 2) * 2.0**-23).astype(np.float32)
        matches_oracle(kernel, "value", -ties, measured=False)
