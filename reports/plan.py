"""What is measured: the shards of a run, their sizes and their inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from oracles import FORMATS, Format
from oracles.formats import Floats
from oracles.inputs import all_values, hard
from refacts.activation import Activation
from reports.cases import Cases, PointCases, RowCases
from reports.quantities import CATALOGUE, gate, operands, quantities, results
from reports.rows import LONGEST, any_patterns, to_format
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
    one_input = operands(shard.activation, shard.quantity) == ("x",)
    elementwise = shard.activation.spec.kind == "elementwise"
    return settings.mode.exhaustive and elementwise and one_input and shard.fmt.bits == 16


def cases(shard: Shard, settings: Settings) -> Cases:
    """The inputs of a shard; the same settings give the same bits."""
    activation, quantity, fmt = shard.activation, shard.quantity, shard.fmt
    if activation.spec.kind == "rowwise":
        return _rows(shard, settings)
    if exhaustive(shard, settings):
        return PointCases(activation, quantity, fmt, {"x": all_values(fmt)})
    count, seed = settings.mode.counts[fmt.bits], settings.seed
    rng = np.random.default_rng([seed, fmt.bits, fmt.precision])
    if activation.spec.kind == "gated":
        of = "derivative" if quantity == "vjp_b" else "value"
        b = hard(fmt, count, seed, thresholds(gate(activation), of, fmt))
        drawn = {name: _factors(fmt, len(b), rng) for name in operands(activation, quantity)}
        return PointCases(activation, quantity, fmt, {**drawn, "b": b})
    x = hard(fmt, count, seed, thresholds(activation, quantity, fmt))
    cotangent = {"g": any_patterns(fmt, len(x), rng)} if quantity == "vjp" else {}
    return PointCases(activation, quantity, fmt, {"x": x, **cotangent})


def _factors(fmt: Format, n: int, rng: np.random.Generator) -> Floats:
    """Half uniform over all bit patterns, half N(0, 3), at random places."""
    normal = to_format(fmt, 3 * rng.standard_normal(n))
    return np.where(rng.random(n) < 0.5, any_patterns(fmt, n, rng), normal)


def _rows(shard: Shard, settings: Settings) -> RowCases:
    """Rows of so many results; where a row has one, so many elements instead."""
    mode, activation, quantity = settings.mode, shard.activation, shard.quantity

    def worth(length: int) -> int:
        return max(results(activation, quantity, length), length)

    long = mode.long_jacobian if quantity == "jacobian" else mode.long_row
    count, missing = 0, mode.counts[shard.fmt.bits] - worth(long)
    while missing > 0 or count < mode.least_rows:
        missing -= worth(1 + (17 * count) % LONGEST)
        count += 1
    return RowCases(activation, quantity, shard.fmt, settings.seed, count, long)
