"""The command line: exact, usage errors."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from refacts.oracles import FORMATS
from refacts.reports.command import main
from refacts.reports.literals import read, rounded

ROOT = Path(__file__).parents[2]


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, str]:
    """The lines of `refacts exact` after its first, by their first word."""
    assert main(["exact", *argv]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    return {word: rest.strip() for word, _, rest in (line.partition(" ") for line in lines)}


def test_exact_in_the_tail(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "sigmoid", "-745.2", "--format", "float64")
    assert found == {
        "x": "-745.2 = -0x1.749999999999ap+9 (bits 0xc08749999999999a)  (-745.2 rounded to float64)",
        "exact": "2.310745339009376163139973556502454552547e-324",
        "rounded": "0.0 = 0x0p+0 (bits 0x0000000000000000)",
        "distance": "0.0323 ulp from the nearest rounding boundary",
    }


def test_exact_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "tanh", "1", "--format", "float32", "--derivative")
    assert found["exact"] == "0.4199743416140260693944967390417014449172"
    assert found["rounded"] == "0.41997433 = 0x1.ae0dcp-2 (bits 0x3ed706e0)"


@pytest.mark.parametrize(
    ("name", "x", "fmt", "digits", "decimal", "distance"),
    [
        ("sigmoid", "0", "float64", "0.5" + "0" * 39, "0.5 = 0x1p-1", "0.25 ulp"),
        ("relu", "-0.0", "float16", "0.0", "-0.0 = -0x0p+0", "0.5 ulp"),
        ("relu", "3", "bfloat16", "3." + "0" * 39, "3.0 = 0x1.8p+1", "0.5 ulp"),
        ("sigmoid", "-inf", "float32", "0.0, the limit", "0.0 = 0x0p+0", "none"),
        ("gelu", "-1e300", "float64", "-0.0, nearly: its magnitude is below 2^-1100", "-0.0 = -", "0.5 ulp"),
        ("tanh", "-0x1p3000", "float64", "-1.0, the limit", "-1.0 = -0x1p+0 ", "none"),
        ("tanh", "nan", "float64", "nan, not a number", "nan = nan", "none"),
        ("leaky_relu", "-0x1p-1074", "float64", "-9.8813129168249314", "-0.0 = -0x0p+0", "0.3 ulp"),
    ],
)
def test_exact_special_cases(
    name: str,
    x: str,
    fmt: str,
    digits: str,
    decimal: str,
    distance: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = printed(capsys, name, x, "--format", fmt)
    assert found["exact"].startswith(digits)
    assert found["rounded"].startswith(decimal)
    assert found["distance"].startswith(distance)


@pytest.mark.parametrize(
    ("given", "shown", "digits"),
    [
        ("alpha=0.1", "alpha=0.1", "-0.3000000000000000166533453693773481063545"),  # that of the float64
        ("alpha=1/10", "alpha=1/10", "-0.30000000000000000000"),
        ("alpha = -0x1p-1", "alpha=-0.5", "1.5000"),
    ],
)
def test_exact_with_a_parameter(
    given: str, shown: str, digits: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exact", "leaky_relu", "-3", "--parameter", given]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"leaky_relu(x, {shown}), float64"
    assert lines[2].startswith(f"exact     {digits}")


def test_x_is_rounded_once(capsys: pytest.CaptureFixture[str]) -> None:
    # Just above the midpoint of 1 and its successor in float32; as a float64 it is the midpoint.
    x = "1.00000005960464477539062500000000000001"
    found = printed(capsys, "relu", x, "--format", "float32")
    assert found["rounded"].startswith("1.0000001 = 0x1.000002p+0")
    assert f"({x} rounded to float32)" in found["x"]
    assert "rounded" not in printed(capsys, "relu", "1.5", "--format", "float32")["x"]


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
        (["report", "--only", "relu", "TanH"], "unknown activation 'TanH': did you mean tanh"),
        (["exact", "softmax", "1"], "softmax is not elementwise"),
        (["exact", "tanh", "one"], "X must be a number: 'one' is not"),
        (["exact", "tanh", "1", "--parameter", "beta=1"], "tanh has no parameter 'beta': it has none"),
        (["exact", "leaky_relu", "1", "--parameter", "a=1"], "no parameter 'a': it has alpha"),
        (["exact", "leaky_relu", "1", "--parameter", "alpha"], "must be name=number (got 'alpha')"),
        (["exact", "leaky_relu", "1", "--parameter", "alpha=1/0"], "'1/0' is not a decimal"),
        (["exact", "leaky_relu", "1", "--parameter", "alpha=inf"], "leaky_relu: alpha must be"),
        (
            ["exact", "leaky_relu", "1", "--parameter", "alpha=1", "--parameter", "alpha=2"],
            "--parameter alpha is given twice",
        ),
        (["exact", "tanh", "1", "--format", "float8"], "one of float16, bfloat16, float32, float64 (got"),
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
