"""What a verdict's document holds, row by row: frozen, typed, and the same in JSON.

Numbers that JSON has no words for are strings there: "inf", "-inf", "nan". Operands and results are
hex floats.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

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
    confirmed: whether the mpmath oracle gave want and ulp.
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
    judged. inputs: results judged. correct: those that are the correctly rounded value; within_one:
    those at most 1 ulp from the exact value. mismatches: results without a distance that no rule excuses;
    artefacts, excused: counts by kind and by rule. unanswered: results the target did not give.
    confirmed: results that the mpmath oracle has confirmed the truth of. kinks: which side the target takes.
    verdict: "pass", "fail", "measured" (no gate), "incomplete" or "void"; reasons: a sentence each.
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
    verdict: str
    reasons: tuple[str, ...]

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
    found: dict[str, Any] = _plain(asdict(row))
    return found


def from_json(found: dict[str, Any]) -> Row:
    """The row that `as_json` wrote; KeyError, TypeError or ValueError for anything else."""
    row = _typed(Row, found)
    return Row(
        **row
        | {
            "error": _error(found["error"]),
            "worst": tuple(_worst(each) for each in found["worst"]),
            "regions": tuple(_made(Region, each, ("max_ulp", "mean_ulp")) for each in found["regions"]),
            "bins": tuple(_made(Bin, each, ("max", "p99")) for each in found["bins"]),
            "incidents": tuple(_made(Incident, each) for each in found["incidents"]),
            "diagnosis": None if found["diagnosis"] is None else _made(Diagnosis, found["diagnosis"]),
            "control": _made(Control, found["control"]),
            "peer": None if found["peer"] is None else _peer(found["peer"]),
            "reasons": tuple(found["reasons"]),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)  # inf, -inf or nan
    return value


def _typed(kind: Any, found: Any) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    if not isinstance(found, dict) or set(found) != names:
        lacking = sorted(names ^ set(found)) if isinstance(found, dict) else [repr(found)]
        raise ValueError(f"a {kind.__name__.lower()} has not these fields: {', '.join(map(str, lacking))}")
    return dict(found)


def _made(kind: Any, found: Any, numbers: tuple[str, ...] = ()) -> Any:
    given = _typed(kind, found)
    return kind(**given | {name: _number(given[name]) for name in numbers})


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _error(found: Any) -> Error:
    error: Error = _made(Error, found, ("max", "p999", "p99", "mean"))
    return error


def _worst(found: Any) -> Worst:
    place = None if found["place"] is None else (found["place"][0], found["place"][1])
    worst: Worst = _made(Worst, {**found, "place": place}, ("ulp",))
    return worst


def _peer(found: Any) -> Peer:
    peer: Peer = _made(Peer, {**found, "error": _error(found["error"])}, ("ratio",))
    return peer
