"""The sigmoid linear unit."""

from __future__ import annotations

from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.far import beside
from refacts.gated import gated, gated_derivative, saturating
from refacts.spec import Spec


def value(x: Any) -> tuple[Any, Any]:
    """x·sigma(x)."""
    return gated(x, x)


def derivative(x: Any) -> tuple[Any, Any]:
    """sigma(x)(1 + x·sigma(-x))."""
    w, _ = saturating(x)
    return gated_derivative(w, w)


class SiLU(Elementwise):
    """silu(x) = x/(1 + e^-x).

    Special cases: silu(±0) = ±0, silu(-inf) = -0, silu(inf) = inf, silu(NaN) = NaN; the derivative
    is -0 at -inf and 1 at inf. It changes its sign at -1.278...

    >>> silu(-1.0), silu.gradient(-1.0), silu(-740.0)
    (np.float64(-0.2689414213699951), np.float64(0.07232948812851327), np.float64(-3.09967e-319))
    """

    spec = Spec(
        name="silu",
        definition="x/(1 + e^-x)",
        reference="Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units, 2018",
        range=(-0.2784645427610737951094, inf),
        monotone=False,
        keeps_zero=True,
        stationary=(-1.278464542761073795109,),
        value=value,
        derivative=derivative,
        exactly=beside(lambda x: x >= 100, -1, 1),  # x - x e^-x, 1 + (x - 1) e^-x
        limits=lambda: (-0.0, inf),
        derivative_limits=lambda: (-0.0, 1.0),
    )


silu = SiLU()
