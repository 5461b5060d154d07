"""The gated linear unit with gelu."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf

from refacts.activations.gelu import FAR, gelu
from refacts.arithmetic.constants import NORMAL_PEAK
from refacts.gate import Far, Gate, Near, sign
from refacts.gated_unit import GatedUnit
from refacts.spec import Spec

TERMS = 400  # of the asymptotic series, which at 68 then errs by 2^-1000


def far(b: Fraction, v: Fraction, u: Fraction) -> tuple[Fraction, int]:
    """With a = |b|, v b + u + p(u a - M(u + v a)) for b > 0, else p(M(u - v a) - u a).

    p is the density, M Mills' ratio at a: M a = 1 - 1/a^2 + 3/a^4 - ... lies between partial sums.
    """
    a = abs(b)
    limit, weight, rest = (v * b + u, -(u + v * a), u * a) if b > 0 else (Fraction(0), u - v * a, -u * a)
    term = total = Fraction(1)
    for n in range(TERMS):
        term *= -(2 * n + 1) / a**2
        sides = {sign(weight * bound / a + rest) for bound in (total, total + term)}
        if len(sides) == 1:
            return limit, sides.pop()
        total += term
    return limit, 0


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
        zero=(lambda b: b == 0, lambda b: False),
        near=(Near(1, Fraction(1, 2), NORMAL_PEAK), Near(0, Fraction(1, 2), NORMAL_PEAK.doubled())),
        far=Far(FAR, far),
    )


geglu = GEGLU()
