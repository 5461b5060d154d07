"""`refacts report`: its gate, its exit codes and its controls."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports.command import main
from refacts.reports.inputs import points
from refacts.reports.inputs.entries import entries
from refacts.reports.inputs.logits import Logits
from refacts.reports.inputs.modes import THOROUGH, Settings
from refacts.reports.judge.judging import judged
from refacts.reports.quantities import CATALOGUE, reduces
from refacts.reports.run import measure, shard
from refacts.reports.targets.kernels import KERNELS, REFACTS

from refacts import relu
from tests.reports.reported import OTHERS, RELU, document, failing_at, rows

ROOT = Path(__file__).parents[2]


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
        "2 NaN mismatches: at x = inf got nan, want 1.0; --allow nan-at-inf excuses only such\n"
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


def test_a_kernel_that_raises_fails_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(x: Any) -> Any:
        raise ArithmeticError("undecided")

    assert main([*RELU, str(tmp_path)], [failing_at("float32", fail)]) == 1
    sentence = "refacts: relu/derivative/float32: refacts raised ArithmeticError: undecided\n"
    assert capsys.readouterr().err == sentence
    assert document(tmp_path)["complete"] is False


@pytest.mark.parametrize("module", ["tqdm", "ml_dtypes"])
def test_a_missing_extra(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    assert main([*RELU, str(tmp_path / "out")]) == 2
    assert f"{module} is missing: pip install {module}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


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
