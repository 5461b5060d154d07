"""Every activation at -inf, +inf, -0.0 and 0.0, by hand."""

from __future__ import annotations

import math
from fractions import Fraction

from tests.oracles.catalogue import HUGE, TINY

INF = math.inf
HALF, LOG2 = 0.5, 0.6931471805599453
# the constants of selu to 40 digits
LAMBDA = Fraction("1.0507009873554804934193349852946153718710")
LAMBDA_ALPHA = Fraction("1.7580993408473768599402175208123055989186")
GATED = (-0.0, INF, -0.0, 0.0), (-0.0, 1.0, HALF, HALF)
ODD_SLOPES = (1.0, 1.0, 0.0, 0.0)
UP = (0.0, INF)


def shrinks(*parameters):
    return [(p, (-INF, INF, -0.0, 0.0), ODD_SLOPES) for p in parameters]


# name: parameters, value at -inf, +inf, -0.0, 0.0, then the derivative there
SPECIAL = {
    "sigmoid": [({}, (0.0, 1.0, HALF, HALF), (0.0, 0.0, 0.25, 0.25))],
    "log_sigmoid": [({}, (-INF, -0.0, -LOG2, -LOG2), (1.0, 0.0, HALF, HALF))],
    "tanh": [({}, (-1.0, 1.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0))],
    "tanhshrink": [({}, (-INF, INF, -0.0, 0.0), ODD_SLOPES)],
    "softplus": [
        ({"beta": 1.0}, (*UP, LOG2, LOG2), (0.0, 1.0, HALF, HALF)),
        ({"beta": 2.0}, (*UP, LOG2 / 2, LOG2 / 2), (0.0, 1.0, HALF, HALF)),
        ({"beta": HUGE}, (*UP, LOG2 / HUGE, LOG2 / HUGE), (0.0, 1.0, HALF, HALF)),
        ({"beta": TINY}, (*UP, INF, INF), (0.0, 1.0, HALF, HALF)),
    ],
    "silu": [({}, *GATED)],
    "swish": [
        ({"beta": 0.5}, *GATED),
        ({"beta": -0.5}, (-INF, 0.0, -0.0, 0.0), (1.0, -0.0, HALF, HALF)),
        ({"beta": 0.0}, (-INF, INF, -0.0, 0.0), (HALF, HALF, HALF, HALF)),
        ({"beta": -0.0}, (-INF, INF, -0.0, 0.0), (HALF, HALF, HALF, HALF)),
    ],
    "quick_gelu": [({}, *GATED)],
    "gelu": [({}, *GATED)],
    "gelu_tanh": [({}, *GATED)],
    "mish": [({}, (-0.0, INF, -0.0, 0.0), (-0.0, 1.0, Fraction(3, 5), Fraction(3, 5)))],
    "elu": [
        ({"alpha": 1.0}, (-1.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"alpha": -1.5}, (1.5, INF, -0.0, 0.0), (-0.0, 1.0, 1.0, 1.0)),
        ({"alpha": 0.0}, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"alpha": -0.0}, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"alpha": Fraction(1, 3)}, (-Fraction(1, 3), INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
    ],
    "selu": [({}, (-LAMBDA_ALPHA, INF, -0.0, 0.0), (0.0, LAMBDA, LAMBDA, LAMBDA))],
    "celu": [
        ({"alpha": 1.5}, (-1.5, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"alpha": -1.5}, (-INF, INF, -0.0, 0.0), (INF, 1.0, 1.0, 1.0)),
    ],
    "squareplus": [
        ({"b": 4.0}, (0.0, INF, 1.0, 1.0), (0.0, 1.0, HALF, HALF)),
        ({"b": 0.0}, (0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"b": -0.0}, (0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"b": 2.0}, (0.0, INF, HALF**0.5, HALF**0.5), (0.0, 1.0, HALF, HALF)),
    ],
    "softsign": [({}, (-1.0, 1.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0))],
    "sparse_plus": [({}, (0.0, INF, 0.25, 0.25), (0.0, 1.0, HALF, HALF))],
    "sparse_sigmoid": [({}, (0.0, 1.0, HALF, HALF), (0.0, 0.0, HALF, HALF))],
    "relu": [({}, (0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0))],
    "relu6": [({}, (0.0, 6.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0))],
    "leaky_relu": [
        ({"alpha": 0.5}, (-INF, INF, -0.0, 0.0), (0.5, 1.0, 1.0, 1.0)),
        ({"alpha": 0.0}, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"alpha": -0.0}, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"alpha": -0.5}, (INF, INF, -0.0, 0.0), (-0.5, 1.0, 1.0, 1.0)),
        ({"alpha": 0.2}, (-INF, INF, -0.0, 0.0), (Fraction(0.2), 1.0, 1.0, 1.0)),
    ],
    "prelu": [
        ({"weight": 0.25}, (-INF, INF, -0.0, 0.0), (0.25, 1.0, 1.0, 1.0)),
        ({"weight": 0.0}, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"weight": -0.5}, (INF, INF, -0.0, 0.0), (-0.5, 1.0, 1.0, 1.0)),
    ],
    "threshold": [
        ({"threshold": 1.0, "value": 0.0}, (*UP, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0)),
        ({"threshold": 1.0, "value": -0.0}, (*UP, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0)),
        ({"threshold": -1.0, "value": 2.5}, (2.5, INF, -0.0, 0.0), (0.0, 1.0, 1.0, 1.0)),
        ({"threshold": 0.0, "value": 2.5}, (2.5, INF, 2.5, 2.5), (0.0, 1.0, 1.0, 1.0)),
    ],
    "hard_tanh": [
        ({"min_val": -1.0, "max_val": 1.0}, (-1.0, 1.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0)),
        ({"min_val": 0.0, "max_val": 6.0}, (0.0, 6.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0)),
        ({"min_val": -0.0, "max_val": 6.0}, (0.0, 6.0, -0.0, 0.0), (0.0, 0.0, 1.0, 1.0)),
        ({"min_val": -1.0, "max_val": -0.0}, (-1.0, 0.0, -0.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
        ({"min_val": 0.5, "max_val": 2.0}, (0.5, 2.0, 0.5, 0.5), (0.0, 0.0, 0.0, 0.0)),
    ],
    "hard_sigmoid": [
        (
            {"slope": Fraction(1, 6), "offset": Fraction(1, 2)},
            (0.0, 1.0, HALF, HALF),
            (0.0, 0.0, Fraction(1, 6), Fraction(1, 6)),
        ),
        ({"slope": -0.5, "offset": 0.0}, (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
        ({"slope": 0.5, "offset": 0.0}, (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.5, 0.5)),
        ({"slope": 0.0, "offset": 0.25}, (0.25, 0.25, 0.25, 0.25), (0.0, 0.0, 0.0, 0.0)),
        ({"slope": 0.0, "offset": -3.0}, (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
        ({"slope": -0.0, "offset": 3.0}, (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0)),
    ],
    "hard_swish": [({}, (-0.0, INF, -0.0, 0.0), (0.0, 1.0, HALF, HALF))],
    "hardshrink": [
        *shrinks({"lambd": 0.5}),
        ({"lambd": 0.0}, (-INF, INF, -0.0, 0.0), (1.0, 1.0, 1.0, 1.0)),
    ],
    "softshrink": [
        *shrinks({"lambd": 0.5}),
        ({"lambd": 0.0}, (-INF, INF, -0.0, 0.0), (1.0, 1.0, 1.0, 1.0)),
    ],
    "shrink": [
        *shrinks({"lambd": 0.5, "bias": 0.0}, {"lambd": TINY, "bias": -3.0}),
        ({"lambd": 0.0, "bias": 1.0}, (-INF, INF, -0.0, 0.0), (1.0, 1.0, 1.0, 1.0)),
    ],
}
