"""Rows as networks and losses have them: many entries, of moderate size."""

from __future__ import annotations

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.rows import to_format

FAMILIES = ("N(0,1)", "N(0,100^2)", "uniform")
WIDE = {"float32": 80.0, "float64": 700.0}  # uniform within ± so much: e^x has neither over- nor underflow
FORMATS = tuple(WIDE)


def logits(fmt: Format, family: str, length: int, count: int, seed: int) -> tuple[Floats, Floats]:
    """``count`` rows of ``length`` format values, and cotangents N(0, 1) of the same shape, as float64."""
    rng = np.random.default_rng([seed, fmt.bits, FAMILIES.index(family), length, count])
    shape = (count, length)
    if family == "uniform":
        x = rng.uniform(-WIDE[fmt.name], WIDE[fmt.name], shape)
    else:
        x = rng.standard_normal(shape) * (100 if family == "N(0,100^2)" else 1)
    return to_format(fmt, x), to_format(fmt, rng.standard_normal(shape))
