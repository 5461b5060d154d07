"""Every activation's parameters: the defaults, and the ones that lie at the ends of what is allowed."""

from __future__ import annotations

from fractions import Fraction

from refacts.oracles import DEFINITIONS

TINY, HUGE = 5e-324, 2.0**1022
THIRD = Fraction(1, 3)


def numbers(key, *values):
    return [{key: value} for value in values]


# name: the default first
PARAMETERS = {
    "softplus": numbers("beta", 1.0, 0.3, 7, 1e30, THIRD, TINY, HUGE),
    "swish": numbers("beta", 1.0, 0.0, -1.0, -0.3, 1.5, THIRD, -TINY, TINY, HUGE, -HUGE),
    "elu": numbers("alpha", 1.0, 0.0, 1.5, -0.7, THIRD, TINY, -HUGE, 2),
    "celu": numbers("alpha", 1.0, 1.5, -0.7, THIRD, TINY, -TINY, HUGE, -HUGE, 2),
    "squareplus": numbers("b", 4.0, 0.0, 0.3, THIRD, TINY, HUGE, 1),
    "leaky_relu": numbers("alpha", 0.2, 0.0, 0.01, 1.5, -0.3, THIRD, TINY, HUGE, 1),
    "prelu": numbers("weight", 0.25, 0.0, 0.01, 1.5, -0.3, THIRD, TINY, HUGE, 1),
    "threshold": [
        {"threshold": 1.0, "value": 0.0},
        {"threshold": -1.5, "value": THIRD},
        {"threshold": 0.0, "value": -HUGE},
        {"threshold": TINY, "value": TINY},
    ],
    "hard_tanh": [
        {"min_val": -1.0, "max_val": 1.0},
        {"min_val": 0.0, "max_val": 6},
        {"min_val": -THIRD, "max_val": 0.0},
        {"min_val": 0.5, "max_val": 0.5},
        {"min_val": -HUGE, "max_val": HUGE},
    ],
    "hard_sigmoid": [
        {"slope": Fraction(1, 6), "offset": Fraction(1, 2)},
        {"slope": 0.2, "offset": 0.5},
        {"slope": -0.25, "offset": 0.5},
        {"slope": 0.0, "offset": 0.3},
        {"slope": 0.0, "offset": -2.0},
        {"slope": 1, "offset": 0},
        {"slope": TINY, "offset": TINY},
        {"slope": -HUGE, "offset": 0.0},
    ],
    "hardshrink": numbers("lambd", 0.5, 0.0, THIRD, TINY, HUGE, 2),
    "softshrink": numbers("lambd", 0.5, 0.0, THIRD, TINY, HUGE, 2),
    "shrink": [
        {"lambd": 0.5, "bias": 0.0},
        {"lambd": 0.5, "bias": 0.5},
        {"lambd": 0.0, "bias": 1.5},
        {"lambd": THIRD, "bias": -HUGE},
        {"lambd": TINY, "bias": TINY},
    ],
}
RATIONAL = tuple(name for name, definition in DEFINITIONS.items() if definition.rational)
SMOOTH = tuple(name for name in DEFINITIONS if name not in RATIONAL)


def grid(name):
    return PARAMETERS.get(name, [{}])


def defaults(name):
    return grid(name)[0]


def cases(names):
    return [(name, parameters) for name in names for parameters in grid(name)]


def case_id(part):
    return "-".join(f"{key}={value}" for key, value in part.items()) if isinstance(part, dict) else None
