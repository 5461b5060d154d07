"""The logarithm of the logistic sigmoid."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arithmetic import exp, log1p, where
from refacts.far import beside
from refacts.gated import logistic
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """-log(1 + e^-x) = min(x, 0) - log(1 + e^-|x|): neither term is positive."""
    t = exp(-abs(x))  # in (0, 1]: cannot overflow
    return -(where(x >= 0, 0, -x) + log1p(t)), 17  # t 8, log 8, sum 1; -(0 + 0) is -0


def derivative(x: Any) -> tuple[Any, Any]:
    """sigma(-x)."""
    return logistic(-x)


class LogSigmoid(Elementwise):
    """log_sigmoid(x) = -log(1 + e^-x).

    Special cases: log_sigmoid(-inf) = -inf, log_sigmoid(inf) = -0, log_sigmoid(NaN) = NaN; the
    derivative is 1 at -inf and 0 at inf.

    >>> log_sigmoid(40.0), log_sigmoid(-800.0)
    (np.float64(-4.248354255291589e-18), np.float64(-800.0))
    """

    spec = Spec(
        name="log_sigmoid",
        definition="-log(1 + e^-x)",
        reference="Dugas et al., Incorporating Second-Order Functional Knowledge, 2001",
        range=(-inf, 0.0),
        convexity="concave",
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: x <= -100, 1, -1),  # x - e^x, 1 - e^x
        limits=lambda: (-inf, -0.0),
        derivative_limits=lambda: (1.0, 0.0),
    )


log_sigmoid = LogSigmoid()
