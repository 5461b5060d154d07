"""A survey's pages: what is wrong first, the tables, a line for a bug report, the picture."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from refacts.reports.judge.rows import Error
from refacts.reports.survey import pages, picture
from refacts.reports.survey.findings import cell, lost, short, worst_first
from refacts.reports.survey.functions import entries
from refacts.reports.survey.lines import lines
from refacts.reports.targets.spec import TargetSpec

from tests.judge.made import FINITE, NAN, NONE, REGION, row
from tests.survey.surveyed import EXAMPLE, bad, document, exact

TORCH, OURS = "torch.nn.functional:gelu", "refacts:gelu"
SPEC = TargetSpec(TORCH)
LINE = (
    "torch.nn.functional:gelu as gelu, value in float32: x = -5.5 (-0x1.6p+2): "
    "got -5.9604645e-08 (-0x1p-24), exact -8.940697e-08 (-0x1.8p-24), 1.7e7 ulp; "
    "tail cancellation in [-11.0, -5.5], 20 % of 5,000 inputs; "
    "`python -c \"import kernel; print(kernel.f(float.fromhex('-0x1.6p+2')).hex())\"`"
)


def test_a_region_is_a_line_for_a_bug_report() -> None:
    assert list(lines(bad(TORCH), SPEC)) == [LINE]


def test_what_is_excused_is_no_line() -> None:
    flushed = replace(REGION, kind="flushed subnormals", artefact=True)
    zeros = replace(REGION, kind="sign of zero")
    assert list(lines(bad(TORCH, regions=(flushed, zeros)), SPEC)) == []
    assert list(lines(exact(TORCH), SPEC)) == []


def test_a_region_without_an_example_says_how_to_judge_it() -> None:
    (line,) = lines(bad(TORCH, worst=(NAN,), parameters={"alpha": "1/6"}), TargetSpec(TORCH, call={"a": "t"}))
    assert line.endswith(
        "only beside other numbers in an array; `refacts verify torch.nn.functional:gelu --as gelu "
        "--quantity value --format float32 --param alpha=1/6 --call 'a='\"'\"'t'\"'\"''`"
    )


def test_of_rows_there_is_a_line_for_each_kind() -> None:
    entry = replace(FINITE, operands={"x": "0x1p+0"}, place=(3, 1))
    nan = replace(NAN, place=(0, 0))
    told = list(
        lines(bad(TORCH, activation="softmax", worst=(nan, entry), mismatches=NONE | {"nan": 12}), SPEC)
    )
    assert len(told) == 2
    assert "entry 0 of a row, x = -inf: got nan, exact -0x0p+0; NaN in 0.012 % of 100,000 results" in told[0]
    assert "entry 1 of a row, x = 1.0 (0x1p+0)" in told[1]
    assert "large error in 1 % of 100,000 results" in told[1]


def test_a_line_that_was_too_long_is_judged_again() -> None:
    long = replace(EXAMPLE, reproducer="")
    (line,) = lines(bad(TORCH, worst=(long,)), SPEC)
    assert line.endswith(
        "`refacts verify torch.nn.functional:gelu --as gelu --quantity value --format float32`"
    )


def test_a_command_survives_the_shell() -> None:
    hostile = 'print("$HOME `id` !x \\\\n")'
    (line,) = lines(bad(TORCH, worst=(replace(EXAMPLE, reproducer=hostile),)), SPEC)
    assert shlex.split(line.split("; `")[1][:-1]) == ["python", "-c", hostile]


def test_what_is_wrong_comes_first_and_the_worst_of_it() -> None:
    small = bad(TORCH, error=Error(17.0, 1.0, 1.0, 1.0), formats="float64")
    nan = bad(TORCH, quantity="derivative", mismatches=NONE | {"nan": 1})
    found = worst_first([exact(OURS), small, bad(TORCH), nan])
    assert [(each.quantity, each.formats) for each in found] == [
        ("derivative", "float32"),
        ("value", "float32"),
        ("value", "float64"),
    ]
    assert lost(nan) == lost(bad(TORCH)) == 1.0
    assert 0 < lost(small) < 0.1
    assert lost(exact(OURS)) == 0.0


def test_a_number_where_x_is_nan_comes_last() -> None:
    region = replace(REGION, kind="NaN swallowed", wrong=5)
    right: dict[str, Any] = {"error": Error(0.5, 0.5, 0.5, 0.1), "over_budget": 0, "regions": (region,)}
    convention = bad(TORCH, mismatches=NONE | {"nan": 5}, **right)
    other = bad(TORCH, mismatches=NONE | {"nan": 6}, quantity="derivative", **right)
    assert (lost(convention), lost(other)) == (0.0, 1.0)
    assert worst_first([convention, other]) == [other, convention]
    assert [cell([each]).text for each in (convention, other)] == ["0.5 nf", "0.5 Nnf"]  # type: ignore[union-attr]


def test_cells() -> None:
    found = cell(
        [bad(TORCH, mismatches=NONE | {"nan": 1, "false_zero": 2}, excused={"ftz": 1, "daz": 1, "kink": 2})]
    )
    assert found is not None
    assert found.text == "1.7e7 NZf"
    assert cell([]) is None
    assert [short(x) for x in (None, 0.0, 0.5, 1234567.0, 1e-9, 1e300)] == [
        "-",
        "0",
        "0.5",
        "1.24e6",
        "1e-09",
        "1e300",
    ]


def test_the_page_says_how_many_are_wrong() -> None:
    text = pages.survey(
        document(exact(OURS), bad(TORCH), bad(TORCH, quantity="derivative"), exact("jax.nn:gelu"))
    )
    assert text.startswith(pages.MARK)
    assert "Of 2 functions, 1 are wrong somewhere" in text
    assert "1 are correctly rounded everywhere they were judged." in text
    assert "2026-11-25; torch 2.13.0; a CPU; CPython 3; `refacts survey --samples 10 --seed 0`" in text
    assert "| gelu | 0.5 / · | 1.7e7 f / 1.7e7 f | 0.5 / · |" in text
    assert text.index("## What is wrong, worst first") < text.index("## float32")
    assert "## float64" in text


def test_a_page_of_a_right_survey_says_that_nothing_is_wrong() -> None:
    text = pages.survey(document(exact(OURS), exact(TORCH)))
    assert "Of 1 functions, 0 are wrong" in text
    assert "\nNothing.\n" in text


def test_what_is_left_out_is_said_once_for_each_reason() -> None:
    left_out = [
        {
            "function": "scipy.special:expit",
            "activation": "sigmoid",
            "asked": asked,
            "why": "raised TypeError: no",
        }
        for asked in ("value in bfloat16", "value in float16")
    ]
    text = pages.survey(document(exact(OURS), left_out=left_out))
    assert "- raised TypeError: no: scipy.special:expit (value in bfloat16), scipy.special:expit" in text
    assert "INCOMPLETE" in pages.survey(document(complete=False))


def test_the_page_stays_short() -> None:
    rows = [
        (exact if each.framework == "refacts" else bad)(
            each.target.title, activation=each.activation, quantity=quantity, formats=fmt
        )
        for each in entries()
        for quantity in ("value", "derivative")
        for fmt in ("float32", "float64", "bfloat16")
    ]
    assert len(pages.survey(document(*rows)).splitlines()) <= 300


def test_the_table_of_the_readme_has_popular_activations() -> None:
    text = pages.table(document(exact(OURS), bad(TORCH), exact("scipy.special:expit", activation="sigmoid"),
                                exact("torch:relu", activation="relu")))  # fmt: skip
    assert "| activation | refacts | torch |" in text
    assert "| gelu | 0.5 / · | 1.7e7 f / · |" in text
    assert "relu |" not in text


def test_the_picture_is_the_same_svg_again() -> None:
    rows = [exact(OURS), bad(TORCH), bad("jax.nn:gelu"), row(target="torch:tanh", activation="tanh")]
    first = picture.picture(rows)
    assert first == picture.picture(rows)
    texts = [each.text for each in ElementTree.fromstring(first).iter("{http://www.w3.org/2000/svg}text")]
    assert {"gelu", "tanh", "torch", "JAX", "0.5: refacts"} <= set(texts)
    assert first.startswith(picture.MARK)
    assert picture.shown(rows) == ["tanh", "gelu"]


def test_the_picture_is_readable_on_a_phone() -> None:
    """Of 375 pixels a page has 343 for a picture, whose letters must not be smaller than 11 pixels there."""
    rows = [bad(TORCH, activation=name) for name in ("gelu", "sparse_sigmoid", "hard_sigmoid")]
    drawn = ElementTree.fromstring(picture.picture(rows))
    width = float(drawn.attrib["viewBox"].split()[2])
    texts = list(drawn.iter("{http://www.w3.org/2000/svg}text"))
    sizes = [float(size) for each in texts for size in re.findall(r"([\d.]+)px", each.attrib["style"])]
    assert len(sizes) == len(texts) > 10
    assert min(sizes) * 343 / width >= 11
