"""Results that depend on the company of an input are found, and shown on a small example."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.incidents import Incident
from refacts.reports.targets.padding import can_be_padded, padded
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.steadiness import steadiness
from refacts.reports.targets.target import NoAnswerError

import refacts
from tests.targets import planted
from tests.targets.asking import PLANTED, by_refacts, numbers, question

TANH, SOFTMAX = question("tanh"), question("softmax")
BATCH = numbers(TANH, 600)
HEX = r"-?0x[01]\.?[0-9a-f]*p[-+]\d+"


def incidents(kernel: Any, name: str = "tanh") -> list[Incident]:
    asked = question(name)
    return steadiness(Direct.of(kernel), asked, BATCH if name == "tanh" else numbers(asked))


@pytest.mark.parametrize(
    ("kernel", "where"),
    [
        (planted.one_lane_differs, rf"alone, {HEX} in an array of 6"),
        (planted.tail_differs, rf"alone, {HEX} in an array of \d+"),
        (planted.strides_differ, rf"in a strided array of 2, {HEX} in an array of 2"),
        (planted.offset_differs, rf"alone in an unaligned array, {HEX} alone"),
        (planted.runs_differ, rf"at first, {HEX} when run again"),
    ],
)
def test_elements(kernel: Any, where: str) -> None:
    (found,) = incidents(kernel)
    assert found.kind == "unsteady"
    assert re.fullmatch(rf"float32 f\({HEX}\) = {HEX} {where}", found.sentence), found.sentence
    assert len(found.operands["x"]) == 1
    assert "kernel(x)" in found.reproducer


@pytest.mark.parametrize(
    ("kernel", "where"),
    [(planted.neighbours_differ, "alone"), (planted.padding_differs, "alone, padded by 7")],
)
def test_rows(kernel: Any, where: str) -> None:
    found = incidents(kernel, "softmax")
    assert found
    assert any(where in each.sentence for each in found)
    assert all(len(each.operands["x"]) == 6 for each in found)
    assert found[0].sentence.startswith("float32 f([")


@pytest.mark.parametrize(
    ("kernel", "name"),
    [(planted.good, "tanh"), (planted.of_wrong_dtype, "tanh"), (planted.good_softmax, "softmax")],
)
def test_steady_kernels(kernel: Any, name: str) -> None:
    """The control; another dtype is another matter."""
    assert incidents(kernel, name) == []


def test_a_kernel_without_any_answer() -> None:
    with pytest.raises(NoAnswerError):
        incidents(planted.raises_always)


def test_signs_of_zero_and_nan() -> None:
    signs = incidents(lambda x: np.zeros_like(x) if len(x) == 1 else -np.zeros_like(x))
    assert [" 0x0p+0 alone, -0x0p+0 in an array of 2" in each.sentence for each in signs] == [True]

    def payloads(x: Any) -> Any:
        return np.full(x.shape, 0x7FC00000 + len(x), np.uint32).view(np.float32)

    assert incidents(payloads) == []


def test_a_kernel_that_needs_some_length() -> None:
    def kernel(x: Any) -> Any:
        if len(x) % 8:
            raise ValueError(f"length {len(x)}")
        return np.tanh(x)

    (found,) = incidents(kernel)
    assert (found.kind, found.sentence) == ("raised", "raised ValueError: length 1, alone")


ROWS = ("softmax", "softmin", "log_softmax", "logsumexp", "sparsemax")


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("quantity", ["value", "vjp", "jvp"])
@pytest.mark.parametrize("formats", ["float32", "bfloat16", "float64"])
def test_padding_leaves_exact_results(name: str, quantity: str, formats: str) -> None:
    asked = question(name, quantity, formats)
    batch = numbers(asked)
    scale = np.array([1, 2.0**-120, 2.0**125, -(2.0**90)])[:, np.newaxis]
    batch["x"] *= scale
    assert can_be_padded(asked, batch["x"]).all()
    want, found = by_refacts(asked, batch), by_refacts(asked, padded(asked, batch, 3))
    np.testing.assert_array_equal(found if asked.reduces else found[:, :-3], want)


def test_padding_that_has_weight_is_seen() -> None:
    """The control: zeros at the end change sparsemax."""
    x = numbers(question("sparsemax"))["x"]
    longer = np.concatenate([x, np.zeros((4, 3))], axis=1)
    assert (refacts.sparsemax(longer)[:, :-3] != refacts.sparsemax(x)).any()


def test_in_a_process_of_its_own() -> None:
    with Session(TargetSpec("refacts:softmax")) as session:
        assert steadiness(session, SOFTMAX, numbers(SOFTMAX)) == []
    with Session(TargetSpec(f"{PLANTED}:one_lane_differs")) as session:
        (found,) = steadiness(session, TANH, BATCH)
        assert "in an array of 6" in found.sentence
        assert "['one_lane_differs'](x)" in found.reproducer
