"""Results that depend on the company of an input are found, and shown on a small example."""

from __future__ import annotations

import itertools
import re
import time
from typing import Any

import numpy as np
import pytest
from refacts.reports.targets import steadiness as module
from refacts.reports.targets.direct import Direct
from refacts.reports.targets.incidents import Incident
from refacts.reports.targets.padding import can_be_padded, padded
from refacts.reports.targets.session import Session
from refacts.reports.targets.spec import TargetSpec
from refacts.reports.targets.steadiness import Steadiness, steadiness

import refacts
from tests.targets import planted
from tests.targets.asking import PLANTED, by_refacts, numbers, question

TANH = question("tanh")
BATCH = numbers(TANH, 600)
HEX = r"-?0x[01]\.?[0-9a-f]*p[-+]\d+"


def checked(target: Any, name: str = "tanh") -> Steadiness:
    """A kernel, or a session, on a batch that it has answered once."""
    asked = question(name)
    session = target if isinstance(target, Session) else Direct.of(target)
    batch = BATCH if name == "tanh" else numbers(asked)
    return steadiness(session, asked, batch, session.answer(asked, batch).values)


def incidents(target: Any, name: str = "tanh") -> list[Incident]:
    found = checked(target, name)
    assert found.cut_short == ""
    return found.incidents


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


@pytest.mark.parametrize("wrong", [1, 2])
def test_a_kernel_that_is_another_at_first(wrong: int) -> None:
    """Its very first answer is compared, though no other call has the like."""
    calls = itertools.count(1)
    found = checked(lambda x: np.tanh(x) * (1 if next(calls) != wrong else 3))
    assert found.from_run_to_run
    (only,) = found.incidents
    assert re.search(f"= {HEX} at first, {HEX} when run again$", only.sentence), only.sentence


@pytest.mark.parametrize("seed", range(6))
def test_a_kernel_that_differs_now_and_then(seed: int) -> None:
    """The two results that differed are shown: asked again, they may not."""
    random = np.random.default_rng(seed)

    def kernel(x: Any) -> Any:
        return np.tanh(x) * x.dtype.type(1 + 1e-4 * (random.random() < 0.05))

    found = checked(kernel)
    assert found.incidents
    for each in found.incidents:
        assert each.kind == "unsteady"
        first, second = re.findall(HEX, each.sentence.partition(" = ")[2])
        assert float.fromhex(first) != float.fromhex(second)
    assert found.from_run_to_run
    assert "when run again" in found.incidents[0].sentence


def test_a_kernel_that_raises_now_and_then() -> None:
    calls = itertools.count()

    def kernel(x: Any) -> Any:
        if next(calls) % 3 == 2:
            raise RuntimeError("now and then")
        return np.tanh(x)

    found = incidents(kernel)
    assert found
    for each in found:
        assert each.kind == "raised"
        where = r" \(but answered when run again\), (alone|in an? \w* ?array of \d+)"
        assert re.fullmatch("raised RuntimeError: now and then" + where, each.sentence), each.sentence
    calls = itertools.count(1)
    (only,) = incidents(kernel)
    assert only.sentence == "raised RuntimeError: now and then when run again, in an array of 600"


def test_lanes_of_long_arrays_only() -> None:
    """An array as long as a shard is compared with the short ones."""

    def kernel(x: Any) -> Any:
        y = np.tanh(x)
        if x.size >= 4096:
            y[7::16] = np.nextafter(y[7::16], y.dtype.type(2))
        return y

    (found,) = incidents(kernel)
    where = re.search(rf"= {HEX} in an array of ([\d,]+), {HEX} alone$", found.sentence)
    assert where is not None, found.sentence
    assert 4096 <= int(where[1].replace(",", "")) < 2 * 4096 + 64


def test_long_rows_only() -> None:
    def kernel(x: Any, axis: int = -1) -> Any:
        y = np.array(planted.good_softmax(x, axis))
        if len(x) > 1000:
            y[-1] *= y.dtype.type(1 + 1e-4)
        return y

    (found,) = incidents(kernel, "softmax")
    assert re.search(r"in an array of 1,\d+ rows, ", found.sentence), found.sentence


def test_slow_kernels_are_asked_less_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.5)

    def kernel(x: Any) -> Any:
        time.sleep(0.1)
        return np.tanh(x)

    start = time.monotonic()
    found = checked(kernel)
    assert time.monotonic() - start < 4
    assert found.incidents == []
    assert re.match(r"in 0\.5 s there was time for only [1-4] of \d\d comparisons", found.cut_short)

    def by_length(x: Any) -> Any:
        time.sleep(len(x) / 100_000)
        return np.tanh(x)

    start = time.monotonic()
    found = checked(by_length)
    assert time.monotonic() - start < 4
    assert found.incidents == []
    assert found.cut_short


def test_examples_of_slow_kernels_take_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.5)

    def kernel(x: Any) -> Any:
        time.sleep(0.05)
        return planted.tail_differs(x)

    start = time.monotonic()
    (found,) = checked(kernel).incidents
    assert time.monotonic() - start < 4
    assert "unsteady" in found.kind


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
        assert incidents(session, "softmax") == []
    with Session(TargetSpec(f"{PLANTED}:one_lane_differs")) as session:
        (found,) = incidents(session)
        assert "in an array of 6" in found.sentence
        assert "['one_lane_differs'](x)" in found.reproducer


@pytest.mark.parametrize(("name", "kind"), [("dies_the_second_time", "died"), ("hangs_alone", "hung")])
def test_a_process_that_ends_in_the_comparisons(name: str, kind: str) -> None:
    with Session(TargetSpec(f"{PLANTED}:{name}"), timeout=1.0) as session:
        found = incidents(session)
        assert {each.kind for each in found} == {kind}
