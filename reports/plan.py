"""What is measured: the shards of a run, their sizes and their inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from oracles import FORMATS, Format
from oracles.inputs import all_values, hard
from refacts.activation import Activation
from reports.cases import Cases, ElementwiseCases, RowCases, results
from reports.kernels import CATALOGUE, quantities
from reports.rows import LONGEST, any_patterns
from reports.thresholds import thresholds


@dataclass(frozen=True)
class Mode:
    """How much is measured.

    By format width, sampled results and the inputs whose tiers are counted; of row-wise activations
    the least number of rows, and the lengths of long ones.
    """

    name: str
    counts: dict[int, int]
    tier_inputs: dict[int, int]
    exhaustive: bool
    least_rows: int
    long_row: int
    long_jacobian: int


THOROUGH = Mode(
    name="thorough",
    counts={16: 10_000, 32: 100_000, 64: 20_000},
    tier_inputs={16: 200_000, 32: 4_000_000, 64: 200_000},
    exhaustive=True,
    least_rows=100,
    long_row=1000,
    long_jacobian=100,
)
QUICK = Mode(
    name="quick",
    counts={16: 1500, 32: 2000, 64: 2000},
    tier_inputs={16: 20_000, 32: 20_000, 64: 20_000},
    exhaustive=False,
    least_rows=5,
    long_row=200,
    long_jacobian=41,
)


@dataclass(frozen=True)
class Settings:
    """One run: its mode, its seed and the activations measured, in the catalogue's order."""

    mode: Mode
    seed: int
    names: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What the document says was run."""
        return {
            "mode": self.mode.name,
            "seed": self.seed,
            "activations": list(self.names),
            "sampled_inputs_at_least": _by_width(self.mode.counts),
            "tier_inputs": _by_width(self.mode.tier_inputs),
        }


def _by_width(counts: dict[int, int]) -> dict[str, int]:
    return {f"{width}-bit": count for width, count in counts.items()}


@dataclass(frozen=True)
class Shard:
    """One activation in one quantity and format."""

    activation: Activation
    quantity: str
    fmt: Format

    @property
    def key(self) -> str:
        """The row's key in the document."""
        return f"{self.activation.spec.name}/{self.quantity}/{self.fmt.name}"

    @property
    def parameters(self) -> dict[str, str]:
        """What the document says of the activation's parameters."""
        return {name: str(number) for name, number in self.activation.parameters.items()}


def shards(settings: Settings) -> list[Shard]:
    """All shards of a run, in the document's order."""
    return [
        Shard(CATALOGUE[name], quantity, fmt)
        for name in settings.names
        for quantity in quantities(CATALOGUE[name])
        for fmt in FORMATS.values()
    ]


def exhaustive(shard: Shard, settings: Settings) -> bool:
    """Whether every input of the format is measured."""
    one_input = shard.quantity != "vjp" and shard.activation.spec.kind == "elementwise"
    return settings.mode.exhaustive and one_input and shard.fmt.bits == 16


def cases(shard: Shard, settings: Settings) -> Cases:
    """The inputs of a shard; the same settings give the same bits."""
    if shard.activation.spec.kind == "rowwise":
        return _rows(shard, settings)
    fmt, seed = shard.fmt, settings.seed
    if exhaustive(shard, settings):
        return ElementwiseCases(shard.activation, shard.quantity, fmt, all_values(fmt))
    points = thresholds(shard.activation, shard.quantity, fmt)
    x = hard(fmt, settings.mode.counts[fmt.bits], seed, points)
    if shard.quantity != "vjp":
        return ElementwiseCases(shard.activation, shard.quantity, fmt, x)
    g = any_patterns(fmt, len(x), np.random.default_rng([seed, fmt.bits, fmt.precision]))
    return ElementwiseCases(shard.activation, shard.quantity, fmt, x, g)


def _rows(shard: Shard, settings: Settings) -> RowCases:
    mode, quantity = settings.mode, shard.quantity
    long = mode.long_jacobian if quantity == "jacobian" else mode.long_row
    count, missing = 0, mode.counts[shard.fmt.bits] - results(quantity, long)
    while missing > 0 or count < mode.least_rows:
        missing -= results(quantity, 1 + (17 * count) % LONGEST)
        count += 1
    return RowCases(shard.activation, quantity, shard.fmt, settings.seed, count, long)
