"""What a verdict's document holds, row by row: frozen, typed, and the same in JSON.

What equals its default is not written there. Infinities, which JSON has no words for, are strings: "inf",
"-inf". No figure is NaN. Operands and results are hex floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from refacts.reports import typed
from refacts.reports.judge.gate import Gate
from refacts.reports.notation import ulps

MISMATCHES = ("nan", "inf", "sign", "false_zero")  # results that have no distance worth a number
ARTEFACTS = ("flushed", "saturated", "kink")
LEFT_OUT = "..."  # entries of a long row that are not written


@dataclass(frozen=True)
class Error:
    """Errors in ulp of the results that have a distance to the exact value; None where none has one.

    max is a real number; the percentiles are rounded up to three digits and more.
    """

    max: float | None = None
    p999: float | None = None
    p99: float | None = None
    mean: float | None = None


@dataclass(frozen=True, kw_only=True)
class Worst:
    """One result that is as wrong as any of its kind.

    kind: "finite" or one of MISMATCHES. excused: the rule that excuses it, or "". artefact: what its
    wrongness comes from if that is a device's way ("flushed", "saturated", "kink"), or "". operands,
    got and want: hex floats, whose bits are made from them when a document is read; of a row, the operands of
    its entry, in `place` (row, entry) and in `row` the operands whole, of long rows a part with LEFT_OUT.
    confirmed: whether the mpmath oracle gave want.
    """

    kind: str = "finite"
    operands: dict[str, str]
    bits: dict[str, str] = field(default_factory=dict, metadata=typed.DERIVED)
    got: str
    got_bits: str = field(default="", metadata=typed.DERIVED)
    want: str
    want_bits: str = field(default="", metadata=typed.DERIVED)
    ulp: float | None = None
    excused: str = ""
    artefact: str = ""
    place: tuple[int, int] | None = None
    row: dict[str, list[str]] = field(default_factory=dict)
    reproducer: str = ""
    confirmed: bool = True


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
    artefact: bool = False


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
    exact_passed: bool = True
    moved_failed: bool = True

    @property
    def holds(self) -> bool:
        """Whether the judge can be believed."""
        return self.exact_passed and self.moved_failed


@dataclass(frozen=True)
class Peer:
    """Another target judged by the same truth at the inputs to which both have an answer.

    ratio: max error there over max(peer's, 0.5). shared: of how many results both have the same mismatch or
    artefact, by kind. unanswered: results that the peer did not give; incidents: its own.
    """

    target: str
    error: Error
    mismatches: dict[str, int]
    ratio: float | None
    sentence: str
    artefacts: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    incidents: tuple[Incident, ...] = ()


class Bin(NamedTuple):
    """Errors where 2^exponent <= |x| < 2^(exponent + width), x negative or positive: results, max and p99.

    The errors are rounded up to three digits. `reports.judge.profile` says which bins there are.
    """

    negative: bool
    exponent: int
    width: int
    inputs: int
    max: float
    p99: float


@dataclass(frozen=True)
class Reached:
    """How many of so many inputs reached each tier of arithmetic, by its name; the others none did."""

    coverage: str
    inputs: int
    reached: dict[str, int]


@dataclass(frozen=True, kw_only=True, repr=False)
class Row:
    """All that is said of one target on one question.

    formats: "float32" or "float32:bfloat16". profile: "", or the rules the target was judged by: "ftz",
    "daz", "saturate", joined by "+". coverage: "exhaustive" only if every input of the source format was
    judged, "uniform" if all were drawn uniformly over its bit patterns, else "sampled". drawn: "" for inputs
    that `reports.inputs.points` makes, else what they are: "logits N(0,1), n = 1000". inputs: results judged.
    correct: those that are the correctly rounded value; within_one: those at most 1 ulp from the exact value.

    Of the others, each is counted once: excused by its rule; else artefacts by kind ("flushed",
    "saturated", "kink"); else mismatches by kind, results without a distance worth a number; else
    over_budget, results more than gate.max_ulp (without a gate, 1 ulp) from the exact value. Where the gate
    has a quota, it is a share of `quota_of` results, whose inputs are uniform over bit patterns (of
    exhaustive rows all); `quota_over` of these are over_budget. loud: the rules that
    excuse more than 1 % of the results whose exact value is a normal number.

    unanswered: results the target did not give. confirmed: results that the mpmath oracle has confirmed the
    truth of. normwise: of rows, the largest that `reports.judge.normwise` finds. kinks: which side the
    target takes. tiers: by family of inputs, what `reports.judge.tiers` counts. gate: what it was judged by.
    verdict: "pass", "fail", "measured" (no gate), "incomplete" or "void"; reasons: a sentence each.
    """

    target: str
    activation: str
    parameters: dict[str, str] = field(default_factory=dict)
    quantity: str
    formats: str
    profile: str = ""
    coverage: str = "sampled"
    drawn: str = ""
    inputs: int
    seed: int = 0
    correct: int
    within_one: int
    over_budget: int = 0
    quota_of: int = 0
    quota_over: int = 0
    error: Error
    normwise: float | None = None
    mismatches: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MISMATCHES, 0))
    artefacts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ARTEFACTS, 0))
    excused: dict[str, int] = field(default_factory=dict)
    loud: tuple[str, ...] = ()
    unanswered: int = 0
    confirmed: int
    worst: tuple[Worst, ...] = ()
    regions: tuple[Region, ...] = ()
    bins: tuple[Bin, ...] = ()
    tiers: dict[str, Reached] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    diagnosis: Diagnosis | None = None
    kinks: str = ""
    control: Control
    peer: Peer | None = None
    gate: Gate = field(default_factory=Gate)
    verdict: str
    reasons: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<{self.key}: {self.verdict}, max ulp {ulps(self.error.max)} of {self.inputs:,} results>"

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
        more = "".join(f" {each}" for each in (self.profile, self.drawn and f"on {self.drawn}") if each)
        return f"{self.target} as {self.subject}/{self.quantity}/{self.formats}{more}"
