"""Dumps that are judged, files that are written, and what cannot be asked, which writes none."""

import json
from pathlib import Path

import numpy as np
import pytest
from refacts.reports import verdicts
from refacts.reports.command import main

import refacts
from tests.verify.of_gelu import judged, rows


def test_a_dump_gives_the_rows_of_the_direct_run(kernels: Path) -> None:
    made = ["--format", "float32", "--samples", "5000", "--out", "inputs.npz"]
    assert main(["inputs", "gelu", *made]) == 0
    with np.load("inputs.npz") as inputs:
        arrays = dict(inputs)
    x = arrays["x"]
    y = refacts.gelu(x)
    below = np.nextafter(np.nextafter(y, np.float32(0)), np.float32(0))
    y = np.where((np.abs(y) > 1e-30) & np.isfinite(y), below, y)
    np.savez("results.npz", **arrays, y=y)
    assert judged("nearly", "--max-ulp", "2") == 1
    (direct,) = rows()
    code = main(
        ["verify", "results.npz", "--as", "gelu", "--max-ulp", "2", "--jobs", "1", "--json", "dump.json"]
    )
    assert code == 1
    (dumped,) = verdicts.read(Path("dump.json")).rows
    for name in (
        "inputs",
        "correct",
        "within_one",
        "over_budget",
        "error",
        "mismatches",
        "artefacts",
        "bins",
    ):
        assert getattr(dumped, name) == getattr(direct, name), name
    assert [(w.operands, w.got, w.want) for w in dumped.worst] == [
        (w.operands, w.got, w.want) for w in direct.worst
    ]


def test_a_plain_csv_is_judged_in_the_format_that_the_user_says(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("plain.csv").write_text("x,y\n1.0,0.7310586\n")
    assert main(["verify", "plain.csv", "--as", "silu"]) == 2
    assert "plain.csv does not say its format: --format" in capsys.readouterr().err
    given = ["--as", "silu", "--format", "float32", "--max-ulp", "0.5", "--jobs", "1"]
    assert main(["verify", "plain.csv", *given]) == 0


def test_files_are_written(kernels: Path) -> None:
    judged("cancels", "--max-ulp", "2", "--markdown", "found.md", "--junit", "found.xml")
    assert "FAIL" in Path("found.md").read_text()
    assert "<failure" in Path("found.xml").read_text()
    assert json.loads(Path("found.json").read_text())["complete"] is True


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["nowhere:gelu"], "there is no module nowhere"),
        (["kernels.py:gleu", "--as", "gelu"], "did you mean gelu"),
        (["missing.py:gelu"], "there is no file missing.py"),
        (["missing.py:f"], "there is no file missing.py"),
        (["kernel.py:f"], "there is no file kernel.py: did you mean kernels.py?"),
        (["missing.onnx"], "there is no file missing.onnx"),
        (["./missing.so:f"], "there is no file missing.so"),
        (["missing.npz"], "there is no file missing.npz"),
        (["kernels.py:os", "--as", "gelu"], "is not callable"),
        (["kernels.py:gelu", "--as", "gleu"], "did you mean"),
        (["kernels.py:gelu", "--param", "alpha=1"], "has no parameter 'alpha'"),
        (["kernels.py:gelu", "--format", "float8"], "--format must be one of"),
        (["kernels.py:gelu", "--quantity", "vjp", "--format", "float32"], "vjp in float32"),
        (["kernels.py:gelu", "--max-ulp", "nan"], "--max-ulp"),
        (["kernels.py:gelu", "--quota", "0.1"], "--quota needs --max-ulp"),
        (["kernels.py:gelu", "--format", "float32", "--max-ulp", "1", "--quota", "1e-9"], "--quota"),
        (["kernels.py:gelu", "--allow", "everything", "--max-ulp", "1"], "unknown allowance"),
        (["kernels.py:gelu", "--max-ratio", "2"], "--max-ratio needs --peer"),
        (["kernels.py:gelu", "--json", ""], "--json must name a file"),
        (["kernels.py:gelu", "--json", "a", "--junit", "./a"], "--json and --junit name one file"),
        (["kernels.py:gelu", "--json", "kernels.py"], "not overwritten"),
        (["kernels.py:gelu", "--scalar"], "--scalar is not for"),
        (["libm.so.6:tanhf", "--scalar"], "--format must say what numbers libm.so.6:tanhf takes"),
        (["kernels.py:gelu", "--peer", "libm.so.6:erff"], "--format must say what numbers libm.so.6:erff"),
        (["kernels.py:gelu", "--exhaustive", "--format", "float64"], "--exhaustive"),
        (["kernels.py:gelu", "--accept-worse"], "needs --budget"),
        (["kernels.py:gelu", "--timeout", "0"], "--timeout"),
        (["kernels.py:gelu", "--timeout", "1e30"], "at most 1e+06 (got '1e30')"),
        (["results.npz", "--as", "gelu"], "results.npz"),
        (["kernels.py"], "results.npz or results.csv (got 'kernels.py'; it defines gelu, hangs, crashes"),
        (["kernels.py:fast_gelu"], "kernels has no 'fast_gelu': did you mean gelu"),
        (["numpy:arctanh"], "that numpy:arctanh should be: did you mean --as tanh?"),
        (["numpy:sin"], "--as must name the activation that numpy:sin should be: it is not obvious"),
        (["kernels.py:gelu", "--call", "dim=-1"], "kernels.py:gelu has no parameter 'dim' (it has x)"),
        (["results.npz", "--as", "gelu", "--samples", "9"], "results.npz"),
        ([], "a target is missing"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    kernels: Path, capsys: pytest.CaptureFixture[str], given: list[str], says: str
) -> None:
    before = sorted(path.name for path in kernels.parent.iterdir())
    assert main(["verify", "--jobs", "1", *given]) == 2
    out, err = capsys.readouterr()
    remarks = ("is taken for", " gets ", "not judged:")
    lines = [line for line in err.splitlines() if not any(remark in line for remark in remarks)]
    assert out == ""
    assert len(lines) == 1
    assert says in lines[0]
    assert sorted(path.name for path in kernels.parent.iterdir() if path.name != "__pycache__") == before
