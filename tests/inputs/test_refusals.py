"""What is no dump is refused in a sentence, and so is a question that a dump does not answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports.command import main
from refacts.reports.exits import UsageError
from refacts.reports.inputs import dumps
from refacts.reports.inputs.marks import About
from refacts.reports.inputs.points import Plan
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question, pair

X = np.array([1.0, 2.0], np.float32)
BITS = np.array([0x3F80, 0x4000], np.uint16)
OBJECTS = np.array([1.0, None], dtype=object)
ABOUT = About("inputs", "gelu", {}, "value", "float32", 2, 0, "sampled", "0.1.0")


def refusal(path: Path, formats: str | None = None) -> str:
    with pytest.raises(UsageError) as refused:
        dumps.read(path, formats)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("arrays", "formats", "said"),
    [
        ({"y": X}, None, "a.npz has no array x or a: it holds y"),
        ({"z": X}, None, "a.npz has no array x or a: it holds z"),
        ({"x": X, "y": X[:1]}, None, "a.npz: x has 2 values, y has 1"),
        (
            {"x": X, "y": X, "lengths": np.array([2**63 - 1, 2**63 - 1, 4])},
            None,
            "a.npz: lengths add up to 18446744073709551618, x has 2 values",
        ),
        ({"x": X[:0], "y": X[:0]}, None, "a.npz is empty: x has no values"),
        ({"x": X.reshape(1, 2), "y": X.reshape(2, 1)}, None, "a.npz: x has shape (1, 2), y has (2, 1)"),
        ({"x": BITS, "y": BITS}, None, "x has dtype uint16, and neither `format` nor --format says of what"),
        ({"x": BITS, "y": BITS}, "float32", "a.npz: x has patterns of 16 bits, float32 has 32"),
        ({"x": X + 2.0**-20}, "bfloat16", "a.npz: x[0] = 1.00000095367431"),
        ({"x": np.array([[1, 2], [3, 1e-46]])}, "float32", "a.npz: x[1, 1] = 1e-46 is not a float32 value"),
        ({"x": X, "format": "float8"}, None, "a.npz: its format must be one of float16, bfloat16, float32"),
        ({"x": X, "format": "float32"}, "bfloat16", "it is of float32, --format says bfloat16"),
        ({"x": X, "format": X}, None, "a.npz: format must be a string (got float32 of shape (2,))"),
        ({"x": X.astype(int)}, "float32", "a.npz: x has dtype int64, want floats or unsigned bit patterns"),
        ({"x": X.astype(complex)}, "float32", "a.npz: x has dtype complex128"),
        ({"x": X.astype(np.longdouble)}, None, "and neither `format` nor --format says of what"),
        ({"x": X, "lengths": np.array([1, 2])}, None, "a.npz: lengths add up to 3, x has 2 values"),
        ({"x": X, "lengths": np.array([0, 2])}, None, "a.npz: lengths must be positive integers beside x"),
        ({"x": X, "refacts": "{}"}, None, "a.npz: what it says of itself is damaged"),
        ({"x": X, "refacts": "nonsense"}, None, "a.npz: what it says of itself is damaged"),
        ({"x": X, "refacts": '{"schema": "refacts-inputs/2"}'}, None, "a.npz has schema 'refacts-inputs/2'"),
    ],
)
def test_npz_files(arrays: dict[str, Any], formats: str | None, said: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    assert said in refusal(tmp_path / "a.npz", formats)


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", allow_pickle=True, x=OBJECTS)
    assert refusal(tmp_path / "a.npz") == "a.npz: x holds Python objects"
    np.save(tmp_path / "b.npy", OBJECTS, allow_pickle=True)
    (tmp_path / "b.npy").rename(tmp_path / "b.npz")
    assert refusal(tmp_path / "b.npz") == "b.npz is not an npz file"


def test_broken_and_missing_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X)
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "short.npz").write_bytes(whole[:-40])
    assert refusal(tmp_path / "short.npz") == "short.npz is not an npz file"
    changed = bytearray(whole)
    changed[whole.index(X.tobytes())] ^= 1
    (tmp_path / "changed.npz").write_bytes(changed)
    assert refusal(tmp_path / "changed.npz").startswith("changed.npz: x cannot be read: Bad CRC-32")
    np.save(tmp_path / "one.npy", X)
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    assert refusal(tmp_path / "one.npz") == "one.npz is one array, not an npz file of several"
    assert refusal(tmp_path / "no.npz") == f"there is no file {tmp_path / 'no.npz'}"
    assert refusal(tmp_path / "no.txt") == "no.txt must end in .npz or .csv"
    (tmp_path / "folder.csv").mkdir()
    assert refusal(tmp_path / "folder.csv").startswith("cannot read ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n1,1\n", "a.csv does not say its format: --format, or a line '# format: float32' in it"),
        ("", "a.csv is empty"),
        ("# format: float32\nx,y\n", "a.csv is empty: x has no values"),
        ("# format: float32\n1,2\n3,4\n", "a.csv has no column x or a: its first line is '1,2'"),
        ("# format: float32\ny,g\n3,4\n", "a.csv has no column x or a (it has y, g)"),
        ("# format: float32\nx,x_bits\n3,4\n", "a.csv: column x is there twice"),
        ("# format: float32\nx,y\n1,1\n2\n", "a.csv, line 4 has 1 cells, its header 2 names"),
        ("# format: float32\nx,y\n1,1\n2,\n", "a.csv, line 4: y is empty (1 of 2 lines have one)"),
        ("# format: float32\nx,y\n1,one\n", "a.csv, line 3: y = 'one' is not a number"),
        ("# format: float32\nx\n1_0\n", "a.csv, line 3: x = '1_0' is not a number"),
        ("# format: float32\nx_bits\n0x100000000\n", "x_bits = '0x100000000' is not a pattern of 32 bits"),
        ("# format: bfloat16\nx_bits\n16256\n", "'16256' is not a pattern of 16 bits in hex such as 0x0001"),
        ("# format: float32\nrow,x\n0,1\n1,2\n0,3\n", "a.csv: the lines of a row must follow each other"),
        ('# refacts: {"schema": "other/1"}\nx\n1\n', "a.csv has schema 'other/1': this refacts reads"),
        ("# format: float8\nx\n1\n", "a.csv: its format must be one of"),
    ],
)
def test_csv_files(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert said in refusal(tmp_path / "a.csv")


def test_csv_files_of_other_encodings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("# µ\nx\n1".encode("latin-1"))
    assert refusal(tmp_path / "a.csv") == "a.csv is not a csv file in UTF-8"


def test_a_file_says_which_questions_it_does_not_answer(tmp_path: Path) -> None:
    def lacks(name: str, quantity: str, formats: str = "float32") -> str:
        return dumps.read(tmp_path / "a.npz").lacks(Question(CATALOGUE[name], quantity, *pair(formats)))

    about = ABOUT.text()
    np.savez(tmp_path / "a.npz", x=X, g=X, dx=X, refacts=about)
    assert lacks("gelu", "vjp") == ""
    held = ", ".join(f"{name} (float32, {len(X)} values)" for name in ("x", "g", "dx"))
    assert lacks("gelu", "value") == f"a.npz has no column y: it holds {held}"
    assert lacks("gelu", "derivative") == "a.npz has a column g: its dx is a vjp, not the derivative"
    assert lacks("gelu", "vjp", "float64") == "a.npz is of float32, not float64"
    assert lacks("silu", "vjp") == "a.npz was made for gelu, not silu"
    np.savez(tmp_path / "a.npz", x=X, dx=X)
    assert lacks("gelu", "derivative") == ""
    assert lacks("softmax", "value").startswith("a.npz has no column y")
    rows = {"x": np.ones((2, 3), np.float32), "y": np.ones(2, np.float32)}
    np.savez(tmp_path / "a.npz", **rows)
    assert lacks("logsumexp", "value") == ""
    assert lacks("softmax", "value") == "a.npz: y has 2 values, x asks for 6"
    assert lacks("relu", "value") == "a.npz: y has 2 values, x asks for 6"


@pytest.mark.parametrize(
    ("name", "columns", "option", "says"),
    [
        ("a.npz", {"x": X}, None, "{}: value needs x and y, derivative needs x and dx, vjp needs x and g"),
        ("a.npz", {"x": X, "out": X}, None, "{}, out (no name of ours): value needs x and y, "),
        ("a.npz", {"x": X, "y": X / 3}, "float32:bfloat16", "a.npz: y is float32, asked is bfloat16: --form"),
        ("a.npz", {"x": X, "y": X / 3}, "bfloat16", "asked is bfloat16: --format bfloat16:float32 judges it"),
        ("a.csv", {"x": X}, "float32", "{}: value needs x and y, "),
        ("a.csv", {"x": X, "out": X}, "float32", "{}, out (no name of ours): value needs x and y, "),
    ],
)
def test_a_file_without_an_answer_says_what_it_holds(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    columns: dict[str, Any],
    option: str | None,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if name.endswith(".npz"):
        np.savez(name, **columns)
    else:
        lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
        Path(name).write_text("\n".join(lines))
    assert main(["verify", name, "--as", "silu", *(["--format", option] if option else [])]) == 2
    assert says.format(f"it holds x (float32, {len(X)} values)") in capsys.readouterr().err


def test_other_inputs_have_no_results(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=X)
    recorded = Recorded(str(tmp_path / "a.npz"))
    asked = Question(CATALOGUE["relu"], "value", *pair("float32"))
    assert recorded.answer(asked, recorded.batch(asked, 0)).tolist() == [1.0, 2.0]
    assert recorded.answer(asked, recorded.probes(asked)).tolist() == [1.0, 2.0]
    with pytest.raises(UsageError, match="has no results for other inputs than its own"):
        recorded.answer(asked, {"x": np.array([1.0])})


def test_coverage_is_what_the_file_holds(tmp_path: Path) -> None:
    def coverage(name: str, **arrays: Any) -> str:
        np.savez(tmp_path / f"{name}.npz", **arrays)
        recorded = Recorded(str(tmp_path / f"{name}.npz"))
        return recorded.coverage(Question(CATALOGUE["relu"], "value", *pair(str(arrays["format"]))))

    every = np.arange(2**16, dtype=np.uint16)
    assert coverage("all", x=every[::-1], y=every, format="bfloat16") == "exhaustive"
    assert coverage("most", x=every[1:], y=every[1:], format="bfloat16") == "sampled"
    argv = ["inputs", "relu", "--uniform", "--samples", "500", "--seed", "3", "--out"]
    assert main([*argv, str(tmp_path / "inputs.npz")]) == 0
    with np.load(tmp_path / "inputs.npz") as arrays:
        given = {**arrays, "y": arrays["x"]}
    assert given["x"].size > 500
    assert coverage("uniform", **given) == "uniform"
    assert coverage("cut", **{**given, "x": given["x"][:-1], "y": given["y"][:-1]}) == "sampled"
    given["x"] = given["x"].copy()
    given["x"][7] = 1.0
    assert coverage("chosen", **given) == "sampled"
    assert Plan(1, 0).uniform is False
