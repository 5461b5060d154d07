"""The command line: numbers and names, usage errors."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from refacts.oracles import FORMATS
from refacts.reports.command import main
from refacts.reports.command.arguments import flat
from refacts.reports.literals import read, rounded

ROOT = Path(__file__).parents[2]


def test_names_may_be_given_together_or_again() -> None:
    assert flat([["relu", "tanh"], ["relu"], ["gelu"]]) == ["relu", "tanh", "gelu"]
    assert flat(None) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.1", Fraction(1, 10)),
        ("-.5e1", Fraction(-5)),
        ("-0x1.8p-1", Fraction(-3, 4)),
        ("0x.8", Fraction(1, 2)),
        ("0xffP0", Fraction(255)),
        ("12.", Fraction(12)),
        ("+inf", float("inf")),
    ],
)
def test_numbers_are_read_exactly(text: str, number: Fraction | float) -> None:
    assert read(text) == number


@pytest.mark.parametrize("text", ["", "x", "0x", "0x.", "1e", "1_0", "1/3", ".", "--1", "٣", "1e5.5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a decimal, hex float, inf or nan"):
        read(text)


@pytest.mark.parametrize("sign", ["", "-"])
def test_numbers_of_absurd_size_end_at_once(sign: str) -> None:
    infinity = float(f"{sign}inf")
    for fmt in FORMATS.values():
        assert rounded(read(f"{sign}1e999999999999"), fmt) == infinity
        assert str(rounded(read(f"{sign}0x1p-999999999999"), fmt)) == f"{sign}0.0"
        assert str(rounded(read(f"{sign}0e999999999999"), fmt)) == f"{sign}0.0"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["exact", "sigmiod", "1"], "unknown activation 'sigmiod': did you mean sigmoid"),
        (["exact", "zzz", "1"], "unknown activation 'zzz': known are relu, "),
        (["report", "--only", "relu", "--only", "tahn"], "unknown activation 'tahn': did you mean tanh"),
        (["report", "--out", ""], "argument --out: must name a file or directory (got '')"),
        (["exact", "softmax", ""], "X must hold numbers (got '')"),
        (["exact", "softmax", "1 2 x"], "X must be numbers: 'x' is not"),
        (["exact", "softmax", "1 2", "--quantity", "vjp"], "vjp of softmax needs --g"),
        (["exact", "softmax", "1 2", "--quantity", "vjp", "--g", "1"], "--g has 1 numbers, want 2"),
        (["exact", "logsumexp", "1 2", "--quantity", "vjp", "--g", "1 2"], "--g has 2 numbers, want 1"),
        (["exact", "gelu", "1 2"], "X must be a number: '1 2' is not"),
        (["exact", "gelu", "1", "--g", "2"], "--g is not for value of gelu"),
        (["exact", "gelu", "1", "--quantity", "jvp", "--g", "2"], "--g is not for jvp of gelu"),
        (["exact", "swiglu", "1"], "value of swiglu needs --b"),
        (["exact", "glu", "1", "--b=2", "--quantity", "jvp", "--v-a", "1"], "jvp of glu needs --v-b"),
        (["exact", "gelu", "1", "--quantity", "slope"], "invalid choice: 'slope'"),
        (["exact", "tanh", "one"], "X must be a number: 'one' is not"),
        (["exact", "tanh", "1", "--param", "beta=1"], "tanh has no parameter 'beta': it has none"),
        (["exact", "leaky_relu", "1", "--param", "a=1"], "no parameter 'a': it has alpha"),
        (["exact", "leaky_relu", "1", "--param", "alpha"], "must be name=number (got 'alpha')"),
        (["exact", "leaky_relu", "1", "--param", "alpha=1/0"], "'1/0' is not a decimal"),
        (["exact", "leaky_relu", "1", "--param", "alpha=inf"], "leaky_relu: alpha must be"),
        (
            ["exact", "leaky_relu", "1", "--param", "alpha=1", "--parameter", "alpha=2"],
            "--param alpha is given twice",
        ),
        (["exact", "tanh", "1", "--format", "float8"], "one of float16, bfloat16, float32, float64, or two"),
        (["report", "--jobs", "0"], "must be at least 1 (got 0)"),
        (["report", "--seed", "-1"], "must be at least 0 (got -1)"),
        (["bench", "--repeats", "many"], "must be an integer (got 'many')"),
        (["measure"], "invalid choice: 'measure'"),
        ([], "COMMAND"),
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
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("refacts ")


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "refacts", "exact", "tanh", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0
