"""`refacts report`: end to end, its exit codes, interruption and resumption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports import atomic, verdicts
from refacts.reports.command import main
from refacts.reports.inputs import points
from refacts.reports.inputs.entries import entries
from refacts.reports.inputs.logits import Logits
from refacts.reports.inputs.modes import THOROUGH, Settings
from refacts.reports.judge.judging import judged
from refacts.reports.judge.rows import Row
from refacts.reports.quantities import CATALOGUE, quantities, reduces
from refacts.reports.run import measure, shard
from refacts.reports.targets.kernels import KERNELS, REFACTS

from refacts import relu

ROOT = Path(__file__).parents[2]
OTHERS = KERNELS[1:]
RELU = ["report", "--quick", "--only", "relu", "--jobs", "1", "--out"]


def document(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "accuracy.json").read_text(encoding="utf-8"))


def rows(directory: Path) -> dict[str, Row]:
    """The rows of a report by their keys."""
    return {row.key: row for row in verdicts.read(directory / "accuracy.json").rows}


def failing_at(fmt: str, what: Any) -> Any:
    """The refacts kernel that does something else at relu's derivative in one format."""

    def evaluate(activation: Any, quantity: str, x: Any, *g: Any) -> Any:
        if quantity == "derivative" and x.dtype.name == fmt:
            return what(x)
        return REFACTS.evaluate(activation, quantity, x, *g)

    return replace(REFACTS, evaluate=evaluate)


def interrupt(x: Any) -> Any:
    raise KeyboardInterrupt


def terminate(x: Any) -> Any:
    os.kill(os.getpid(), signal.SIGTERM)
    return x


def impatient(x: Any) -> Any:
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        time.sleep(5)
    finally:
        os.kill(os.getpid(), signal.SIGINT)  # while the run is ending


QUICK = pytest.mark.xdist_group("quick report")  # one run for all that look at it


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """All of `report --quick`, as a user runs it."""
    out = tmp_path_factory.mktemp("quick") / "made" / "by-it"
    command = [sys.executable, "-m", "refacts", "report", "--quick", "--jobs", "2", "--out", str(out)]
    return out, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@QUICK
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


@QUICK
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


@QUICK
def test_the_oracle_is_the_truth_of_every_result_and_the_control_holds(quick: Any) -> None:
    everything = rows(quick[0]).values()
    assert all(row.confirmed == row.inputs > 0 for row in everything)
    assert all(row.control.holds and 0 < row.control.moved <= row.control.inputs for row in everything)
    assert all(row.control.moved < row.control.inputs / 2 for row in everything if row.inputs > 10)


@QUICK
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


@QUICK
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


@QUICK
def test_reproducers_print_what_was_computed(quick: Any) -> None:
    for key, row in rows(quick[0]).items():
        worst = row.worst[0]
        printed: list[str] = []
        with np.errstate(all="ignore"):
            exec(worst.reproducer, {"print": printed.append})
        assert float.fromhex(printed[0]) == float.fromhex(worst.got) or printed[0] == worst.got == "nan", key


@QUICK
def test_jobs_change_no_byte(quick: Any, tmp_path: Path) -> None:
    assert main(["report", "--quick", "--only", "sigmoid", "--jobs", "1", "--out", str(tmp_path)]) == 0
    lines = (quick[0] / "accuracy.json").read_text(encoding="utf-8").splitlines()
    wanted = [line.rstrip(",") for line in lines if '"activation":"sigmoid"' in line]
    found = (tmp_path / "accuracy.json").read_text(encoding="utf-8").splitlines()
    assert [line.rstrip(",") for line in found if '"activation":' in line] == wanted
    assert len(wanted) == 24


