"""The survey in an environment that has all frameworks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.question import Question, pair
from refacts.reports.survey.findings import frameworks, is_value, worst_first
from refacts.reports.survey.frameworks import FRAMEWORKS, framework_of
from refacts.reports.survey.functions import Entry, entries
from refacts.reports.survey.lines import lines
from refacts.reports.survey.surveying import FORMATS, Judging
from refacts.reports.targets.spec import TargetSpec

from tests.extras.frameworks import answered, near_refacts, reproduces, target
from tests.targets.asking import ROOT, numbers, question, run_line

FILE = Path(__file__).with_name("of_survey.py")
SMALL = Judging(samples=200, seed=0)
FOUND = """
from refacts.reports.exits import UsageError
from refacts.reports.survey.functions import entries
from refacts.reports.targets.spec import load
for each in entries():
    try:
        load(each.target)
    except UsageError as error:
        print(each.function, error)
"""


def test_every_function_of_the_table_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", FOUND], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_two_activations_in_all_frameworks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "survey",
        "--only",
        "sigmoid",
        "silu",
        "--samples",
        "200",
        "--jobs",
        "1",
        "--out",
        str(tmp_path),
    ]
    assert main(command) == 0
    document = verdicts.read(tmp_path / "survey.json")
    assert frameworks(document.rows) == list(FRAMEWORKS)
    asked = {(row.target, row.activation, row.quantity, row.formats) for row in document.rows}
    differentiable = ("refacts", "torch", "jax", "tensorflow")
    for each in entries():
        if each.activation in ("sigmoid", "silu") and each.framework in differentiable:
            for quantity in ("value", "derivative"):
                for fmt in FORMATS:
                    assert (each.target.title, each.activation, quantity, fmt) in asked
    assert all(is_value(row) for row in document.rows if framework_of(row.target) in ("scipy", "onnx"))
    ours = [row for row in document.rows if framework_of(row.target) == "refacts"]
    assert all(row.error.max is not None and row.error.max <= 0.5 and row.wrong == 0 for row in ours)
    assert all(row.control.holds for row in document.rows)
    values = [row.diagnosis for row in document.rows if is_value(row) and row.diagnosis is not None]
    assert [each.sentence for each in values if each.other] == []
    said = capsys.readouterr().err
    assert "scipy.special:expit as sigmoid, value in bfloat16: returned float64, want bfloat16" in said


def test_a_wrong_function_is_wrong_and_its_line_repeats_it() -> None:
    found = SMALL(Entry("sigmoid", {}, f"{FILE}:sigmoid_with_a_slip", {}))
    wrong = [row for row in worst_first(found.rows) if (row.quantity, row.formats) == ("value", "float32")]
    assert len(wrong) == 1
    region = next(each for each in wrong[0].regions if not each.artefact)
    example = next(each for each in wrong[0].worst if each.operands["x"] == region.worst)
    assert (example.ulp or 0) > 2**16
    told = [line for line in lines(wrong[0], TargetSpec("torch")) if example.got in line]
    assert example.reproducer in told[0]
    assert set(run_line(example.reproducer)) == {float.fromhex(example.got)}


def test_a_right_function_is_right() -> None:
    found = SMALL(Entry("relu", {}, f"{FILE}:relu", {}))
    values = [row for row in found.rows if row.quantity == "value"]
    assert [row.formats for row in values] == list(FORMATS)
    assert worst_first(values) == []
    assert all(row.wrong == 0 and row.error.max == 0 for row in values)


def test_a_function_that_is_missing_is_left_out_with_the_reason() -> None:
    found = SMALL(Entry("gelu", {}, "torch.nn.functional:gelo", {}))
    assert found.rows == ()
    assert [each.asked for each in found.left_out] == ["all"]
    assert "has no 'gelo': did you mean gelu" in found.left_out[0].why


@pytest.mark.parametrize(
    ("text", "name", "call"),
    [
        ("onnx:Gelu", "gelu", {}),
        ("onnx:Gelu", "gelu_tanh", {"approximate": "tanh"}),
        ("onnx:Softmax", "softmax", {}),
    ],
)
def test_an_operator_of_onnx_is_a_target(text: str, name: str, call: dict[str, str]) -> None:
    found = target(text, call=call)
    asked = question(name)
    near_refacts(asked, numbers(asked), answered(found, asked, numbers(asked)))
    reproduces(found, asked)
    assert found.covers(question(name, "vjp")) == "an ONNX model has only its value"


def test_an_operator_without_a_kernel_says_so() -> None:
    asked = Question(question("elu").activation, "value", *pair("float64"))
    assert target("onnx:Elu").covers(asked).startswith("Could not find an implementation for Elu")


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("onnx:Gelo", {}, "ONNX has no operator 'Gelo': did you mean Gelu"),
        ("onnx:Gelu", {"arrays": "torch"}, "--arrays is not for an ONNX operator"),
    ],
)
def test_operators_that_are_refused(text: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(Exception, match=said):
        target(text, **options)
