"""Numbers for people, and the renderers on a document made by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.document import text
from refacts.reports.judge.summary import profile
from refacts.reports.judge.tiers import TIERS
from refacts.reports.notation import bits, decimal, hexadecimal, json_number, percent, ulps, upper_percent
from refacts.reports.render.markdown import markdown


def result(wrong: int, percent_correct: str, largest: float | str | None) -> dict[str, Any]:
    return {
        "inputs": 3000000,
        "wrong": wrong,
        "percent_correct": percent_correct,
        "ulp": {"max": largest, "p99.9": 0.25, "p99": 0.125, "mean": 0.0625},
        "mismatches": {"nan": 0, "inf": 0, "sign": 7, "false_zero": 0} if wrong else {"nan": 0},
        "worst": [
            {
                "call": "f(0x1p+0)",
                "computed": "0x1p+1",
                "want": "0x1p+2",
                "ulp": largest,
                "mismatches": [],
                "correct": not wrong,
                "reproducer": "print(1)",
            }
        ],
        "profile": {"width": 1, "negative": [], "positive": []},
        "tiers": {},
    }


@pytest.fixture
def made() -> dict[str, Any]:
    return {
        "schema": "refacts-accuracy/3",
        "complete": True,
        "environment": {"cpu": "a|b", "cpu_features": ["SSE", "AVX"], "scipy": "1.2.3", "commit": None},
        "run": {
            "mode": "quick",
            "seed": 5,
            "activations": ["f"],
            "kernels": {"rows": ["ours", "theirs"], "logits": ["ours", "scipy"]},
        },
        "logits": {},
        "rows": {
            "f/value/float16": {
                "activation": "f",
                "quantity": "value",
                "format": "float16",
                "coverage": "exhaustive",
                "inputs": 3000000,
                "kernels": {
                    "ours": result(0, "100.0000", 0.49999),
                    "theirs": result(1, "99.9999", None),
                },
            }
        },
    }


def test_markdown(made: dict[str, Any]) -> None:
    found = markdown(made)
    assert "| cpu | a\\|b |" in found
    assert "| commit | unknown |" in found
    assert "| cpu_features | SSE AVX |" in found
    cells = "| f | value | float16 | exhaustive | 3000000 | 100.0000 | 0 | 0.5 | 0.25 | 0.125 | 0.0625 "
    assert cells + "| 99.9999 | 1 | - | 0.25 | 0.125 | 0.0625 |" in found
    assert "| f value float16 | theirs | 0 | 0 | 7 | 0 |" in found
    assert "| f value float16 | ours |" not in found
    assert "None counted." in found
    assert "INCOMPLETE" not in found


def test_shares_of_tiers_are_shown_as_they_are(made: dict[str, Any]) -> None:
    reached = dict.fromkeys(TIERS, 0) | {"float64": 4_000_000, "mpmath": 1}
    shown = {tier: upper_percent(count, 4_000_000) for tier, count in reached.items()}
    family = {"coverage": "sampled", "inputs": 4_000_000, "reached": reached, "percent": shown}
    made["rows"]["f/value/float16"]["kernels"]["ours"]["tiers"] = {"normal": family}
    line = "| f value float16 | ours | normal | sampled | 4000000 | 100 | 0 | 0 | 0 | 2.5e-05 | 1 |"
    assert line in markdown(made)


@pytest.fixture
def with_logits(made: dict[str, Any]) -> dict[str, Any]:
    """Two rows of logits; SciPy has but one of the functions."""
    row = {"format": "float32", "family": "N(0,1)", "length": 1000, "rows": 100}
    ours, theirs = ({**result(k, "99.9999", 0.49999 + 7 * k), "normwise": 0.25 + k} for k in (0, 1))
    made["logits"] = {
        "1": {"activation": "f", "quantity": "value", **row, "kernels": {"ours": ours, "scipy": theirs}},
        "2": {"activation": "f", "quantity": "vjp", **row, "kernels": {"ours": ours}},
    }
    return made


def test_logits_in_markdown(with_logits: dict[str, Any]) -> None:
    found = markdown(with_logits)
    row = "| float32 | N(0,1) | 1000 | 100 | 0.5 | 0.125 | 0.25 | 99.9999 | 0 |"
    assert f"| f | value {row} 7.5 | 0.125 | 1.25 | 99.9999 | 1 |" in found
    assert f"| f | vjp {row} - | - | - | - | - |" in found
    assert "| f value float32 N(0,1) n = 1000 | scipy | 0 | 0 | 7 | 0 |" in found
    assert "SciPy 1.2.3." in found


def test_markdown_says_that_scipy_is_missing(with_logits: dict[str, Any]) -> None:
    with_logits["environment"]["scipy"] = None
    with_logits["run"]["kernels"]["logits"] = ["ours"]
    found = markdown(with_logits)
    assert "SciPy is not installed: it is not measured." in found
    assert "scipy: max ulp" not in found


def test_what_is_not_complete_says_so(made: dict[str, Any]) -> None:
    made["complete"] = False
    assert "INCOMPLETE" in markdown(made)


def without_digest(document: dict[str, Any]) -> dict[str, Any]:
    assert len(document.pop("sha256")) == 64
    return document


def test_the_document_is_strict_json(made: dict[str, Any]) -> None:
    assert without_digest(json.loads(text(made))) == made
    made["rows"]["f/value/float16"]["inputs"] = math.inf
    with pytest.raises(ValueError, match="not JSON compliant"):
        text(made)


def test_an_empty_document_is_json(made: dict[str, Any]) -> None:
    made["rows"] = {}
    assert without_digest(json.loads(text(made))) == made


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (1, 1, "100.0000"),
        (10**9 - 1, 10**9, "99.9999"),
        (10**18 - 1, 10**18, "99.9999"),
        (2, 3, "66.6666"),
        (0, 7, "0.0000"),
        (1, 10**9, "0.0000"),
    ],
)
def test_percentages_are_cut_off(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 1, "100"), (2, 3, "66.7"), (0, 7, "0"), (1, 10**9, "1e-07"), (1, 3 * 10**9, "3.34e-08")],
)
def test_shares_are_rounded_up(part: int, whole: int, shown: str) -> None:
    assert upper_percent(part, whole) == shown


@pytest.mark.parametrize("shown", [percent, upper_percent])
@pytest.mark.parametrize(("part", "whole"), [(1, 0), (0, 0), (3, 2), (-1, 2)])
def test_no_percentage_of_nothing(part: int, whole: int, shown: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        shown(part, whole)


def test_errors_are_never_shown_smaller_than_they_are() -> None:
    rng = np.random.default_rng(0)
    for value in [0.5, 0.49999, 0.400024, 9.999, 1.0000001e-258, *np.exp(rng.normal(0, 30, 1000))]:
        assert value <= float(ulps(float(value))) <= value * 1.0101
    assert (ulps(0.0), ulps(None), ulps("inf")) == ("0", "-", "inf")


def test_numbers_for_json() -> None:
    assert (json_number(0.5), json_number(math.inf), json_number(math.nan)) == (0.5, "inf", None)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "0x1p+0"),
        (-0.1, "-0x1.999999999999ap-4"),
        (0.75, "0x1.8p-1"),
        (0.0, "0x0p+0"),
        (5e-324, "0x0.0000000000001p-1022"),
        (math.inf, "inf"),
    ],
)
def test_hexadecimal(value: float, written: str) -> None:
    assert hexadecimal(value) == written
    assert float.fromhex(written) == value


def test_bits_and_decimals() -> None:
    assert bits(1.0, FORMATS["float32"]) == "0x3f800000"
    assert bits(-0.0, FORMATS["bfloat16"]) == "0x8000"
    assert decimal(float(np.float32(0.1)), FORMATS["float32"]) == "0.1"
    assert decimal(0.10009765625, FORMATS["bfloat16"]) == "0.10009765625"


def test_the_profile_keeps_signs_and_bins_apart() -> None:
    x = np.array([1.0, 1.5, 2.0, -1.0, 0.0, math.inf, math.nan, 2.0**-1074])
    error = np.array([0.1, 0.3, math.nan, 0.2, 9.0, 9.0, 9.0, 0.4])
    assert profile(x, error, FORMATS["float32"]) == {
        "width": 1,
        "negative": [[0, 0.2]],
        "positive": [[-1074, 0.4], [0, 0.3], [1, None]],
    }
    assert profile(x, error, FORMATS["float64"])["positive"] == [[-1080, 0.4], [0, 0.3]]
