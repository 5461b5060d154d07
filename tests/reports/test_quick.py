"""All of `refacts report --quick`, run once as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from refacts.reports.command import main
from refacts.reports.quantities import CATALOGUE, quantities

from tests.conftest import MadeOnce
from tests.reports.reported import document, rows

ROOT = Path(__file__).parents[2]


def report(folder: Path) -> None:
    """All of `report --quick`, as a user runs it, and what it printed."""
    out = folder / "made" / "by-it"
    command = [sys.executable, "-m", "refacts", "report", "--quick", "--jobs", "2", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    printed = {"returncode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    (folder / "printed.json").write_text(json.dumps(printed), encoding="utf-8")


@pytest.fixture
def quick(made_once: MadeOnce) -> tuple[Path, SimpleNamespace]:
    """The report's folder and what the command printed: one run for all tests."""
    folder = made_once("quick report", report)
    printed = json.loads((folder / "printed.json").read_text(encoding="utf-8"))
    return folder / "made" / "by-it", SimpleNamespace(**printed)


def test_quick_passes_and_says_so(quick: Any) -> None:
    out, done = quick
    assert done.stderr == ""  # no terminal: no bar, and nothing to complain about
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert all(any(f"{name} " in line for line in lines) for name in CATALOGUE)
    assert "PASS: all " in done.stdout
    assert sorted(path.name for path in out.iterdir()) == ["accuracy.html", "accuracy.json", "accuracy.md"]


def test_quick_covers_the_catalogue(quick: Any) -> None:
    found = document(quick[0])
    assert found["schema"] == "refacts-verdict/2"
    assert found["complete"] is True
    everything = rows(quick[0]).values()
    formats = ("float16", "bfloat16", "float32", "float64")
    named = [(row.activation, row.quantity, row.formats, row.target) for row in everything if not row.drawn]
    assert named == [
        (name, quantity, fmt, target)
        for name, activation in CATALOGUE.items()
        for quantity in quantities(activation)
        for fmt in formats
        for target in ("refacts", "textbook")
    ]
    assert {row.coverage for row in everything} == {"sampled"}
    assert {row.target for row in everything if row.drawn} == {"refacts", "shifted", "scipy"}


def test_the_oracle_is_the_truth_of_every_result_and_the_control_holds(quick: Any) -> None:
    everything = rows(quick[0]).values()
    assert all(row.confirmed == row.inputs > 0 for row in everything)
    assert all(row.control.holds and 0 < row.control.moved <= row.control.inputs for row in everything)
    assert all(row.control.moved < row.control.inputs / 2 for row in everything if row.inputs > 10)


def test_the_files_are_short(quick: Any) -> None:
    assert (quick[0] / "accuracy.json").stat().st_size < 2_000_000
    page = (quick[0] / "accuracy.md").read_text(encoding="utf-8").splitlines()
    assert len(page) <= 300
    assert page[2].startswith("**PASS: all ")
    lines = [line.split("|")[1].strip() for line in page if line.startswith("| ")]
    assert set(CATALOGUE) <= {line.replace("&#95;", "_") for line in lines}
    for row in rows(quick[0]).values():
        assert len(row.bins) <= 64
        assert row.wrong or len(row.worst) == 1
        assert len({(worst.kind, worst.artefact) for worst in row.worst}) == len(row.worst)


def test_refacts_is_right_and_the_textbook_is_not(quick: Any) -> None:
    found = rows(quick[0])
    ours = [row for row in found.values() if row.target == "refacts"]
    assert {(row.inputs - row.correct, row.wrong, row.verdict) for row in ours} == {(0, 0, "pass")}
    textbook = found["textbook as sigmoid/derivative/float64"]
    assert 0 < textbook.wrong < textbook.inputs
    assert textbook.error.max is not None
    assert textbook.error.max > 2**40
    assert textbook.mismatches["false_zero"] > 0
    assert {row.verdict for row in found.values() if row.target != "refacts"} == {"measured"}


def test_reproducers_print_what_was_computed(quick: Any) -> None:
    for key, row in rows(quick[0]).items():
        worst = row.worst[0]
        printed: list[str] = []
        with np.errstate(all="ignore"):
            exec(worst.reproducer, {"print": printed.append})
        assert float.fromhex(printed[0]) == float.fromhex(worst.got) or printed[0] == worst.got == "nan", key


def test_jobs_change_no_byte(quick: Any, tmp_path: Path) -> None:
    assert main(["report", "--quick", "--only", "sigmoid", "--jobs", "1", "--out", str(tmp_path)]) == 0
    lines = (quick[0] / "accuracy.json").read_text(encoding="utf-8").splitlines()
    wanted = [line.rstrip(",") for line in lines if '"activation":"sigmoid"' in line]
    found = (tmp_path / "accuracy.json").read_text(encoding="utf-8").splitlines()
    assert [line.rstrip(",") for line in found if '"activation":' in line] == wanted
    assert len(wanted) == 24
