"""Rows as networks and losses have them: many entries, of moderate size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.points import SHARD
from refacts.reports.inputs.rows import to_format
from refacts.reports.quantities import reduces
from refacts.reports.question import Batch, Question

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


@dataclass(frozen=True)
class Logits:
    """``rows`` rows of a family and length, in place of a plan: see `reports.inputs.points.Inputs`."""

    family: str
    length: int
    rows: int
    seed: int

    @property
    def drawn(self) -> str:
        """What a document says they are."""
        return f"logits {self.family}, n = {self.length}"

    def coverage(self, question: Question) -> str:
        """A sample of the format's rows."""
        return "sampled"

    def shards(self, question: Question) -> int:
        """How many batches."""
        return -(-self.rows // self._step)

    def count(self, question: Question) -> int:
        """How many results."""
        return self.rows * question.results(self.length)

    def batch(self, question: Question, k: int) -> Batch:
        """The rows of batch ``k``."""
        made = logits(question.source, self.family, self.length, self.rows, self.seed)
        here = slice(k * self._step, (k + 1) * self._step)
        found = {name: values[here] for name, values in zip(question.operands, made, strict=False)}
        if "g" in found and reduces(question.activation, "value"):
            found["g"] = found["g"][:, 0].copy()
        return found

    @property
    def _step(self) -> int:
        return max(1, SHARD // self.length)
