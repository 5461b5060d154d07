"""The survey of one function, in a process of its own: what is asked, what is left out."""

from __future__ import annotations

from pathlib import Path

from refacts.reports.survey.findings import worst_first
from refacts.reports.survey.functions import Entry
from refacts.reports.survey.surveying import FORMATS, Judging, surveyed

KERNELS = """
import numpy as np

def wrong(x):  # of torch: its derivatives are not asked for
    return np.where(x < -10, np.exp(x) * (1 + 2**-6), 1 / (1 + np.exp(-x))).astype(x.dtype)

def alone(x):  # other bits for one element than for many
    return np.tanh(x) if x.size > 1 else np.tanh(x) * 1.0000001

def float64_only(x):
    if x.dtype != np.float64:
        raise TypeError("float64, please")
    return np.tanh(x)
"""
SMALL = Judging(samples=50, seed=0)


def test_a_wrong_kernel_is_found_and_ours_is_exact(tmp_path: Path) -> None:
    file = tmp_path / "kernels.py"
    file.write_text(KERNELS)
    ours = Entry("sigmoid", {}, "refacts:sigmoid", {})
    exact, wrong = surveyed([ours, Entry("sigmoid", {}, f"{file}:wrong", {})], SMALL, jobs=1)
    assert [(row.quantity, row.formats) for row in exact.rows] == [
        (quantity, fmt) for quantity in ("value", "derivative") for fmt in FORMATS
    ]
    assert all(row.wrong == 0 and (row.error.max or 0) <= 0.5 for row in exact.rows)
    assert worst_first(exact.rows) == []
    assert exact.left_out == ()
    assert "value" in {row.quantity for row in worst_first(wrong.rows)}
    assert {each.why for each in wrong.left_out} == {
        "NumPy arrays are not differentiated: --backward names a kernel for that"
    }


def test_what_a_function_does_not_take_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "kernels.py"
    file.write_text(KERNELS)
    found = SMALL(Entry("tanh", {}, f"{file}:float64_only", {}))
    assert [row.formats for row in found.rows] == ["float64"]
    raised = {each.asked: each.why for each in found.left_out if each.asked.startswith("value")}
    said = "raised TypeError: float64, please"
    assert raised == {"value in float32": said, "value in bfloat16": said}


def test_bits_in_other_company_are_not_compared(tmp_path: Path) -> None:
    file = tmp_path / "kernels.py"
    file.write_text(KERNELS)
    found = SMALL(Entry("tanh", {}, f"{file}:alone", {}))
    assert [row.formats for row in found.rows] == list(FORMATS)
    assert {incident.kind for row in found.rows for incident in row.incidents} == set()


def test_a_function_that_is_missing(tmp_path: Path) -> None:
    found = SMALL(Entry("tanh", {}, f"{tmp_path}/none.py:tanh", {}))
    assert found.rows == ()
    assert found.left_out[0].why.startswith(f"there is no file {tmp_path}/none.py")
