"""Batches without an answer are narrowed to the smallest input to blame, and the rest is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from refacts.reports.question import Batch, Question
from refacts.reports.targets.careful import MOST_FAILURES, RESTARTS, Careful, Known, careful
from refacts.reports.targets.direct import Direct
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
        self.calls, self.refusals, self.waited = 0, 0, 0.0

    def answer(
        self, question: Question, batch: Batch, layout: str = "plain", timeout: float | None = None
    ) -> Answer:
        self.calls += 1
        given = self.timeout if timeout is None else timeout
        takes = self.pace * len(batch["x"])
        if self.refuses(batch["x"]) or takes > given:
            self.refusals += 1
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


def test_inputs_refused_alike_have_one_incident_and_the_rest_is_answered() -> None:
    given = batch(1000, 10, 500, 900)
    found = careful(Direct.of(planted.raises), TANH, given)
    right_elsewhere(found, given, 10, 500, 900)
    assert [each.operands for each in found.incidents] == [WANT]
    places = range(7, 4096, 100)
    given = batch(4096, *places)
    right_elsewhere(careful(Direct.of(planted.raises), TANH, given), given, *places)


def test_three_reasons_are_told_and_no_more() -> None:
    given = {"x": np.sort(batch(1000)["x"])}
    refused = [100, 300, 500, 700]
    values = given["x"][refused].tolist()

    def kernel(x: Any) -> Any:
        for value in values:
            if value in x:
                raise ValueError(f"no {value}")
        return planted.good(x)

    found = careful(Direct.of(kernel, arrays="numpy"), TANH, given)
    right_elsewhere(found, given, *refused)
    assert {each.operands["x"][0] for each in found.incidents} == set(values[:3])


@pytest.mark.parametrize("kind", ["raised", "hung", "died"])
def test_all_beyond_a_bound_is_missing_and_nothing_else(kind: str) -> None:
    """In few calls that cost a process: what is refused lies together in order of x."""
    given = batch(1 << 15)
    target = Simulated(lambda x: bool((x > 3.0).any()), kind, pace=1e-6)
    found = careful(target, TANH, given)
    right_elsewhere(found, given, *np.flatnonzero(given["x"] > 3.0))
    (incident,) = found.incidents
    assert incident.operands["x"] == [given["x"][given["x"] > 3.0].min()]
    assert target.refusals <= (MOST_FAILURES if kind == "raised" else RESTARTS) + 20


def test_restarts_are_limited() -> None:
    """A hundredth of the inputs dies, anywhere: not all of the others are answered."""
    given = batch(1 << 13)
    doomed = np.random.default_rng(3).permutation(1 << 13)[:80]
    target = Simulated(lambda x: bool(np.isin(x, given["x"][doomed]).any()), "died")
    found = careful(target, TANH, given)
    assert target.refusals <= RESTARTS + 20
    assert not found.answered[doomed].any()
    assert found.answered.any()


def test_known_faults_are_not_sought_again() -> None:
    given, known = batch(1 << 12, 77, 3000), Known()
    target = Simulated(lambda x: bool((x == planted.CULPRIT).any()), "hung", pace=1e-6)
    assert len(careful(target, TANH, given, known).incidents) == 1
    assert known.kinds == {"hung"}
    target.waited = 0.0
    again = careful(target, TANH, given, known)
    right_elsewhere(again, given, 77, 3000)
    assert again.incidents == []
    assert target.waited < target.timeout  # not even one call took all its time
    (other,) = careful(Direct.of(planted.raises), TANH, given, known).incidents
    assert other.kind == "raised"
    assert known.kinds == {"hung", "raised"}


def test_all_refused_alike_as_is_known_costs_little() -> None:
    known = Known({"died"})
    target = Simulated(lambda x: True, "died")
    found = careful(target, TANH, batch(1 << 20), known)
    assert not found.answered.any()
    assert target.calls < 10


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
    right_elsewhere(found, given, *np.flatnonzero(given["x"] < 0))
    (incident,) = found.incidents
    assert "every" not in incident.sentence


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
    assert careful(Direct.of(planted.in_place), TANH, given, Known({"input"})).incidents == []
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
