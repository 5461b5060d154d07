"""What a run of the suite measured; printed at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oracles import Comparison


@dataclass
class Tally:
    inputs: int = 0
    correct: int = 0
    max_ulp: float = 0.0

    def add(self, comparison: Comparison) -> None:
        self.inputs += comparison.correct.size
        self.correct += int(comparison.correct.sum())
        finite = comparison.ulps[np.isfinite(comparison.ulps)]
        self.max_ulp = max(self.max_ulp, float(finite.max(initial=0.0)))


LEDGER: dict[tuple[str, str, str], Tally] = {}


def record(name: str, quantity: str, fmt: str, comparison: Comparison) -> None:
    LEDGER.setdefault((name, quantity, fmt), Tally()).add(comparison)


def lines() -> list[str]:
    header = f"{'activation':<12}{'quantity':<12}{'format':<10}{'inputs':>10}{'max ulp':>10}  correct"
    rows = [header]
    for (name, quantity, fmt), tally in sorted(LEDGER.items()):
        wrong = tally.inputs - tally.correct
        share = "all" if not wrong else f"{wrong} wrong"
        rows.append(
            f"{name:<12}{quantity:<12}{fmt:<10}{tally.inputs:>10}{tally.max_ulp:>10.4f}  {share}"
        )
    return rows
