"""What a run of the suite measured; printed at its end."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from refacts.oracles import Comparison

Handed = list[tuple[list[str], list[float]]]


@dataclass
class Tally:
    inputs: int = 0
    correct: int = 0
    max_ulp: float = 0.0

    def add(self, comparison: Comparison) -> None:
        finite = comparison.ulps[np.isfinite(comparison.ulps)]
        self.join(comparison.correct.size, int(comparison.correct.sum()), float(finite.max(initial=0.0)))

    def join(self, inputs: int, correct: int, max_ulp: float) -> None:
        self.inputs += inputs
        self.correct += correct
        self.max_ulp = max(self.max_ulp, max_ulp)


LEDGER: dict[tuple[str, str, str], Tally] = {}


def record(name: str, quantity: str, fmt: str, comparison: Comparison) -> None:
    LEDGER.setdefault((name, quantity, fmt), Tally()).add(comparison)


def handed_over() -> Handed:
    """All that this process measured, as plain lists."""
    return [(list(key), list(astuple(tally))) for key, tally in LEDGER.items()]


def take_over(handed: Handed) -> None:
    """What another process measured."""
    for (name, quantity, fmt), (inputs, correct, max_ulp) in handed:
        LEDGER.setdefault((name, quantity, fmt), Tally()).join(int(inputs), int(correct), max_ulp)


def lines() -> list[str]:
    header = f"{'activation':<16}{'quantity':<12}{'format':<10}{'inputs':>10}{'max ulp':>10}  correct"
    rows = [header]
    for (name, quantity, fmt), tally in sorted(LEDGER.items()):
        wrong = tally.inputs - tally.correct
        share = "all" if not wrong else f"{wrong} wrong"
        rows.append(
            f"{name:<16}{quantity:<12}{fmt:<10}{tally.inputs:>10}{tally.max_ulp:>10.4f}  {share}"
        )
    return rows
