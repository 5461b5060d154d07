"""What a question is judged on, cut into shards that can be made alone, in any order and process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from refacts.oracles.inputs import all_values
from refacts.reports.exits import UsageError
from refacts.reports.inputs.drawn import drawn, drawn_rows, hard, hard_rows
from refacts.reports.inputs.probes import PROBES, probes
from refacts.reports.inputs.rows import FAMILIES
from refacts.reports.quantities import results
from refacts.reports.question import Batch, Question

__all__ = [
    "PROBES",
    "SHARD",
    "Plan",
    "batch",
    "batches",
    "count",
    "coverage",
    "exhaustible",
    "part",
    "probes",
    "shards",
]

SHARD = 2**17  # the most results, and the most entries of rows, of a shard
SHORT = (1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 33, 40)
LONG = (100, 1000, 10_000, 100_000)
_CHEAP = 100  # results or entries of a row up to which every family has its row
_LONG_SHARE = 20  # rows that are longer than this part of the samples are left out


@dataclass(frozen=True)
class Plan:
    """How many inputs a question is judged on: the same plan has the same inputs.

    samples: how many beside the hard ones; of rows about so many entries. exhaustive: all that the
    format has; 16-bit formats are always exhausted where there is one operand. uniform: samples uniform
    over the bit patterns of every operand and nothing else, for a share to mean something; not of rows.
    sampled: 16-bit formats are sampled as the others are.
    """

    samples: int
    seed: int
    exhaustive: bool = False
    uniform: bool = False
    sampled: bool = False

    def __post_init__(self) -> None:
        for name in ("samples", "seed"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0 (got {getattr(self, name)})")


class Inputs(Protocol):
    """Other inputs than a plan's: those of a dump, or rows of logits. The functions here take either."""

    @property
    def seed(self) -> int:
        """Of what is drawn."""
        ...

    def coverage(self, question: Question) -> str:
        """As the function says."""
        ...

    def shards(self, question: Question) -> int:
        """As the function says."""
        ...

    def count(self, question: Question) -> int:
        """As the function says."""
        ...

    def batch(self, question: Question, k: int) -> Batch:
        """As the function says."""
        ...