def test_a_wrong_kernel_fails_the_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = failing_at("float32", lambda x: (x > 0).astype(x.dtype))  # the derivative from the left
    assert main([*RELU, str(tmp_path)], [wrong, *OTHERS]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("WRONG: refacts as relu/derivative/float32: ")
    assert "FAIL: 1 of 24 rows fail the gate" in captured.out
    err = captured.err.splitlines()
    assert len(err) == 1
    assert err[0] == (
        "refacts: refacts as relu/derivative/float32: 3 NaN mismatches: at x = nan got 0.0, want nan; "
        "2 results are another derivative at a kink: at x = 0.0 got 0.0, want 1.0; "
        "--kink any or --allow kink excuses such"
    )
    assert document(tmp_path)["complete"] is True
    found = rows(tmp_path)["refacts as relu/derivative/float32"]
    assert (found.verdict, found.wrong > 0) == ("fail", True)
    assert "refacts.relu.gradient(x)" in found.worst[0].reproducer
    page = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    assert page.splitlines()[2] == "**FAIL: 1 of 24 rows fail the gate**"
    assert page.index("## What is wrong") < page.index("## Activations")
    assert "<code>refacts as relu/derivative/float32</code>: 3 NaN mismatches" in page
    assert f"{found.worst[0].reproducer}\n" in page


def test_a_single_wrong_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = failing_at("float64", lambda x: np.where(np.isinf(x), np.nan, relu.gradient(x)))
    assert main([*RELU, str(tmp_path)], [wrong]) == 1
    sentence = capsys.readouterr().err
    assert sentence == (
        "refacts: refacts as relu/derivative/float64: "
        "2 NaN mismatches: at x = inf got nan, want 1.0; --allow nan-at-inf excuses such\n"
    )
    worst = rows(tmp_path)["refacts as relu/derivative/float64"].worst
    assert [(each.kind, each.operands, each.got) for each in worst] == [("nan", {"x": "inf"}, "nan")]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda x: (x >= 0).astype(int), "TypeError: the result has dtype int64, want float64"),
        (lambda x: np.where(x >= 0, 1.0, 0 * np.exp(-x)), "FloatingPointError: overflow encountered in exp"),
    ],
)
def test_a_wrong_dtype_and_a_warning_fail_the_gate(
    what: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RELU, str(tmp_path)], [failing_at("float64", what), *OTHERS]) == 1
    assert f"refacts: relu/derivative/float64: refacts raised {said}" in capsys.readouterr().err


def test_an_edited_file_is_not_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RELU, str(tmp_path)], [failing_at("float16", interrupt), *OTHERS]) == 3
    found = document(tmp_path)
    found["rows"][0]["inputs"] = 1
    (tmp_path / "accuracy.json").write_text(json.dumps(found))
    capsys.readouterr()
    assert main([*RELU, str(tmp_path)]) == 0
    assert "was edited: it will be replaced" in capsys.readouterr().err


def test_a_kernel_that_raises_fails_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(x: Any) -> Any:
        raise ArithmeticError("undecided")

    assert main([*RELU, str(tmp_path)], [failing_at("float32", fail)]) == 1
    sentence = "refacts: relu/derivative/float32: refacts raised ArithmeticError: undecided\n"
    assert capsys.readouterr().err == sentence
    assert document(tmp_path)["complete"] is False


@pytest.mark.parametrize("stop", [interrupt, terminate, impatient])
def test_an_interrupted_run_ends_with_the_same_bytes(
    stop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert main([*RELU, str(whole)]) == 0
    before = signal.getsignal(signal.SIGTERM)
    assert main([*RELU, str(parts)], [failing_at("bfloat16", stop), *OTHERS]) == 3
    assert signal.getsignal(signal.SIGTERM) is before
    assert "INCOMPLETE" in capsys.readouterr().err
    stopped = document(parts)
    assert stopped["complete"] is False
    assert len(stopped["rows"]) == 10  # four of the value, one of the derivative, of two targets
    assert "INCOMPLETE" in (parts / "accuracy.md").read_text()

    measured = []

    def noted(activation: Any, quantity: str, x: Any, *g: Any) -> Any:
        measured.append((quantity, x.dtype.name))
        return REFACTS.evaluate(activation, quantity, x, *g)

    assert main([*RELU, str(parts)], [replace(REFACTS, evaluate=noted), *OTHERS]) == 0
    assert "resuming after 10 finished rows" in capsys.readouterr().err
    assert measured[0] == ("derivative", "bfloat16")
    for name in ("accuracy.json", "accuracy.md", "accuracy.html"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes()
    assert "INCOMPLETE" not in (whole / "accuracy.md").read_text()


def test_a_killed_run_leaves_what_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "SAVE_EVERY", 0.0)
    left = []

    def look(x: Any) -> Any:
        left.append(document(tmp_path))
        return relu.gradient(x)

    assert main([*RELU, str(tmp_path)], [failing_at("float16", look), *OTHERS]) == 0
    assert left[0]["complete"] is False
    assert len(left[0]["rows"]) == 8


def test_other_settings_are_not_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RELU, str(tmp_path)], [failing_at("float16", interrupt), *OTHERS]) == 3
    capsys.readouterr()
    assert main([*RELU, str(tmp_path), "--seed", "1"]) == 0
    assert "is of other settings: it will be replaced" in capsys.readouterr().err
    assert document(tmp_path)["run"]["seed"] == 1


