"""Files of operands and results: what is read is what was written, and what is no dump is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.exits import UsageError
from refacts.reports.inputs import csv_files, dumps, npz_files
from refacts.reports.inputs.dumps import Dump
from refacts.reports.inputs.files import gathered, questions
from refacts.reports.inputs.points import SHARD, Plan, batches
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question, pair

WRITERS = {".npz": npz_files.write, ".csv": csv_files.write}
SUFFIXES = pytest.mark.parametrize("suffix", WRITERS)
PLAN = Plan(300, 1)
ASKED = [
    ("gelu", "value", "bfloat16"),
    ("gelu", "vjp", "float32:bfloat16"),
    ("leaky_relu", "derivative", "float64"),
    ("tanh", "jvp", "float16"),
    ("swiglu", "vjp", "float64:float16"),
    ("swiglu", "jvp", "bfloat16"),
    ("softmax", "vjp", "float32"),
    ("logsumexp", "vjp", "bfloat16:float32"),
]


def made(name: str, quantity: str, formats: str, length: int | None = None) -> Any:
    """The questions, and their inputs."""
    asked = questions(CATALOGUE[name], quantity, *pair(formats))
    return asked, gathered(asked, quantity, PLAN, length, "inputs")


def written(path: Path, dump: Dump) -> Path:
    WRITERS[path.suffix](path, dump)
    return path


def bits(dump: Dump, suffix: str) -> dict[str, Any]:
    """Those of every column; a csv file has one NaN."""
    found = {}
    for name, column in dump.columns.items():
        patterns = column.bits.copy()
        if suffix == ".csv":
            patterns[np.isnan(column.values())] = 0
        found[name] = (column.format.name, patterns.tolist())
    return found


@SUFFIXES
@pytest.mark.parametrize(("name", "quantity", "formats"), ASKED)
def test_what_is_read_is_what_was_written(
    name: str, quantity: str, formats: str, suffix: str, tmp_path: Path
) -> None:
    _, dump = made(name, quantity, formats)
    found = dumps.read(written(tmp_path / f"inputs{suffix}", dump))
    assert bits(found, suffix) == bits(dump, suffix)
    assert found.about == dump.about
    assert (found.source, found.output) == (dump.source, dump.output)
    if dump.lengths is None:
        assert found.lengths is None
    else:
        assert np.array_equal(found.lengths, dump.lengths)  # type: ignore[arg-type]


@SUFFIXES
@pytest.mark.parametrize(("name", "quantity", "formats"), ASKED)
def test_its_batches_are_those_of_the_plan(
    name: str, quantity: str, formats: str, suffix: str, tmp_path: Path
) -> None:
    asked, dump = made(name, quantity, formats)
    recorded = Recorded(str(written(tmp_path / f"inputs{suffix}", with_results(asked, dump))))
    for question in asked:
        want = list(batches(question, PLAN))
        got = list(batches(question, recorded))  # type: ignore[arg-type]
        for operand in question.operands:
            flat = [np.concatenate([one[operand].ravel() for one in side]) for side in (want, got)]
            assert np.array_equal(*flat, equal_nan=True)
        assert recorded.count(question) == sum(values.size for values in results(recorded, question))


def with_results(asked: Any, dump: Dump) -> Dump:
    """Results that count up, in the format that they should have."""
    columns = dict(dump.columns)
    for question in asked:
        n = len(dump.lengths) if question.reduces and dump.lengths is not None else dump.size
        patterns = (np.arange(n) % 2**14).astype(question.result.unsigned)
        columns[dumps.RESULTS[question.quantity]] = dumps.Column(patterns, question.result)
    return Dump(dump.file, dump.source, dump.output, columns, dump.lengths, dump.about)


def results(recorded: Recorded, question: Question) -> list[Any]:
    shards = range(recorded.shards(question))
    return [recorded.answer(question, recorded.batch(question, k)) for k in shards]


@SUFFIXES
@pytest.mark.parametrize(("name", "quantity", "formats"), ASKED[1::2])
def test_one_flipped_bit_is_seen(name: str, quantity: str, formats: str, suffix: str, tmp_path: Path) -> None:
    asked, dump = made(name, quantity, formats)
    question, right = asked[0], with_results(asked, dump)
    column = right.columns[dumps.RESULTS[question.quantity]]
    place = column.bits.size // 2
    column.bits[place] ^= 1
    wrong = Recorded(str(written(tmp_path / f"wrong{suffix}", right)))
    column.bits[place] ^= 1
    good = Recorded(str(written(tmp_path / f"good{suffix}", right)))
    first, second = (np.concatenate([r.ravel() for r in results(each, question)]) for each in (good, wrong))
    assert np.flatnonzero(first != second).tolist() == [place]


def test_results_of_another_machine_are_read(tmp_path: Path) -> None:
    """Saved by a user, beside the inputs he was given."""
    (question,), dump = made("gelu", "vjp", "bfloat16")
    path = written(tmp_path / "inputs.npz", dump)
    with np.load(path) as given:
        arrays = dict(given)
    assert arrays["x"].dtype == np.uint16
    x, g = (arrays[name].view(ml_dtypes.bfloat16) for name in "xg")
    dx = CATALOGUE["gelu"].vjp(x, g)
    want = dx.astype(float)
    for stored in (dx.view(np.uint16), dx, dx.astype(np.float32)):
        np.savez(tmp_path / "results.npz", **arrays, dx=stored)
        recorded = Recorded(str(tmp_path / "results.npz"))
        assert recorded.dump.lacks(question) == ""
        values = recorded.answer(question, recorded.batch(question, 0))
        assert np.array_equal(values, want, equal_nan=True)


def test_results_of_another_format_are_judged_in_it_where_the_user_says_so(tmp_path: Path) -> None:
    (question,), dump = made("gelu", "value", "bfloat16")
    with np.load(written(tmp_path / "inputs.npz", dump)) as given:
        arrays = dict(given)
    y = CATALOGUE["gelu"](arrays["x"].view(ml_dtypes.bfloat16), dtype=np.float32)
    np.savez(tmp_path / "results.npz", **arrays, y=y)
    said = "results.npz: y is float32, asked is bfloat16: --format bfloat16:float32 judges it as that"
    assert Recorded(str(tmp_path / "results.npz")).dump.lacks(question) == said
    recorded = Recorded(str(tmp_path / "results.npz"), "bfloat16:float32")
    wide = Question(question.activation, "value", *pair("bfloat16:float32"))
    assert np.array_equal(recorded.answer(wide, recorded.batch(wide, 0)), y.astype(float), equal_nan=True)


@pytest.mark.parametrize("shape", [(24,), (4, 6), (2, 3, 4)])
def test_floats_say_their_format_themselves(shape: tuple[int, ...], tmp_path: Path) -> None:
    x = np.arange(24, dtype=np.float32).reshape(shape)
    np.savez(tmp_path / "a.npz", x=x.astype(">f4"), y=x.astype(np.float16))
    found = dumps.read(tmp_path / "a.npz")
    assert found.formats == "float32:float16"
    question = Question(CATALOGUE["relu"], "value", *pair("float32:float16"))
    assert found.lacks(question) == ""
    assert np.array_equal(found.batch(question, 0, SHARD)["x"], x.ravel())
    rows = Question(CATALOGUE["softmax"], "value", *pair("float32:float16"))
    if len(shape) == 1:
        assert "a.npz has no rows: x must have two dimensions" in found.lacks(rows)
    else:
        assert np.array_equal(found.batch(rows, 0, SHARD)["x"], x.reshape(-1, shape[-1]))


CSV = """# made by hand
# format: float32:bfloat16

