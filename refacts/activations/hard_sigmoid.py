"""The hard sigmoid."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from refacts.activation import Elementwise
from refacts.hard import Ramp
from refacts.rounding import Formula
from refacts.spec import Spec


@dataclass(frozen=True)
class HardSigmoid(Elementwise):
    """hard_sigmoid(x) = slope·x + offset, held within 0 and 1.

    The defaults, 1/6 and 1/2 exactly, are PyTorch's; ONNX and Keras 2 have slope 0.2.

    Special cases: hard_sigmoid(±inf) = 0 or 1 as the slope's sign has it, hard_sigmoid(NaN) = NaN.
    The derivative at a kink is the one from the right: slope at the left one, 0 at the right one.

    >>> hard_sigmoid(1.0), hard_sigmoid.gradient(-3.0), HardSigmoid(slope=0.2)(1.0)
    (np.float64(0.6666666666666666), np.float64(0.16666666666666666), np.float64(0.7))
    """

    slope: float | Fraction = Fraction(1, 6)
    offset: float | Fraction = Fraction(1, 2)

    spec = Spec(
        name="hard_sigmoid",
        definition="min(max(slope x + offset, 0), 1)",
        reference="Courbariaux, Bengio and David, BinaryConnect, 2015",
        range=lambda slope, offset: tuple(sorted(Ramp(slope, offset).ends)),
        kinks=lambda slope, offset: Ramp(slope, offset).kinks,
        symmetry=lambda slope, offset: "point" if offset == Fraction(1, 2) else "",
        monotone=lambda slope, offset: slope >= 0,
        rational=True,
        limits=lambda slope, offset: Ramp(slope, offset).ends,
        derivative_limits=lambda slope, offset: (0.0, 0.0),
    )

    @property
    def _constants(self) -> tuple[float | Fraction, ...]:
        return Ramp(self.slope, self.offset).constants

    def _formula(self, quantity: str) -> Formula:
        ramp = Ramp(self.slope, self.offset)
        return ramp.value if quantity == "value" else ramp.derivative


hard_sigmoid = HardSigmoid()
