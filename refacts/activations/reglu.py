"""The gated linear unit with relu."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from refacts.activations.relu import relu
from refacts.gate import Gate
from refacts.gated_unit import GatedUnit
from refacts.spec import Spec


@dataclass(frozen=True)
class ReGLU(GatedUnit):
    """reglu(a, b) = a·relu(b), elementwise.

    >>> reglu(2.0, 1.5), reglu.vjp(2.0, 1.5, 1.0)
    (np.float64(3.0), (np.float64(1.5), np.float64(2.0)))
    """

    spec = Spec(
        name="reglu",
        definition="a relu(b)",
        reference="Shazeer, GLU Variants Improve Transformer, 2020",
        range=(-inf, inf),
        kind="gated",
    )
    gate = Gate(
        relu,
        zero=(lambda b: (b < 0) | (b == 0), lambda b: b < 0),
    )


reglu = ReGLU()