@dataclass(frozen=True)
class _Stretch:
    """Shards of one kind: ``total`` inputs (of rows: rows), ``step`` a shard."""

    part: str
    total: int
    step: int
    length: int = 0

    @property
    def shards(self) -> int:
        return -(-self.total // self.step)


def exhaustible(question: Question) -> bool:
    """Whether all inputs of a question can be walked: those of one operand, of 32 bits at the most."""
    return question.kind == "elementwise" and len(question.operands) == 1 and question.source.bits <= 32


def coverage(question: Question, plan: Plan | Inputs) -> str:
    """Whether every input of the question is in the plan ("exhaustive"), or else "uniform" or "sampled".

    UsageError where the plan wants all of too many, or uniform rows.
    """
    if not isinstance(plan, Plan):
        return plan.coverage(question)
    if plan.exhaustive and not exhaustible(question):
        why = "is of more than one operand"
        if question.kind == "elementwise" and len(question.operands) == 1:
            why = f"has 2^{question.source.bits} inputs"
        raise UsageError(f"--exhaustive takes at most 2^32 inputs of one operand: {question.key} {why}")
    if exhaustible(question) and (plan.exhaustive or (question.source.bits == 16 and not plan.sampled)):
        return "exhaustive"
    if plan.uniform and question.kind == "rowwise":
        raise UsageError(f"{question.key}: rows have no samples that are uniform over bit patterns")
    return "uniform" if plan.uniform else "sampled"


def shards(question: Question, plan: Plan | Inputs) -> int:
    """How many shards there are."""
    if not isinstance(plan, Plan):
        return plan.shards(question)
    return sum(stretch.shards for stretch in _stretches(question, plan))


def count(question: Question, plan: Plan | Inputs) -> int:
    """How many results all shards have together."""
    if not isinstance(plan, Plan):
        return plan.count(question)
    if question.kind != "rowwise":
        return sum(stretch.total for stretch in _stretches(question, plan))
    return sum(_results(question, s.length) * s.total for s in _stretches(question, plan))


def part(question: Question, plan: Plan | Inputs, k: int) -> str:
    """What kind of inputs shard ``k`` has.

    "every" (of an exhaustive plan), "hard", "uniform" (over all bit patterns), "dense" (where the
    function lives), "rows" (of all families) or "given" (no plan's).
    """
    if not isinstance(plan, Plan):
        return "given"
    stretch, _, _ = _place(question, plan, k)
    return stretch.part


def batch(question: Question, plan: Plan | Inputs, k: int) -> Batch:
    """Shard ``k``, of at most 2^17 results, made alone: operands by name as float64, in their order.

    Elementwise: (n,). Of rows: (rows, length), the g of a row with one result (rows,).
    """
    if not isinstance(plan, Plan):
        return plan.batch(question, k)
    stretch, number, j = _place(question, plan, k)
    start = j * stretch.step
    n = min(stretch.step, stretch.total - start)
    rng = np.random.default_rng([plan.seed, question.source.bits, question.source.precision, number, j])
    if stretch.part == "every":
        return {"x": all_values(question.source, start, start + n)}
    if stretch.part == "rows":
        return drawn_rows(question, n, stretch.length, rng, number + j)
    if stretch.part == "hard":
        every = hard_rows(question, stretch.length) if stretch.length else hard(question)
        return {name: values[start : start + n] for name, values in every.items()}
    return drawn(question, stretch.part, n, rng)


def batches(question: Question, plan: Plan | Inputs) -> Iterator[Batch]:
    """All shards in turn; no more than one is held."""
    for k in range(shards(question, plan)):
        yield batch(question, plan, k)


def _results(question: Question, length: int) -> int:
    return results(question.activation, question.quantity, length)


@lru_cache(maxsize=256)
def _stretches(question: Question, plan: Plan) -> tuple[_Stretch, ...]:
    if coverage(question, plan) == "exhaustive":
        return (_Stretch("every", 2**question.source.bits, SHARD),)
    if question.kind == "rowwise":
        return _of_rows(question, plan.samples)
    if plan.uniform:
        return (_Stretch("uniform", plan.samples, SHARD),)
    total = len(next(iter(hard(question).values())))
    half = plan.samples // 2
    sizes = {"hard": total, "uniform": half, "dense": plan.samples - half}
    return tuple(_Stretch(name, size, SHARD) for name, size in sizes.items())


def _of_rows(question: Question, samples: int) -> tuple[_Stretch, ...]:
    """Hard rows, then the samples, a fifth of them in long rows where some fit; all lengths alike."""
    cost = {length: max(length, _results(question, length)) for length in SHORT + LONG}
    long = [n for n in LONG if cost[n] * _LONG_SHARE <= samples and cost[n] <= SHARD]
    found = [_Stretch("hard", len(hard_rows(question, n)["x"]), SHARD // n**2, n) for n in (2, 3)]
    short = samples * 4 // 5 if long else samples
    for length in SHORT:
        least = len(FAMILIES) if cost[length] <= _CHEAP else 1
        rows = max(least, short // (len(SHORT) * cost[length]))
        found.append(_Stretch("rows", rows, SHARD // cost[length], length))
    for length in long:
        rows = max(1, samples // (5 * len(long) * cost[length]))
        found.append(_Stretch("rows", rows, SHARD // cost[length], length))
    return tuple(found)


def _place(question: Question, plan: Plan, k: int) -> tuple[_Stretch, int, int]:
    """The stretch of shard ``k``, its number, and the shard's number in it."""
    left = k
    for number, stretch in enumerate(_stretches(question, plan)):
        if 0 <= left < stretch.shards:
            return stretch, number, left
        left -= stretch.shards
    raise IndexError(f"k must be in [0, {shards(question, plan)}) (got {k})")
