"""What a survey keeps of a row: one example for each region."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from refacts.reports.judge.rows import Region, Row, Worst
from refacts.reports.question import Batch, Question
from refacts.reports.survey.examples import LONGEST, exemplified
from refacts.reports.survey.surveying import RULES
from refacts.reports.targets.target import Answer, NoAnswerError

from tests.judge.made import FINITE, FLUSHED, NAN, REGION
from tests.survey.surveyed import bad
from tests.targets.asking import question

EXACT = -1.0444259146424884e-07  # gelu(-5.5) in float32


class Pretended:
    """A target that is wrong at -5.5 in arrays of at least ``least`` elements."""

    def __init__(self, least: int, got: float = -1e-7) -> None:
        self.least, self.got = least, got

    def answer(self, question: Question, batch: Batch) -> Answer:
        if self.least < 0:
            raise NoAnswerError("raised", "raised ValueError: no")
        x = batch["x"]
        right = np.full(x.shape, np.float32(EXACT), np.float64)
        return Answer(
            np.full(x.shape, np.float32(self.got), np.float64) if x.size >= self.least else right, {}
        )

    def reproducer(self, question: Question, operands: dict[str, list[str]]) -> str:
        numbers = ", ".join(f"h({each!r})" for each in operands["x"])
        return f"f([{numbers}])"


def kept(session: Any, *regions: Region) -> Row:
    return exemplified(bad("torch:gelu", regions=regions or (REGION,)), question("gelu"), session, RULES)


def test_an_example_is_what_a_call_by_itself_gives() -> None:
    (example,) = kept(Pretended(1)).worst
    assert (example.operands, example.kind, example.confirmed) == ({"x": REGION.worst}, "finite", True)
    assert float.fromhex(example.got) == np.float32(-1e-7)
    assert float.fromhex(example.want) == np.float32(EXACT)
    assert example.reproducer == f"f([h({REGION.worst!r})])"
    assert example.ulp is not None
    assert example.ulp > 1e5


def test_vector_code_is_met_in_a_longer_array() -> None:
    (example,) = kept(Pretended(2)).worst
    assert example.reproducer == f"f([h({REGION.worst!r})] * 64)"


def test_what_no_call_repeats_has_no_example() -> None:
    assert kept(Pretended(100)).worst == ()
    assert kept(Pretended(-1)).worst == ()


def test_zeros_of_the_other_sign_and_artefacts_need_none() -> None:
    regions = replace(REGION, kind="sign of zero"), replace(REGION, artefact=True)
    assert kept(Pretended(1), *regions).worst == ()


@pytest.mark.parametrize(
    ("formats", "quantity", "worst"),
    [("bfloat16", "value", FINITE), ("float32", "derivative", replace(NAN, operands={"x": "nan"}))],
)
def test_a_line_that_the_judge_repeats_as_well_is_left_out(formats: str, quantity: str, worst: Worst) -> None:
    made = bad("torch:f", formats=formats, quantity=quantity, activation="softmax", worst=(worst,))
    found = exemplified(made, question("softmax"), None, RULES)  # type: ignore[arg-type]
    assert [each.reproducer for each in found.worst] == [""]
    other = replace(made, formats="float32", quantity="value")
    assert exemplified(other, question("softmax"), None, RULES).worst == (worst,)  # type: ignore[arg-type]


def test_regions_of_rows_are_joined_by_kind() -> None:
    other = replace(REGION, low="0x1p+0", high="0x1p+4", inputs=10, wrong=2, max_ulp=5e9, worst="0x1p+1")
    made = bad("torch:f", activation="softmax", regions=(REGION, other, replace(REGION, kind="NaN")))
    nan, joined = exemplified(made, question("softmax"), None, RULES).regions  # type: ignore[arg-type]
    assert (nan.kind, joined.low, joined.high) == ("NaN", REGION.low, "0x1p+4")
    assert (joined.inputs, joined.wrong, joined.max_ulp, joined.worst) == (5010, 1002, 5e9, "0x1p+1")


def test_a_mismatch_is_an_example() -> None:
    (example,) = kept(Pretended(1, got=float("nan"))).worst
    assert (example.kind, example.got, example.ulp) == ("nan", "nan", None)


@pytest.mark.parametrize("name", ["softmax", "glu"])
def test_of_rows_the_worst_of_each_kind_is_kept(name: str) -> None:
    small, long = replace(FINITE, ulp=2.0), replace(FINITE, reproducer="x" * (LONGEST + 1))
    excused = replace(NAN, kind="sign", excused="sign-of-zero")
    made = bad("torch:f", activation=name, worst=(NAN, NAN, FLUSHED, excused, small, long, FINITE))
    found = exemplified(made, question(name), None, RULES)  # type: ignore[arg-type]
    assert found.worst == (NAN, replace(long, reproducer=""))
    assert found.bins == ()