"x_bits", y ,note
0x3f800000,0x1.8p+0,a
0x80000000,-0.0,b
0x7fc00001,nan,c
# in between
0xff800000,-inf,d
0x3dcccccd,1.0009765625e-1,e
0x3f800001,0.1001,f
"""


def test_cells_are_decimals_hex_floats_and_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8-sig")
    found = dumps.read(path)
    x = [0x3F800000, 0x80000000, 0x7FC00001, 0xFF800000, 0x3DCCCCCD, 0x3F800001]
    assert found.columns["x"].bits.tolist() == x
    assert found.columns["y"].bits.tolist() == [0x3FC0, 0x8000, 0x7FC0, 0xFF80, 0x3DCD, 0x3DCD]


@pytest.mark.parametrize(
    ("fmt", "text", "value"),
    [
        ("float32", "0.1", float(np.float32(0.1))),
        ("float32", "0.100000001", float(np.float32(0.1))),
        ("float16", "0.01563", 0.015625),  # the shortest decimal, as NumPy prints it
        ("float32", "0.10000000149011612", float(np.float32(0.1))),
        ("float32", "0.10000000149011611938476562500", float(np.float32(0.1))),
        ("float32", "1e-45", 2.0**-149),
        ("float32", "+.5E1", 5.0),
        ("float16", "65504", 65504.0),
        ("bfloat16", "3.39e38", FORMATS["bfloat16"].max),
        ("float64", "0.1", 0.1),
        ("float64", "-5e-324", -(2.0**-1074)),
        ("float64", "0x1p-1074", 2.0**-1074),
        ("float32", "-0e5", -0.0),
        ("float16", "Infinity", float("inf")),
    ],
)
def test_a_decimal_means_what_is_printed_so(fmt: str, text: str, value: float, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"# format: {fmt}\nx\n{text}\n")
    found = dumps.read(tmp_path / "a.csv").columns["x"].values()[0]
    assert (found, np.signbit(found)) == (value, np.signbit(value))


@pytest.mark.parametrize(
    ("fmt", "text"),
    [
        ("float32", "0.10000000147"),
        ("float32", "0.12345678901234567"),
        ("float32", "1e39"),
        ("float32", "1e-46"),
        ("float32", "0x1.000001p0"),
        ("float16", "65505"),
        ("float16", "65520"),
        ("bfloat16", "1.001"),
        ("float64", "1e400"),
        ("float64", "1e-400"),
        ("float64", "0x1.00000000000001p0"),
    ],
)
def test_what_the_format_does_not_hold_is_refused(fmt: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"# format: {fmt}\nx,y\n1,1\n{text},1\n")
    with pytest.raises(UsageError) as refused:
        dumps.read(tmp_path / "a.csv")
    assert str(refused.value) == f"a.csv, line 4: x = {text} is not a {fmt} value"


def test_rows_of_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("# format: float32\nrow,x,g,dx\n7,1,2,3\n7,4,,5\n2,6,7,8\n")
    found = dumps.read(tmp_path / "a.csv")
    question = Question(CATALOGUE["logsumexp"], "vjp", *pair("float32"))
    assert found.lacks(question) == ""
    first, second = (found.batch(question, k, SHARD) for k in range(2))
    assert (first["x"].tolist(), first["g"].tolist()) == ([[1.0, 4.0]], [2.0])
    assert (second["x"].tolist(), second["g"].tolist()) == ([[6.0]], [7.0])
    assert found.results(question, 0, SHARD).tolist() == [[3.0, 5.0]]


def test_equal_dumps_are_equal_files(tmp_path: Path) -> None:
    _, dump = made("softmax", "vjp", "float32", length=8)
    for suffix in WRITERS:
        first, second = (written(tmp_path / f"{k}{suffix}", dump).read_bytes() for k in "ab")
        assert first == second
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["x"].shape == (38, 8)
        assert json.loads(str(arrays["refacts"]))["schema"] == "refacts-inputs/1"
