"""The gated linear unit with gelu."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf

from refacts.activations.gelu import gelu
from refacts.arithmetic.constants import NORMAL_PEAK
from refacts.gate import Gate, Near
from refacts.gated_unit import GatedUnit
from refacts.spec import Spec


@dataclass(frozen=True)
class GEGLU(GatedUnit):
    """geglu(a, b) = a·gelu(b), elementwise.

    >>> geglu(2.0, 1.0), geglu.vjp(2.0, 0.0, 1.0)
    (np.float64(1.6826894921370859), (np.float64(0.0), np.float64(1.0)))
    """

    spec = Spec(
        name="geglu",
        definition="a gelu(b)",
        reference="Shazeer, GLU Variants Improve Transformer, 2020",
        range=(-inf, inf),
        kind="gated",
    )
    gate = Gate(
        gelu,
        (Near(1, Fraction(1, 2), NORMAL_PEAK), Near(0, Fraction(1, 2), NORMAL_PEAK.doubled())),
        (lambda b: b == 0, lambda b: False),
    )


geglu = GEGLU()
