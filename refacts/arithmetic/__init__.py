"""Functions that formulas use, whatever the arithmetic of their operand.

Every arithmetic has a unit and keeps two promises, which formulas add up to a bound of their own:
an operation errs by at most 1 unit relative to its result, a function by the units given here.
Operands are float64 arrays, double-doubles, wide ones, mpmath's reals, or Fractions (which the
rational formulas alone meet).
"""

from refacts.arithmetic.choice import (
    before,
    clamped,
    large,
    merged,
    small,
    split,
    tiny,
    where,
)
from refacts.arithmetic.errors import (
    added,
    combined,
    leant,
    magnitude,
    nudged,
    parameter,
    product,
    quotient,
    small_part,
    to_float,
    unless,
)
from refacts.arithmetic.functions import (
    bounded,
    exp,
    exp_of,
    expm1,
    lifted,
    log1p,
    mills,
    polynomial,
    sqrt,
    tanh,
    total,
)

__all__ = [
    "added",
    "before",
    "bounded",
    "clamped",
    "combined",
    "exp",
    "exp_of",
    "expm1",
    "large",
    "leant",
    "lifted",
    "log1p",
    "magnitude",
    "merged",
    "mills",
    "nudged",
    "parameter",
    "polynomial",
    "product",
    "quotient",
    "small",
    "small_part",
    "split",
    "sqrt",
    "tanh",
    "tiny",
    "to_float",
    "total",
    "unless",
    "where",
]