def test_a_complete_document_is_measured_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RELU, str(tmp_path)]) == 0
    capsys.readouterr()
    assert main([*RELU, str(tmp_path)], [failing_at("float32", np.zeros_like), *OTHERS]) == 1
    assert "is complete: measuring it anew" in capsys.readouterr().err


def test_a_file_that_is_no_document_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "accuracy.json").write_text('{"schema": ')
    assert main([*RELU, str(tmp_path)]) == 0
    assert "is not an accuracy document: it will be replaced" in capsys.readouterr().err
    assert document(tmp_path)["complete"] is True


def test_a_place_that_cannot_be_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    assert main([*RELU, str(tmp_path / "file")]) == 2
    assert f"cannot write to {tmp_path / 'file'}" in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("module", ["tqdm", "ml_dtypes"])
def test_a_missing_extra(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main([*RELU, str(tmp_path / "out")]) == 2
    assert f"{module} is missing: pip install {module}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "accuracy.json"
    atomic.write(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        atomic.write(path, "new and longer")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "write", full)
    assert main([*RELU, str(tmp_path)]) == 2
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_the_bar_appears_on_a_terminal(tmp_path: Path) -> None:
    import termios

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "refacts", *RELU, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, text=True, check=False)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "12/12" in shown
    assert "12/12" not in done.stdout


def test_thorough_runs_what_the_issue_asks_for() -> None:
    kinds = set()
    for entry in entries(Settings(THOROUGH, 0, tuple(CATALOGUE))):
        question, inputs = entry.question, entry.inputs
        bits = question.source.bits
        if points.coverage(question, inputs) == "exhaustive":
            kinds.add((question.quantity, bits))
            x = np.concatenate([batch["x"] for batch in points.batches(question, inputs)])
            patterns = np.unique(question.source.bit_patterns(x))
            assert len(patterns) >= 2**16 - 2**question.source.precision
            assert x.size == 2**16
        least = {16: 10_000, 32: 100_000, 64: 20_000}[bits]
        if isinstance(inputs, Logits):
            least = 100_000 if inputs.length == 100_000 else {32: 50_000, 64: 20_000}[bits]
        if reduces(question.activation, question.quantity):
            least = inputs.rows if isinstance(inputs, Logits) else least // 10
        assert points.count(question, inputs) >= least, entry.key
    assert kinds == {("value", 16), ("derivative", 16)}


def test_kernels_are_what_they_say() -> None:
    assert [kernel.name for kernel in KERNELS] == ["refacts", "textbook", "shifted", "scipy"]
    assert [kernel.strict for kernel in KERNELS] == [True, False, False, False]


def test_a_judge_that_lets_moved_results_pass_is_void(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control runs in a report, too."""

    def blind(question: Any, batch: Any, computed: Any, exact: Any, rules: Any) -> Any:
        return judged(question, batch, exact.rounded, exact, rules)

    monkeypatch.setattr(shard, "judged", blind)
    assert main([*RELU, str(tmp_path)]) == 3
    captured = capsys.readouterr()
    assert captured.out.startswith("VOID: refacts as relu/value/float16: the control failed: the exact ")
    assert "the control failed: the exact results passed with" in captured.err


def test_refacts_is_not_judged_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong in the kernel that verify takes for the truth, and wrong in the target: it is seen."""
    from refacts.reports.judge import truth

    def shared(activation: Any, quantity: str, *given: Any, **options: Any) -> Any:
        return np.zeros_like(given[0])

    monkeypatch.setattr(truth, "refacts_result", shared)
    assert main([*RELU, str(tmp_path)], [replace(REFACTS, evaluate=shared), *OTHERS]) == 1
    assert all(row.wrong for row in rows(tmp_path).values() if row.target == "refacts")


def test_the_oracle_answers_once_for_all_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noted(question: Any, batch: Any, places: Any = None) -> Any:
        asked.append(next(iter(batch.values())).size)
        return oracle(question, batch, places)

    oracle = measure.oracle
    monkeypatch.setattr(measure, "oracle", noted)
    assert main([*RELU, str(tmp_path)]) == 0
    found = rows(tmp_path).values()
    assert sum(asked) == sum(row.inputs for row in found if row.target == "refacts")
    assert max(asked) <= 2000


def test_the_two_sizes_exclude_each_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RELU, str(tmp_path / "out"), "--thorough"]) == 2
    assert "not allowed with argument --quick" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
