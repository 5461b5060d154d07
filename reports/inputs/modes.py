"""How much is measured: the two modes, and the settings of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mode:
    """How much is measured.

    By format width, sampled results and the inputs whose tiers are counted; of row-wise activations
    the least number of rows, and the lengths of long ones; by width and length the rows of logits.
    """

    name: str
    counts: dict[int, int]
    tier_inputs: dict[int, int]
    exhaustive: bool
    least_rows: int
    long_row: int
    long_jacobian: int
    logits: dict[int, dict[int, int]]


THOROUGH = Mode(
    name="thorough",
    counts={16: 10_000, 32: 100_000, 64: 20_000},
    tier_inputs={16: 200_000, 32: 4_000_000, 64: 200_000},
    exhaustive=True,
    least_rows=100,
    long_row=1000,
    long_jacobian=100,
    logits={32: {10: 5000, 1000: 50, 100_000: 1}, 64: {10: 2000, 1000: 20, 100_000: 1}},
)
QUICK = Mode(
    name="quick",
    counts={16: 1500, 32: 2000, 64: 2000},
    tier_inputs={16: 20_000, 32: 20_000, 64: 20_000},
    exhaustive=False,
    least_rows=5,
    long_row=200,
    long_jacobian=41,
    logits={width: {10: 20, 100: 3, 1000: 1} for width in (32, 64)},
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
            "logit_rows": _by_width(
                {
                    width: {f"n = {length}": count for length, count in rows.items()}
                    for width, rows in self.mode.logits.items()
                }
            ),
        }


def _by_width(counts: dict[int, Any]) -> dict[str, Any]:
    return {f"{width}-bit": count for width, count in counts.items()}
