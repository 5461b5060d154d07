"""Long rows are not written out: a short line makes them again, to the bit."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.recalled import recipe
from refacts.reports.question import Question, pair
from refacts.reports.run.verdict import WRITTEN

import refacts

KERNEL = """
import refacts

def softmax(x):
    factor = 1.001 if x.shape[-1] > 64 else 1
    return refacts.softmax(x) * x.dtype.type(factor)
"""
SHORT_LINE = 1000  # characters


def test_a_long_row_is_repeated_by_a_short_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kernels.py").write_text(KERNEL)
    given = ["--format", "float32", "--quantity", "value", "--samples", "60000", "--jobs", "1"]
    assert main(["verify", "kernels.py:softmax", *given, "--max-ulp", "2", "--json", "a.json"]) == 1
    out = capsys.readouterr().out
    assert len(out) < 10 * SHORT_LINE
    assert Path("a.json").stat().st_size < 2_000_000
    (row,) = verdicts.read(Path("a.json")).rows
    assert row.worst
    for worst in row.worst:
        assert len(worst.reproducer) < SHORT_LINE
        found = subprocess.run(
            [sys.executable, "-c", worst.reproducer], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout.split()
        assert len(found) > WRITTEN
        assert worst.place is not None
        assert found[worst.place[1]] == float.fromhex(worst.got).hex()


def test_a_long_row_of_a_dump_has_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for length in (WRITTEN, WRITTEN + 1):
        x = np.linspace(-3, 3, length, dtype=np.float32).reshape(1, -1)
        name = f"of_{length}.npz"
        np.savez(name, x=x, y=refacts.softmax(x) * np.float32(1.001))
        main(["verify", name, "--as", "softmax", "--json", "a.json", "--jobs", "1"])
        (row,) = verdicts.read(Path("a.json")).rows
        assert all(bool(worst.reproducer) is (length == WRITTEN) for worst in row.worst)


def test_what_no_shard_has_gets_no_recipe() -> None:
    question = Question(refacts.softmax, "value", *pair("float32"))
    with pytest.raises(ValueError, match="operands must be a row of shard 0"):
        recipe(question, Plan(1000, 0), 0, {"x": [0.125] * 100})
