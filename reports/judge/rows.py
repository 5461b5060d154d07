"""What a verdict's document holds, row by row: frozen, typed, and the same in JSON.

Numbers that JSON has no words for are strings there: "inf", "-inf", "nan". Operands and results are
hex floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from refacts.reports import typed
from refacts.reports.judge.gate import Gate

MISMATCHES = ("nan", "inf", "sign", "false_zero")  # results that have no distance worth a number


@dataclass(frozen=True)
class Error:
    """Errors in ulp of the results that have a distance to the exact value; None where none has one.

    max is a real number; the percentiles are rounded up to three digits and more.
    """

    max: float | None
    p999: float | None
    p99: float | None
    mean: float | None


@dataclass(frozen=True)
class Worst:
    """One result that is as wrong as any of its kind.

    kind: "finite" or one of MISMATCHES. excused: the rule that excuses it, or "". artefact: what its
    wrongness comes from if that is a device's way ("flushed", "saturated", "kink"), or "". operands,
    got and want: hex floats; of a row, the operands of its entry and in `place` (row, entry).
    confirmed: whether the mpmath oracle gave want.
    """

    kind: str
    operands: dict[str, str]
    bits: dict[str, str]
    got: str
    got_bits: str
    want: str
    want_bits: str
    ulp: float | None
    excused: str
    artefact: str
    place: tuple[int, int] | None
    reproducer: str
    confirmed: bool


@dataclass(frozen=True)
class Region:
    """An interval of x in which a target is wrong in one way.

    kind: such as "tail cancellation", "false zeros", "flushed subnormals", "overflow", "NaN at infinity",
    "wrong sign", "saturation", "kink". inputs: how many lie in it; wrong: how many of them are.
    """

    kind: str
    low: str
    high: str
    inputs: int
    wrong: int
    max_ulp: float | None
    mean_ulp: float | None
    worst: str
    artefact: bool


@dataclass(frozen=True)
class Incident:
    """A call that went wrong, narrowed to the smallest input that does it.

    kind: "raised", "shape", "type", "dtype", "input", "hung", "died" or "unsteady".
    """

    kind: str
    sentence: str
    operands: dict[str, list[str]]
    reproducer: str


@dataclass(frozen=True)
class Diagnosis:
    """Which definition a target follows. named: the one asked for; found: the one it follows best.

    other: whether the two differ, so that the verdict must begin with `sentence`.
    """

    named: str
    found: str
    named_share: float
    found_share: float
    other: bool
    sentence: str


@dataclass(frozen=True)
class Control:
    """The same judge on the exact results, and on them with `moved` of `inputs` moved past the budget."""

    inputs: int
    moved: int
    exact_passed: bool
    moved_failed: bool

    @property
    def holds(self) -> bool:
        """Whether the judge can be believed."""
        return self.exact_passed and self.moved_failed


@dataclass(frozen=True)
class Peer:
    """Another target judged by the same truth and inputs. ratio: max error over max(peer's, 0.5)."""

    target: str
    error: Error
    mismatches: dict[str, int]
    ratio: float | None
    sentence: str
    artefacts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bin:
    """The largest and 99th percentile error where 2^exponent <= |x| < 2^(exponent + width)."""

    negative: bool
    exponent: int
    inputs: int
    max: float | None
    p99: float | None


@dataclass(frozen=True)
class Row:
    """All that is said of one target on one question.

    formats: "float32" or "float32:bfloat16". profile: "", or the rules the target was judged by: "ftz",
    "daz", "saturate", joined by "+". coverage: "exhaustive" only if every input of the source format was
    judged, "uniform" if all were drawn uniformly over its bit patterns, else "sampled". inputs: results
    judged. correct: those that are the correctly rounded value; within_one: those at most 1 ulp from the
    exact value.

    Of the others, each is counted once: excused by its rule; else artefacts by kind ("flushed",
    "saturated", "kink"); else mismatches by kind, results without a distance worth a number; else
    over_budget, results more than gate.max_ulp (without a gate, 1 ulp) from the exact value. loud: the
    rules that excuse more than 1 % of the results whose exact value is a normal number.

    unanswered: results the target did not give. confirmed: results that the mpmath oracle has confirmed the
    truth of. kinks: which side the target takes. gate: what it was judged by. verdict: "pass", "fail",
    "measured" (no gate), "incomplete" or "void"; reasons: a sentence each.
    """

    target: str
    activation: str
    parameters: dict[str, str]
    quantity: str
    formats: str
    profile: str
    coverage: str
    inputs: int
    seed: int
    correct: int
    within_one: int
    over_budget: int
    error: Error
    mismatches: dict[str, int]
    artefacts: dict[str, int]
    excused: dict[str, int]
    loud: tuple[str, ...]
    unanswered: int
    confirmed: int
    worst: tuple[Worst, ...]
    regions: tuple[Region, ...]
    bins: tuple[Bin, ...]
    bin_width: int
    incidents: tuple[Incident, ...]
    diagnosis: Diagnosis | None
    kinks: str
    control: Control
    peer: Peer | None
    gate: Gate
    verdict: str
    reasons: tuple[str, ...]

    @property
    def wrong(self) -> int:
        """Results that are not the correctly rounded value, and not excused."""
        return self.inputs - self.correct - sum(self.excused.values())

    @property
    def subject(self) -> str:
        """The activation as a user writes it: "gelu", "leaky_relu(alpha=0.01)"."""
        given = ", ".join(f"{name}={number}" for name, number in self.parameters.items())
        return f"{self.activation}({given})" if given else self.activation

    @property
    def key(self) -> str:
        """The row in a word, the same in every document of the same question."""
        profile = f" {self.profile}" if self.profile else ""
        return f"{self.target} as {self.subject}/{self.quantity}/{self.formats}{profile}"


def as_json(row: Row) -> dict[str, Any]:
    """A row for strict JSON."""
    return typed.plain(row)


def from_json(found: Any) -> Row:
    """The row that `as_json` wrote; a ValueError that names the field for anything else."""
    row: Row = typed.made(Row, found)
    return row
