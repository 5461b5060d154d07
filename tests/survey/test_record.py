"""A survey's document is read whole or refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from refacts.reports import typed, verdicts
from refacts.reports.command import main
from refacts.reports.survey.record import LeftOut, Run, read, run_of

from tests.survey.surveyed import bad, begun, document, exact

LEFT = LeftOut("onnx:Relu", "relu", "value in bfloat16", "no kernel")
RUN = Run(("refacts",), ("gelu",), 10, 0, {"torch": "2.13.0"}, "2026-11-25", (LEFT,), 3)


def damaged(path: Path, place: tuple[Any, ...], value: Any) -> None:
    """A survey's document with another value in a place; None takes it away."""
    made = document(exact("refacts:gelu"), bad("torch.nn.functional:gelu"), left_out=[typed.plain(LEFT)])
    found = json.loads(verdicts.text(made))
    inside = found
    for step in place[:-1]:
        inside = inside[step]
    if value is None:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    path.write_text(json.dumps(found))


def test_a_run_is_the_same_after_it_was_written() -> None:
    assert typed.made(Run, json.loads(json.dumps(typed.plain(RUN)))) == RUN
    assert run_of(begun("refacts", "torch")).targets == ("refacts", "torch")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("run", "versions"), None, "run lacks versions"),
        (("run", "versions"), ["2.13.0"], "run.versions must be an object (got ['2.13.0'])"),
        (("run", "versions", "torch"), 2, "run.versions.torch must be a text (got 2)"),
        (("run", "date"), 5, "run.date must be a text (got 5)"),
        (("run", "samples"), "many", "run.samples must be an integer (got 'many')"),
        (("run", "left_out"), 3, "run.left_out must be a list (got 3)"),
        (("run", "left_out", 0), "onnx", "run.left_out[0] must be an object (got 'onnx')"),
        (("run", "left_out", 0, "why"), None, "run.left_out[0] lacks why"),
        (("run", "done"), -1, "run.done must be at least 0 (got -1)"),
        (("run", "more"), 1, "run has an unknown field 'more'"),
        (("environment", "cpu"), None, "environment.cpu must be a text (got None)"),
        (("rows", 1, "activation"), "gleu", "there is no activation 'gleu'"),
        (("rows", 1, "formats"), "float32:bfloat16", "formats must be one of"),
        (("rows", 1, "mismatches"), {"inf": 0}, "mismatches lacks nan, sign, false_zero"),
        (("rows", 1, "regions", 0, "low"), "far", "a region's low is 'far'"),
        (("rows", 1, "worst", 0, "kind"), "odd", "worst is of no kind of finite, nan"),
        (("rows", 1, "worst", 0, "operands"), {}, "worst has no x"),
    ],
)
def test_a_damaged_document_is_refused_in_a_sentence(
    place: tuple[Any, ...], value: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "survey.json"
    damaged(path, place, value)
    assert main(["survey", "--read", str(path), "--out", str(tmp_path / "pages")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"refacts: {path} is broken: ")
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not (tmp_path / "pages").exists()


def test_a_whole_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "survey.json"
    damaged(path, ("run", "samples"), 11)
    assert run_of(read(path)).samples == 11
