"""Batches without an answer are narrowed to the smallest input to blame, and the rest is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from refacts.reports.question import Batch, Question
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.narrowing import MOST_CALLS, Careful, careful
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.target import Answer, NoAnswerError

from tests.targets import planted
from tests.targets.asking import PLANTED, numbers, question, run_line

TANH = question("tanh")
WANT = {"x": [planted.CULPRIT]}


def batch(n: int, *places: int) -> Batch:
    found = numbers(TANH, n)
    found["x"][list(places)] = planted.CULPRIT
    return found


def right_elsewhere(found: Careful, given: Batch, *places: int) -> None:
    assert np.flatnonzero(~found.answered).tolist() == sorted(places)
    want = np.tanh(given["x"].astype(np.float32)).astype(np.float64)
    want[list(places)] = np.nan
    np.testing.assert_array_equal(found.values, want)


class Simulated(Direct):
    """A target whose calls hang or die at some values, and that counts them; time is a number here."""

    def __init__(self, refuses: Callable[[Any], bool], kind: str, pace: float = 0.0) -> None:
        super().__init__(Direct.of(planted.good, arrays="numpy").target)
        self.refuses, self.kind, self.timeout, self.pace = refuses, kind, 30.0, pace
        self.calls, self.waited = 0, 0.0

    def answer(
        self, question: Question, batch: Batch, layout: str = "plain", timeout: float | None = None
    ) -> Answer:
        self.calls += 1
        given = self.timeout if timeout is None else timeout
        takes = self.pace * len(batch["x"])
        if self.refuses(batch["x"]) or takes > given:
            self.waited += given
            raise NoAnswerError(self.kind, f"gave no answer within {given:.3g} s")
        answer = super().answer(question, batch)
        self.seconds = takes
        return answer


@pytest.mark.parametrize("place", [0, 1, 511, 512, 999])
def test_one_input_is_found(place: int) -> None:
    given = batch(1000, place)
    target = Direct.of(planted.raises)
    found = careful(target, TANH, given)
    right_elsewhere(found, given, place)
    (incident,) = found.incidents
    assert (incident.kind, incident.sentence) == ("raised", "raised ValueError: not three")
    assert incident.operands == WANT
    assert "kernel(x)" in incident.reproducer


def test_three_inputs_are_found_and_no_more() -> None:
    given = batch(1000, 10, 500, 900)
    found = careful(Direct.of(planted.raises), TANH, given)
    right_elsewhere(found, given, 10, 500, 900)
    assert [each.operands for each in found.incidents] == [WANT] * 3
    crowded = careful(Direct.of(planted.raises), TANH, batch(4096, *range(7, 4096, 100)))
    assert len(crowded.incidents) == 3
    assert crowded.answered.any()
    assert not crowded.answered[7::100].any()


@pytest.mark.parametrize("kind", ["raised", "died"])
def test_every_input(kind: str) -> None:
    target = Simulated(lambda x: True, kind)
    found = careful(target, TANH, batch(1 << 20))
    (incident,) = found.incidents
    assert incident.sentence.endswith(", on every input tried")
    assert len(incident.operands["x"]) == 1
    assert not found.answered.any()
    assert np.isnan(found.values).all()
    assert target.calls < 30


def test_half_of_the_inputs_is_not_every_input() -> None:
    given = {"x": np.sort(batch(4096)["x"])}
    target = Simulated(lambda x: bool((x < 0).any()), "raised")
    found = careful(target, TANH, given)
    assert 1 <= len(found.incidents) <= 3
    assert target.calls <= MOST_CALLS
    if "every" not in found.incidents[0].sentence:
        assert found.answered[given["x"] >= 0].any()


def test_arrays_that_are_too_long() -> None:
    given = batch(100)
    found = careful(Direct.of(planted.raises_when_long), TANH, given)
    right_elsewhere(found, given)
    (incident,) = found.incidents
    length = len(incident.operands["x"])
    assert incident.sentence == f"raised MemoryError: too long, on an array of {length} elements"
    assert 10 < length <= 20


def test_a_hang_costs_little() -> None:
    """One confirmed with all the time, the others ended sooner."""
    given = batch(1 << 16, 12345)
    target = Simulated(lambda x: bool((x == planted.CULPRIT).any()), "hung", pace=1e-6)
    found = careful(target, TANH, given)
    right_elsewhere(found, given, 12345)
    (incident,) = found.incidents
    assert (incident.sentence, incident.operands) == ("gave no answer within 30 s", WANT)
    assert target.waited < 2 * 30 + 25 * 1.5


def test_a_slow_target_is_not_said_to_hang_on_an_input() -> None:
    """It would take 41 s for the batch: the incident is the whole, and halves have their answers."""
    given = batch(1 << 12)
    target = Simulated(lambda x: False, "hung", pace=0.01)
    found = careful(target, TANH, given)
    right_elsewhere(found, given)
    (incident,) = found.incidents
    assert incident.sentence == "gave no answer within 30 s, on an array of 4096 elements"
    assert len(incident.operands["x"]) == 64
    assert incident.reproducer == ""


def test_rows() -> None:
    asked = question("softmax")
    given = numbers(asked)
    given["x"][2, 3] = np.nan

    def kernel(x: Any, axis: int) -> Any:
        if np.isnan(x).any():
            raise ValueError("NaN")
        return planted.good_softmax(x, axis=axis)

    found = careful(Direct.of(kernel), asked, given)
    assert np.flatnonzero(~found.answered).tolist() == [2]
    assert np.isnan(found.values[2]).all()
    assert np.isfinite(found.values[[0, 1, 3]]).all()
    (incident,) = found.incidents
    np.testing.assert_array_equal(incident.operands["x"], given["x"][2])


def test_faults_are_narrowed_once() -> None:
    given = batch(1000, 700)
    found = careful(Direct.of(planted.in_place), TANH, given)
    assert found.faults == {"input": "changed x"}
    (incident,) = found.incidents
    assert (incident.kind, incident.sentence, incident.operands) == ("input", "changed x", WANT)
    assert found.answered.all()
    assert careful(Direct.of(planted.in_place), TANH, given, known=["input"]).incidents == []
    (dtype,) = careful(Direct.of(planted.of_wrong_dtype), TANH, given).incidents
    assert (dtype.kind, dtype.sentence) == ("dtype", "returned float64, want float32")
    assert dtype.operands == {"x": given["x"][:1].tolist()}


def test_a_good_kernel_has_no_incident() -> None:
    """The control."""
    given = batch(1000, 700)
    found = careful(Direct.of(planted.good), TANH, given)
    right_elsewhere(found, given)
    assert found.incidents == []


def test_in_a_process_of_its_own() -> None:
    given = batch(4, 1)
    with Session(TargetSpec(f"{PLANTED}:segfaults")) as session:
        found = careful(session, TANH, given)
    right_elsewhere(found, given, 1)
    (incident,) = found.incidents
    assert (incident.kind, incident.sentence, incident.operands) == ("died", "died of SIGSEGV", WANT)
    with pytest.raises(AssertionError):
        run_line(incident.reproducer)  # which dies, too
