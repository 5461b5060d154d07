"""The gated linear unit with silu."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf

from refacts.activations.silu import silu
from refacts.gate import Far, Gate, Near, sign
from refacts.gated_unit import GatedUnit
from refacts.spec import Spec


def far(b: Fraction, v: Fraction, u: Fraction) -> tuple[Fraction, int]:
    """With t = e^-|b|, w + t(u b - w - w t)/(1 + t)^2 for b > 0, else t(w + u b + w t)/(1 + t)^2."""
    w = v * b + u
    return (w, sign(u * b - w, -w)) if b > 0 else (Fraction(0), sign(w + u * b, w))


@dataclass(frozen=True)
class SwiGLU(GatedUnit):
    """swiglu(a, b) = a·silu(b), elementwise.

    >>> swiglu(2.0, 1.0), swiglu.vjp(2.0, 0.0, 1.0)
    (np.float64(1.4621171572600098), (np.float64(0.0), np.float64(1.0)))
    """

    spec = Spec(
        name="swiglu",
        definition="a silu(b)",
        reference="Shazeer, GLU Variants Improve Transformer, 2020",
        range=(-inf, inf),
        kind="gated",
    )
    gate = Gate(
        silu,
        zero=(lambda b: b == 0, lambda b: False),
        near=(Near(1, Fraction(1, 2), Fraction(1, 4)), Near(0, Fraction(1, 2), Fraction(1, 2))),
        far=Far(2800.0, far),
    )


swiglu = SwiGLU()
