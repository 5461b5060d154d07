"""What is asked twice, or in two ways at once, is refused before the run."""

from pathlib import Path

import pytest
from refacts.reports.command import main

GELU = ["verify", "refacts:gelu", "--format", "float32", "--quantity", "value", "--samples", "10"]
GELU += ["--jobs", "1"]
ROW = '[[budget]]\ntarget = "refacts:relu"\nas = "{name}"\nformat = "{fmt}"\nmax_ulp = 0.5\n'


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--as", "gelu", "--as", "silu"], "--as: is given twice (gelu and silu): it takes one value"),
        (["--kink", "any", "--kink", "left"], "--kink: is given twice (any and left)"),
        (["--max-ulp", "2", "--max-ulp", "2"], "--max-ulp: is given twice"),
        (["--exhaustive"], "--exhaustive takes every input: --samples has no use beside it"),
        (["--json", "a.json", "--markdown", "./a.json"], "name one file"),
    ],
)
def test_options_that_contradict_each_other(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*GELU, *options]) == 2
    assert says in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]


def test_what_is_repeatable_still_is() -> None:
    assert main([*GELU, "--format", "bfloat16"]) == 0
    assert main([*GELU, "--as", "gelu"]) == main([*GELU, "--as", "gelu"]) == 0


def test_a_budget_is_not_written_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bb.json").write_text("")
    assert main([*GELU, "--budget", "bb.json", "--update-budget", "--json", "bb.json"]) == 2
    assert "--budget and --json name one file: bb.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "fmt", "more"), [("ReLU", "float32:float32", ""), ("relu", "float32", "kink='left'")]
)
def test_rows_that_a_document_cannot_tell_apart_are_refused(
    name: str, fmt: str, more: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    budget = tmp_path / "budget.toml"
    rows = ROW.format(name="relu", fmt="float32") + ROW.format(name=name, fmt=fmt) + more
    budget.write_text(f"samples = 10\n{rows}")
    assert main(["verify", "--budget", str(budget), "--jobs", "1"]) == 2
    assert "refacts:relu as relu/value/float32 is asked twice" in capsys.readouterr().err


def test_all_inputs_are_asked_only_of_what_has_few(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["verify", "refacts:relu", "--exhaustive", "--format", "float16", "--jobs", "1"]
    assert main(given) == 0
    said = capsys.readouterr()
    assert "not judged: vjp, jvp: --exhaustive takes at most 2^32 inputs of one operand" in said.err
    assert "2 rows" in said.out
    assert main([*given, "--quantity", "vjp"]) == 2
