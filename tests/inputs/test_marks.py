"""What is not ours is never overwritten, and what cannot be written is refused in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports import atomic
from refacts.reports.command import main
from refacts.reports.exits import UsageError
from refacts.reports.inputs.marks import About

from tests.inputs.test_refusals import ABOUT


@pytest.mark.parametrize("command", ["inputs", "golden"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.npz", b"mine", "a.npz does not say that refacts wrote it: it is not overwritten"),
        ("a.csv", b"x,y\n1,2\n", "a.csv does not say that refacts wrote it"),
        ("a.csv", b'# refacts: {"schema": "refacts-inputs/9"}\nx\n1\n', "does not say that refacts wrote it"),
    ],
)
def test_files_of_others_are_kept(
    command: str, name: str, content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main([command, "relu", "--samples", "1", "--out", str(path)]) == 2
    assert said in capsys.readouterr().err
    assert path.read_bytes() == content
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_inputs_that_have_got_results_are_kept(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"a{suffix}"
    argv = ["inputs", "relu", "--samples", "1", "--out", str(path)]
    assert main(argv) == main(argv) == 0  # ours is overwritten
    if suffix == ".npz":
        with np.load(path) as arrays:
            np.savez(path, **arrays, y=arrays["x"])
    else:
        head, cells = path.read_text().split("\nx\n")
        path.write_text(f"{head}\nx,y\n" + "".join(f"{x},{x}\n" for x in cells.split()))
    capsys.readouterr()
    assert main(argv) == 2
    assert "holds results that refacts did not write (y): it is not overwritten" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["inputs", "relu", "--out", ""], "--out must name a file (got '')"),
        (["inputs", "relu", "--out", "a.h"], "--out must end in .npz or .csv (got a.h)"),
        (["golden", "relu", "--out", "a.npy"], "--out must end in .npz or .csv or .h (got a.npy)"),
        (["golden", "relu", "--table", "--out", "a.npz"], "--out must end in .npy or .h (got a.npz)"),
        (["inputs", "relu", "--out", "no/a.csv"], "--out: no is no directory"),
        (["inputs", "relu", "--out", "folder.csv"], "--out: folder.csv is a directory"),
        (["inputs", "gleu", "--out", "a.csv"], "unknown activation 'gleu': did you mean"),
        (["inputs", "relu", "--out", "a.csv", "--format", "half"], "--format must be one of float16"),
        (["inputs", "relu", "--out", "a.csv", "--length", "3"], "--length is for row-wise activations"),
        (["inputs", "glu", "--out", "a.csv", "--quantity", "gradient"], "glu has no derivative here"),
        (["inputs", "softmax", "--uniform", "--out", "a.csv"], "rows have no samples that are uniform"),
        (["inputs", "relu"], "the following arguments are required: --out"),
        (["golden", "relu", "--table", "--out", "a.h"], "--table is of all inputs of float16 or bfloat16"),
        (
            ["golden", "relu", "--table", "--quantity", "vjp", "--format", "bfloat16", "--out", "a.h"],
            "--table is of all inputs of float16 or bfloat16, of one operand (got vjp of relu in bfloat16)",
        ),
        (
            ["golden", "relu", "--table", "--format", "bfloat16", "--samples", "5", "--out", "a.h"],
            "--table has every input: it takes neither --samples nor --seed",
        ),
    ],
)
def test_usage_errors(
    argv: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_bfloat16_results_need_ml_dtypes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("refacts.reports.command.golden.find_spec", lambda name: None)
    argv = ["golden", "relu", "--format", "float32:bfloat16", "--out", str(tmp_path / "a.csv")]
    assert main(argv) == 2
    sentence = "refacts: bfloat16 needs ml_dtypes: pip install ml_dtypes\n"
    assert capsys.readouterr().err == sentence


def test_a_file_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic.replacing(tmp_path / "a") as file:
            file.write(b"half")
            raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        fail()
    assert [*tmp_path.iterdir()] == []
    atomic.write(tmp_path / "a", b"\xff\x00")
    atomic.write(tmp_path / "b", "µ\n")
    assert (tmp_path / "a").read_bytes() == b"\xff\x00"
    assert (tmp_path / "b").read_bytes() == "µ\n".encode()


def test_a_mark_is_read_as_it_was_written() -> None:
    assert About.read(ABOUT.text(), "a") == ABOUT
    changes: list[dict[str, Any]] = [
        {"seed": "0"},
        {"seed": -3},
        {"seed": True},
        {"samples": -1},
        {"kind": "golden"},
        {"schema": []},
        {"more": 1},
    ]
    for change in changes:
        each = {**json.loads(ABOUT.text()), **change}
        with pytest.raises(UsageError, match="what it says of itself is damaged"):
            About.read(json.dumps(each), "a")
    with pytest.raises(UsageError, match="what it says of itself is damaged"):
        About.read("[" * 100_000, "a")
