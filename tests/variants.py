"""Activations with other parameters than the default ones: fixed ones, and strategies for any."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

import refacts
from refacts import (
    CELU,
    ELU,
    Hardshrink,
    HardSigmoid,
    HardTanh,
    LeakyReLU,
    PReLU,
    Shrink,
    Softplus,
    Softshrink,
    Squareplus,
    Swish,
    Threshold,
)

ELEMENTWISE = [f for f in refacts.CATALOGUE if f.spec.kind == "elementwise"]
PARAMETRISED = [f for f in ELEMENTWISE if f.parameters]
VARIANTS = [
    *(LeakyReLU(alpha) for alpha in (0, 1, 1.5, -0.5, Fraction(1, 3), 5e-324, 1e300)),
    *(PReLU(weight) for weight in (0, 1, -0.5, 1e-320, 1e300)),
    *(ELU(alpha) for alpha in (0, 0.5, 1.5, -1, 0.2, Fraction(1, 3), 5e-324, 1e300)),
    *(CELU(alpha) for alpha in (0.5, 3, -1, -0.3, Fraction(-1, 3), 1e-300, 1e300, 5e-324)),
    *(Swish(beta) for beta in (0, -1, 1.702, 1e-20, -1e30, Fraction(1, 3), 5e-324, 1e300)),
    *(Softplus(beta) for beta in (0.5, 20, 1e-20, 1e30, Fraction(1, 3), 5e-324, 1e300)),
    *(Squareplus(b) for b in (0, 1, 0.3, 1e-30, 1e30, Fraction(4, 3), 5e-324, 1e300)),
    *(Threshold(*pair) for pair in ((0, 0), (-1, 3), (0.1, 0.1), (Fraction(1, 3), Fraction(-1, 7)))),
    *(HardTanh(*pair) for pair in ((0, 0), (0, 6), (-0.1, 0.2), (-1e300, 5e-324), (Fraction(1, 3), 7))),
    HardSigmoid(0.2, 0.5),
    HardSigmoid(-0.2, 0.5),
    HardSigmoid(0, Fraction(1, 3)),
    HardSigmoid(0, Fraction(-1, 7)),
    HardSigmoid(0, Fraction(2**53 + 1, 2**54)),
    HardSigmoid(0, 2),
    HardSigmoid(Fraction(1, 3), Fraction(-2, 7)),
    HardSigmoid(5e-324, 0.5),
    HardSigmoid(1e300, 0.1),
    *(Hardshrink(lambd) for lambd in (0, 0.1, Fraction(1, 3), 5e-324, 1e300)),
    *(Softshrink(lambd) for lambd in (0, 0.1, Fraction(1, 3), 5e-324, 1e300)),
    *(Shrink(*pair) for pair in ((0, 0), (1.5, 1.5), (0.1, 3), (0.5, -1), (0, 1))),
    Shrink(Fraction(1, 3), Fraction(1, 7)),
]
# Limits half way between two numbers of a format, at most a hair from there, or near.
TIES = (257.0, 1 + 2.0**-11, 1 + 2.0**-24, 2.0**-25, Fraction(2**53 + 1, 2**53), -(1 + 2.0**-24))
HAIRS = (1 + 2.0**-24 + 2.0**-52, *(TIES[4] * (1 + side * Fraction(1, 2**300)) for side in (1, -1)))
TIED = [make(alpha) for make in (ELU, CELU) for alpha in (*TIES, *HAIRS)]
MODERATE = [f for f in VARIANTS if all(q == 0 or 1e-3 < abs(q) < 1e3 for q in f.parameters.values())]
NUMBERS = st.one_of(
    st.floats(-4, 4),
    st.sampled_from([0.0, 0.2, 0.5, 0.75, 1.0, 1.5, 6.0, 20.0, 5e-324, 2.0**-1022, 1e300, 2.0**-149, 1e30]),
    st.sampled_from([-0.0, -0.5, -1.0, -1e-30, -1e300]),
    st.fractions(-3, 3, max_denominator=999),
)


@st.composite
def any_variant(draw: Any, default: Any) -> Any:
    """An activation like `default` with any parameters that its rules allow."""
    names = [field.name for field in fields(default)]
    drawn = draw(st.fixed_dictionaries({name: _numbers(default, name) for name in names}))
    if isinstance(default, HardTanh):
        drawn = dict(zip(names, sorted(drawn.values()), strict=True))
    return type(default)(**drawn)


def _numbers(default: Any, name: str) -> st.SearchStrategy[Any]:
    numbers = NUMBERS
    if isinstance(default, PReLU):
        numbers = numbers.filter(lambda q: isinstance(q, float))
    if name in ("beta", "b", "lambd") and not isinstance(default, Swish):
        numbers = numbers.map(abs)
    if (isinstance(default, Softplus) and name == "beta") or isinstance(default, CELU):
        numbers = numbers.filter(lambda q: q != 0)
    return numbers
