"""How much a report measures: three modes, and the settings of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from refacts.reports.inputs.points import Plan
from refacts.reports.question import Question


@dataclass(frozen=True)
class Mode:
    """How much is measured.

    By format width, samples beside the hard inputs, of rows about so many entries, and the inputs whose
    tiers are counted; by width and length the rows of logits. exhaustive: all inputs of 16-bit formats of one
    operand.
    """

    name: str
    samples: dict[int, int]
    tier_inputs: dict[int, int]
    exhaustive: bool
    logits: dict[int, dict[int, int]]


THOROUGH = Mode(
    name="thorough",
    samples={16: 10_000, 32: 100_000, 64: 20_000},
    tier_inputs={16: 200_000, 32: 4_000_000, 64: 200_000},
    exhaustive=True,
    logits={32: {10: 5000, 1000: 50, 100_000: 1}, 64: {10: 2000, 1000: 20, 100_000: 1}},
)
DEFAULT = Mode(
    name="default",
    samples={16: 1500, 32: 6000, 64: 4000},
    tier_inputs={16: 20_000, 32: 100_000, 64: 20_000},
    exhaustive=False,
    logits={width: {10: 100, 1000: 3} for width in (32, 64)},
)
QUICK = Mode(
    name="quick",
    samples=dict.fromkeys((16, 32, 64), 0),
    tier_inputs=dict.fromkeys((16, 32, 64), 20_000),
    exhaustive=False,
    logits={width: {10: 20, 100: 3, 1000: 1} for width in (32, 64)},
)
MODES = {mode.name: mode for mode in (QUICK, DEFAULT, THOROUGH)}


@dataclass(frozen=True)
class Settings:
    """One run: its mode, its seed and the activations measured, in the catalogue's order."""

    mode: Mode
    seed: int
    names: tuple[str, ...]

    def plan(self, question: Question) -> Plan:
        """The inputs of a question."""
        return Plan(self.mode.samples[question.source.bits], self.seed, sampled=not self.mode.exhaustive)

    def as_json(self) -> dict[str, Any]:
        """What the document says was run."""
        return {
            "mode": self.mode.name,
            "seed": self.seed,
            "activations": list(self.names),
            "samples": _by_width(self.mode.samples),
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
