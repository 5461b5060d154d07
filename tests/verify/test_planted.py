"""Every planted wrong kernel is rejected with the right diagnosis, every right one accepted."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ml_dtypes  # refacts knows the name bfloat16 once it is imported
import numpy as np
import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.judge.activation_names import activation_named
from refacts.reports.judge.rows import Row

from refacts.testing import verify
from tests.verify import wrong_kernels as wrong
from tests.verify.planted import F32, PLANTED, Planted
from tests.verify.right import RIGHT


def rows_of(planted: Planted, max_ulp: float) -> list[Row]:
    """The verdict on a kernel whose own name says nothing."""

    def kernel(*operands: Any) -> Any:
        return planted.kernel(*operands)

    def forward(*operands: Any) -> Any:
        raise AssertionError("the backward kernel answers alone")

    given = {"max_ulp": max_ulp, **planted.options}
    with np.errstate(all="ignore"):
        return verify(
            forward if planted.backward else kernel,
            planted.activation,
            quantity=planted.quantity,
            format=planted.formats,
            samples=planted.samples,
            backward=kernel if planted.backward else None,
            **given,
        )


def exact(planted: Planted) -> Planted:
    """The exact kernel in a wrong one's place, on fewer samples."""
    activation = activation_named(planted.activation)
    method = activation.vjp if planted.backward else activation
    result = ml_dtypes.bfloat16 if planted.formats.endswith(":bfloat16") else None

    def kernel(*operands: Any) -> Any:
        return method(*operands) if result is None else method(*operands, dtype=result)

    return replace(planted, kernel=kernel, samples=min(planted.samples, 2000))


def said(rows: Iterable[Row]) -> str:
    """All that the rows say is wrong."""
    found = []
    for row in rows:
        found += [*row.reasons, *(region.kind for region in row.regions)]
        found += [incident.sentence for incident in row.incidents]
        found += [row.diagnosis.sentence] if row.diagnosis else []
        found += [kind for kind, count in row.artefacts.items() if count]
    return "\n".join(found)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_wrong_kernels_are_rejected_for_what_they_are(planted: Planted) -> None:
    rows = rows_of(planted, 2.0)
    assert [row.verdict for row in rows] == ["fail"]
    found = said(rows)
    assert [phrase for phrase in planted.says if phrase not in found] == []
    assert all(row.control.holds for row in rows)


@pytest.mark.parametrize("kernel", [wrong.raises_on_long_arrays, wrong.cuts_long_arrays, wrong.always_raises])
def test_what_does_not_answer_passes_in_no_process(kernel: Any, tmp_path: Path) -> None:
    """In one process, in two, and in this one: the same verdict, of one and two the same document."""
    given = ["--as", "tanh", "--format", "float32", "--samples", "2000", "--max-ulp", "2"]
    target = f"{wrong.__file__}:{kernel.__name__}"
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    for path in (one, two):
        assert main(["verify", target, *given, "--jobs", path.stem, "--json", str(path)]) == 1
    assert one.read_bytes() == two.read_bytes()
    (told,) = verdicts.read(one).rows
    (here,) = verify(kernel, "tanh", format=F32, samples=2000, max_ulp=2)
    assert told.verdict == here.verdict == "fail"
    assert told.reasons == here.reasons
    assert (told.inputs, told.unanswered) == (here.inputs, here.unanswered)
    (measured,) = verify(kernel, "tanh", format=F32, samples=2000)
    assert measured.verdict == "incomplete"


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_no_exact_kernel_is_said_to_be_wrong_like_it(planted: Planted) -> None:
    rows = rows_of(exact(planted), 2.0)
    assert [row.verdict for row in rows] == ["pass"]
    assert [phrase for phrase in planted.says if phrase in said(rows)] == []


@pytest.mark.parametrize("planted", RIGHT, ids=lambda planted: planted.name)
def test_right_kernels_are_accepted(planted: Planted) -> None:
    rows = rows_of(planted, 1.0)
    assert [(row.verdict, row.reasons) for row in rows] == [("pass", ())]
    assert not any(row.diagnosis and row.diagnosis.other for row in rows)


def test_the_docs_say_how_many_there_are() -> None:
    text = (Path(__file__).parents[2] / "docs" / "judge.md").read_text(encoding="utf-8")
    processes = 2  # a hang and a crash, in test_processes.py
    assert len({planted.kernel for planted in PLANTED}) == len(PLANTED)
    assert f"{len(PLANTED) + processes} planted wrong kernels" in text
    assert f"{len(RIGHT)} right ones" in text
    assert len(PLANTED) >= 40
    assert len(RIGHT) >= 15
