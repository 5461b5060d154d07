"""What is pasted into a bug report."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from refacts.oracles import FORMATS
from refacts.reports.command import main
from refacts.reports.judge.rows import LEFT_OUT, Row
from refacts.reports.judge.tally import Candidate
from refacts.reports.notation import hexadecimal
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question
from refacts.reports.render.bug_report import bug_report, command
from refacts.reports.run.verdict import _rows as shown_rows
from refacts.reports.verdicts import Document

from tests.judge.made import FINITE, RAISED, row, wrong

WHERE = {"refacts": "0.1", "numpy": "2.4", "commit": "abc"}
KERNELS = """
import numpy as np

def leaky_relu(x):
    return np.where(x > 0, x, x * x.dtype.type(0.01)) * x.dtype.type(1.0000005)

def backward(x, g):
    return np.where(x > 0, g, g * x.dtype.type(0.01))

def log_softmax(x, axis=0):
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.log(e / e.sum(axis, keepdims=True))
"""


def told(one: Row, **run: Any) -> Document:
    return Document(True, WHERE, run, (one,))


def report(one: Row) -> list[str]:
    return bug_report(one, told(one, commands={one.key: "refacts verify kernel:f --as gelu --seed 0"}))


def test_a_report_has_all_that_is_asked_for() -> None:
    assert report(wrong(worst=(FINITE,), incidents=())) == [
        "kernel:f as gelu, value, float32",
        "input     x = -5.5 (-0x1.6p+2, 0xc0b00000)",
        "got       -5.9604645e-08 (-0x1p-24, 0xb3800000)",
        "exact     -8.940697e-08 (-0x1.8p-24, 0xb3c00000)",
        "error     1.7e+07 ulp, distance",
        "interval  [-11.0, -5.5]: tail cancellation, 20 % of 5,000 inputs there",
        "measured  90,000 of 100,000 results are correctly rounded (sampled inputs)",
        "command   refacts verify kernel:f --as gelu --seed 0",
        "versions  refacts 0.1, numpy 2.4",
        "reproduce:",
        FINITE.reproducer,
    ]


def test_an_incident_alone_is_one_too() -> None:
    lines = report(row(worst=(), incidents=(RAISED,)))
    assert "incident  raised: raised ValueError: too many" in lines
    assert lines[-2:] == ["reproduce the incident:", RAISED.reproducer]
    assert report(row(worst=())) == []


def judged(words: list[str], path: Path) -> dict[str, Any]:
    """The document of `refacts verify` with these words."""
    path.unlink(missing_ok=True)
    assert main([*words, "--jobs", "1", "--json", str(path)]) in (0, 1)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize(
    "options",
    [
        "{}:leaky_relu --param alpha=0.01 --quantity value --quantity derivative --format float32 "
        "--backward {}:backward --samples 300 --seed 7 --max-ulp 1 --allow sign-of-zero --kink left --ftz",
        "{}:log_softmax --call axis=-1 --format float32 --quantity value --samples 100 --seed 3",
        "{}:leaky_relu --as leaky_relu --format float16 --quantity value --exhaustive --max-ulp 1 "
        "--quota 1e-3",
        "{}:leaky_relu --format float32 --quantity value --samples 50 --peer {}:leaky_relu --max-ratio 2.5 "
        "--arrays numpy",
    ],
)  # fmt: skip
def test_the_command_is_the_one_that_was_run(options: str, tmp_path: Path) -> None:
    kernels = tmp_path / "my kernels.py"
    kernels.write_text(KERNELS)
    words = ["verify", *(word.replace("{}", str(kernels)) for word in options.split())]
    first = judged(words, tmp_path / "v.json")
    commands = list(first["run"]["commands"].values())
    again = [judged(shlex.split(each)[1:], tmp_path / "w.json") for each in commands]
    assert [row for each in again for row in each["rows"]] == first["rows"]
    assert [list(each["run"]["commands"].values()) for each in again] == [[each] for each in commands]
    if "--seed" in commands[0] and "--exhaustive" not in commands[0]:
        other = commands[0].replace("--seed ", "--seed 1")  # the control
        assert judged(shlex.split(other)[1:], tmp_path / "w.json")["rows"] != first["rows"][:1]


def test_a_report_says_its_own_command() -> None:
    assert command(row(), told(row(), mode="thorough", seed=3)) == (
        "refacts report --thorough --seed 3 --only gelu"
    )
    assert command(row(), told(row(), mode="default", seed=0)) == "refacts report --seed 0 --only gelu"
    assert command(row(), told(row())) == ""


def test_a_result_of_a_row_is_shown_with_the_row() -> None:
    whole = {"x": ["0x1p+0", "0x1.8p+0", LEFT_OUT, "-inf"], "g": ["0x1p+0"]}
    lines = report(wrong(worst=(replace(FINITE, place=(7, 1), row=whole),), incidents=()))
    place = lines.index("row       x = [1.0, 1.5, ..., -inf]")
    assert lines[place + 1] == "row       g = [1.0]"
    assert lines[place + 2].startswith("input     row 7, entry 1: x = -5.5")


def test_the_gravest_and_the_largest_are_in_it() -> None:
    lines = report(wrong(incidents=()))
    assert [line for line in lines if line.startswith("error")] == [
        "error     NaN mismatch",
        "error     1.7e+07 ulp, distance",
    ]
    assert lines.count("reproduce:") == 2


def test_code_that_is_too_long_is_not_pasted() -> None:
    lines = report(wrong(worst=(replace(FINITE, reproducer="x" * 9000),), incidents=()))
    assert lines[-1] == "# 9,000 characters, in the document that --json writes"


def test_long_rows_are_shown_in_part() -> None:
    question = Question(CATALOGUE["log_softmax"], "vjp", FORMATS["float32"], FORMATS["float32"])
    x = [float(k % 50) for k in range(100)]
    found = shown_rows(question, Candidate(
        False, -1.0, 0, {"x": x, "g": [1.0] * 100}, "finite", 0.0, 1.0, 9.0, "", "", (4, 60)))  # fmt: skip
    places = [0, 1, 2, None, 49, None, 58, 59, 60, 61, 62, None, 99]
    assert found["x"] == [LEFT_OUT if k is None else hexadecimal(x[k]) for k in places]
    assert len(found["g"]) == len(places)
    short = Candidate(False, -1.0, 0, {"x": x[:3]}, "finite", 0.0, 1.0, 9.0, "", "", (4, 1))
    assert shown_rows(question, short) == {"x": ["0x0p+0", "0x1p+0", "0x1p+1"]}
