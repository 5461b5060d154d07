"""Which row, region and result is the worst."""

from __future__ import annotations

from dataclasses import replace

import pytest
from refacts.reports.judge import severity
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import LEFT_OUT, Error

from tests.judge.made import FINITE, FLUSHED, NAN, RAISED, REGION, row, wrong

RIGHT = {"correct": 100_000, "error": Error(0.5, 0.5, 0.5, 0.1), "worst": ()}


@pytest.mark.parametrize(
    ("ulp", "level"), [(None, None), (0.0, 0), (0.5, 0), (0.51, 1), (1.0, 1), (4.0, 2), (5.0, 3), (1e9, 5)]
)
def test_levels(ulp: float | None, level: int | None) -> None:
    assert severity.level(ulp) == level


def test_exact_rows_lack_nothing() -> None:
    assert severity.is_exact(row(**RIGHT))
    assert not severity.is_exact(row(**RIGHT | {"correct": 99_999}))
    for spoiled in ({"unanswered": 1}, {"incidents": (RAISED,)}, {"verdict": "void"}, {"inputs": 0}):
        assert not severity.is_exact(row(**RIGHT | spoiled))


def test_the_worst_comes_first() -> None:
    measured = row(verdict="measured")
    nan = row(verdict="measured", mismatches=wrong().mismatches)
    large = row(verdict="measured", error=Error(9.0, 1.0, 1.0, 1.0))
    right = row(**RIGHT, verdict="measured")
    rows = [right, measured, large, nan, row(), wrong(), row(verdict="void"), row(verdict="incomplete")]
    found = severity.worst_first(rows)
    assert [each.verdict for each in found[:3]] == ["void", "fail", "incomplete"]
    assert found[3:] == [nan, large, measured, right, row()]
    assert severity.worst_of(rows) == row(verdict="void")
    assert severity.worst_of([]) is None


def test_an_example_is_the_gravest_defect() -> None:
    excused = replace(FINITE, excused="kink", ulp=1e9)
    kinds = severity.examples(wrong(worst=(excused, NAN, FLUSHED, FINITE, FINITE)), 1)
    assert kinds == [[NAN], [FINITE], [FLUSHED]]
    larger = replace(FINITE, ulp=1e9)
    assert severity.examples(wrong(worst=(FINITE, larger)), 2) == [[larger, FINITE]]
    sign, zero = replace(FINITE, kind="sign", ulp=0.6), replace(FINITE, kind="false_zero", ulp=1e9)
    assert severity.example(wrong(worst=(larger, zero, sign))) == sign
    assert severity.example(wrong(worst=(excused,))) is None
    assert severity.example(wrong(worst=(replace(FINITE, got=FINITE.want),))) is None


def test_what_the_gate_lets_pass_is_no_example() -> None:
    small = replace(FINITE, ulp=1.5)
    of = {"worst": (small, FLUSHED), "regions": ()}
    assert severity.example(wrong(**of)) == FLUSHED
    assert severity.example(wrong(**of, gate=Gate(1.0))) == small
    assert severity.example(wrong(**of, gate=Gate(0.5))) == small
    assert severity.example(wrong(**of, gate=Gate())) == small
    few = {"quota_of": 100_000, "quota_over": 9, "coverage": "uniform"}
    quota = {"worst": (FINITE, FLUSHED), "gate": Gate(1.0, 1e-4)}
    assert severity.example(wrong(**quota | few)) == FLUSHED
    assert severity.example(wrong(**quota | few | {"quota_over": 11})) == FINITE
    assert severity.example(wrong(**quota)) == FINITE  # sampled inputs: the quota is refused


def test_the_largest_distance_is_shown_beside_what_has_none() -> None:
    assert severity.shown(wrong()) == [NAN, FINITE]
    assert severity.shown(wrong(gate=Gate(1e9))) == [NAN]
    assert severity.shown(wrong(worst=(FLUSHED, FINITE))) == [FINITE]
    assert severity.shown(wrong(worst=())) == []


def test_a_region_is_that_of_the_result() -> None:
    nowhere = replace(REGION, low="0x1p+0", high="0x1p+1", max_ulp=1e12)
    other = replace(REGION, kind="NaN")
    assert severity.region_of(wrong(regions=(nowhere, other, REGION)), FINITE) == REGION
    assert severity.region_of(wrong(regions=(nowhere, other)), FINITE) is None
    infinite = replace(REGION, kind="NaN at infinity", low="-inf", high="-inf")
    assert severity.region_of(wrong(regions=(REGION, infinite)), NAN) == infinite
    flushed = replace(REGION, kind="flushed subnormals", low="-0x1.7p+6", artefact=True)
    assert severity.region_of(wrong(regions=(REGION, flushed)), FLUSHED) == flushed
    rest = replace(REGION, kind="elsewhere", low="-inf", high="inf")
    assert severity.region_of(wrong(regions=(rest,)), FINITE) is None
    gated = replace(FINITE, operands={"a": "0x1p+9", "b": "-0x1.6p+2"})
    assert severity.region_of(wrong(regions=(REGION,)), gated) == REGION
    whole = {"x": ["-0x1p+9", LEFT_OUT, "-0x1.6p+2"]}
    first = replace(FINITE, operands={"x": "-0x1p+9"}, place=(3, 0), row=whole)
    of_rows = {"activation": "logsumexp", "regions": (REGION,)}
    assert severity.region_of(wrong(**of_rows), first) == REGION  # which is of the largest entries
    assert severity.region_of(wrong(**of_rows, quantity="vjp"), first) is None


def test_the_gravest_verdict_is_that_of_all() -> None:
    assert severity.overall([row(), wrong()], True) == "fail"
    assert severity.overall([row(verdict="measured"), row()], True) == "pass"
    assert severity.overall([row(verdict="measured")], True) == "measured"
    assert severity.overall([row(), wrong()], False) == severity.overall([], True) == "incomplete"
