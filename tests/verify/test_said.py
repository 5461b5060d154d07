"""What a verdict says of kernels: causes that are none, answers that are missing, and what was confirmed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.judge.bins import Wrong
from refacts.reports.judge.rows import Row

from refacts.testing import verify


def row_of(kernel: Any, activation: str) -> Row:
    with np.errstate(all="ignore"):
        (row,) = verify(kernel, activation, quantity="value", format="float32", samples=5000, max_ulp=2)
    return row


def test_another_definition_is_no_cancellation() -> None:
    row = row_of(lambda x: np.where(x >= 0, x, x * np.float32(0.01)), "leaky_relu")
    assert row.diagnosis is not None
    assert row.diagnosis.other
    assert {region.kind for region in row.regions} == {"large error", "flushed subnormals"}
    tanh = row_of(lambda x: 2 / (1 + np.exp(-2 * x)) - 1, "tanh")  # the definition named, cancelling
    assert "cancellation near zero" in {region.kind for region in tanh.regions}


def fails_at_some(x: Any) -> Any:
    if ((x > 3) & (x < 3.02)).any():
        raise ValueError("not here")
    return x


def test_what_a_target_follows_is_said_though_some_answers_are_missing() -> None:
    row = row_of(fails_at_some, "relu")
    assert row.diagnosis is not None
    assert row.diagnosis.found == "x"
    assert "fails_at_some follows x" in row.reasons[0]
    assert [incident.kind for incident in row.incidents][:1] == ["raised"]


def fails_mostly(x: Any) -> Any:
    if (x > -30).any():
        raise ValueError("not here")
    return x


def test_few_answers_tell_nothing() -> None:
    assert row_of(fails_mostly, "relu").diagnosis is None


def test_no_more_is_confirmed_than_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.csv").write_text("# format: float32\nx,y\n-0x1.8p-148,-0x1p-148\n")
    assert main(["verify", "one.csv", "--as", "silu", "--max-ulp", "4", "--ftz", "--json", "a.json"]) == 0
    (row,) = verdicts.read(Path("a.json")).rows
    assert (row.inputs, row.confirmed) == (1, 1)


def test_a_signalling_nan_is_an_input_as_any_other() -> None:
    x = np.array([0x7FF0000000000001]).view(np.float64)
    with np.errstate(all="raise"):
        rows = Wrong.of(np.zeros(1, np.int64), x, np.full(1, np.nan))
    assert np.isnan(rows.low).all()
