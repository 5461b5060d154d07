"""The threshold unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any

from refacts.activation import Elementwise
from refacts.arguments import float_above, float_from
from refacts.arithmetic import product, where
from refacts.rounding import Formula
from refacts.spec import Spec


def value_of(x: Any, threshold: Any, value: Any, above: float) -> tuple[Any, Any]:
    """Return x where x >= `above`, the least float64 above the threshold, else the value."""
    y, units = product(value, 1)
    return where(x >= above, x, y), where(x >= above, 0, units)


def derivative_of(x: Any, threshold: Any, value: Any, least: float) -> tuple[Any, Any]:
    """Return 1 from the threshold on, 0 below."""
    return where(x >= least, 1, 0), 0


@dataclass(frozen=True)
class Threshold(Elementwise):
    """threshold(x) = x for x > threshold, else value.

    ONNX's ThresholdedRelu has the same defaults; PyTorch has none.

    Special cases: threshold(-inf) = value, threshold(inf) = inf, threshold(NaN) = NaN. The
    derivative is 0 below the threshold and 1 from it on, there the limit from the right.

    >>> threshold(1.0), threshold(1.5), threshold.gradient(1.0), Threshold(value=-1)(0.0)
    (np.float64(0.0), np.float64(1.5), np.float64(1.0), np.float64(-1.0))
    """

    threshold: float | Fraction = 1.0
    value: float | Fraction = 0.0

    spec = Spec(
        name="threshold",
        definition="x if x > threshold else value",
        reference="Konda, Memisevic and Krueger, Zero-Bias Autoencoders and the Benefits of Co-Adapting "
        "Features, 2015",
        range=lambda threshold, value: (min(float(threshold), float(value)), inf),
        kinks=lambda threshold, value: (threshold,),
        monotone=lambda threshold, value: value <= threshold,
        keeps_zero=lambda threshold, value: threshold < 0,
        rational=True,
        limits=lambda threshold, value: (value, inf),
        derivative_limits=lambda threshold, value: (0.0, 1.0),
    )

    def _formula(self, quantity: str) -> Formula:
        if quantity == "value":
            return partial(value_of, above=float_above(self.threshold))
        return partial(derivative_of, least=float_from(self.threshold))


threshold = Threshold()
