"""Verdicts as JUnit XML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from refacts.reports.render.junit import junit

from tests.judge.made import FINITE, RAISED, UNSTEADY, row, wrong
from tests.render.test_verdicts import HOSTILE, MEASURED, document, hostile


@pytest.fixture
def xml() -> Any:
    rows = [
        row(),
        wrong(),
        hostile(verdict="void", reasons=(f"in doubt: {HOSTILE}",)),
        row(verdict="incomplete", reasons=(RAISED.sentence,), incidents=(RAISED,)),
        wrong(reasons=(RAISED.sentence,), incidents=(RAISED,)),
        row(**MEASURED),
        row(incidents=(UNSTEADY,)),
    ]
    return ElementTree.fromstring(junit(document(*rows, complete=False)))


def test_junit_has_a_case_a_row(xml: Any) -> None:
    (suite,) = xml
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["8", "1", "5"]
    children = [[child.tag for child in case] for case in suite]
    assert children == [
        ["system-out"],
        ["failure", "error"],
        ["error", "error"],
        ["error"],
        ["error"],
        ["system-out"],
        ["system-out"],
        ["error"],
    ]
    passed, failed = suite[0], suite[1]
    assert (passed.get("classname"), passed.get("name")) == ("kernel:f", "gelu/value/float32")
    reason = "12 NaN mismatches: at x = -inf got nan, want -0.0; --allow nan-at-inf excuses such"
    assert failed[0].get("message") == reason
    assert FINITE.reproducer in failed[0].text.splitlines()
    assert (failed[1].get("type"), failed[1].get("message")) == ("unsteady", UNSTEADY.sentence)
    assert (suite[3][0].get("type"), suite[3][0].get("message")) == ("raised", RAISED.sentence)
    assert suite[7][0].get("message") == "the run was not finished"


def test_hostile_texts_are_characters_of_xml(xml: Any) -> None:
    case = xml[0][2]
    escaped = "a|b\\n\\x1b[31m<script>&`*_[x](y)]]>@user\\u202e\\ud800\\x00表"
    assert case.get("classname") == escaped
    assert [each.get("message") for each in case] == [f"in doubt: {escaped}", escaped]
    assert [escaped in each.text for each in case] == [True, True]
