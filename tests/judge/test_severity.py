"""Which row, region and result is the worst."""

from __future__ import annotations

from dataclasses import replace

import pytest
from refacts.reports.judge import severity
from refacts.reports.judge.rows import Error

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
    rows = [right, measured, nan, large, row(), wrong(), row(verdict="void"), row(verdict="incomplete")]
    found = severity.worst_first(rows)
    assert [each.verdict for each in found[:3]] == ["void", "fail", "incomplete"]
    assert found[3:] == [large, nan, measured, right, row()]
    assert severity.worst_of(rows) == row(verdict="void")
    assert severity.worst_of([]) is None


def test_an_example_is_a_defect_with_the_largest_error() -> None:
    excused = replace(FINITE, excused="kink", ulp=1e9)
    kinds = severity.examples(wrong(worst=(excused, NAN, FLUSHED, FINITE, FINITE)), 1)
    assert kinds == [[FINITE], [NAN], [FLUSHED]]
    assert severity.example(wrong(worst=(excused,))) is None
    assert severity.example(wrong(worst=(replace(FINITE, got=FINITE.want),))) is None


def test_a_region_is_that_of_the_example() -> None:
    larger = replace(REGION, low="0x1p+0", high="0x1p+1", max_ulp=1e12)
    assert severity.worst_region(wrong(regions=(larger, REGION))) == REGION
    assert severity.worst_region(wrong(regions=(larger, REGION), worst=())) == larger
    assert severity.worst_region(wrong(regions=())) is None


def test_the_gravest_verdict_is_that_of_all() -> None:
    assert severity.overall([row(), wrong()], True) == "fail"
    assert severity.overall([row(verdict="measured"), row()], True) == "pass"
    assert severity.overall([row(verdict="measured")], True) == "measured"
    assert severity.overall([row(), wrong()], False) == severity.overall([], True) == "incomplete"
