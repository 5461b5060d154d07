"""`refacts report` that is interrupted, killed or cannot write, and what a later run makes of it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports import atomic
from refacts.reports.command import main
from refacts.reports.run import measure
from refacts.reports.targets.kernels import REFACTS

from refacts import relu
from tests.reports.reported import OTHERS, RELU, document, failing_at, interrupt


def terminate(x: Any) -> Any:
    os.kill(os.getpid(), signal.SIGTERM)
    return x


def impatient(x: Any) -> Any:
    os.kill(os.getpid(), signal.SIGTERM)
    try:
        time.sleep(5)
    finally:
        os.kill(os.getpid(), signal.SIGINT)  # while the run is ending


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
