"""Numbers for people, and the renderers on a document made by hand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.profile import MOST, joined
from refacts.reports.judge.rows import MISMATCHES, Bin, Error, Reached, Row
from refacts.reports.literals import read, rounded
from refacts.reports.notation import bits, decimal, hexadecimal, json_number, percent, ulps, upper_percent
from refacts.reports.render.markdown import markdown
from refacts.reports.verdicts import Document

from tests.judge.made import row


def result(target: str, wrong: int, largest: float | None, **changes: Any) -> Row:
    ours = target == "ours"
    return row(
        **{
            "target": target,
            "activation": "f",
            "formats": "float16",
            "coverage": "exhaustive",
            "inputs": 3_000_000,
            "correct": 3_000_000 - wrong,
            "error": Error(largest, 0.25, 0.125, 0.0625),
            "mismatches": {"nan": 0, "inf": 0, "sign": 7 if wrong else 0, "false_zero": 0},
            "gate": Gate(0.5) if ours else Gate(),
            "verdict": "pass" if ours else "measured",
        }
        | changes
    )


@pytest.fixture
def made() -> Document:
    return Document(
        complete=True,
        environment={"cpu": "a|b", "cpu_features": ["SSE", "AVX"], "scipy": "1.2.3", "commit": None},
        run={"mode": "quick", "seed": 5, "activations": ["f"]},
        rows=(result("ours", 0, 0.49999), result("theirs", 1, None)),
    )


def test_markdown(made: Document) -> None:
    found = markdown(made)
    assert found.splitlines()[2] == (
        "**PASS: all 3,000,000 results of ours in 1 rows are correctly rounded**"
    )
    assert "Mode quick, seed 5." in found
    assert "| cpu | a&#124;b |" in found
    assert "| commit | unknown |" in found
    assert "| cpu&#95;features | SSE AVX |" in found
    assert "| f | 3,000,000 | 0.5 | 0 | - | 99.9999 | - | sign |" in found
    assert "None counted." in found
    assert "INCOMPLETE" not in found
    assert "What is wrong" not in found


def test_where_a_target_is_farthest_off_is_named(made: Document) -> None:
    worse = result("theirs", 5, 17.25, quantity="vjp", mismatches=dict.fromkeys(MISMATCHES, 1),
                   artefacts={"flushed": 2, "saturated": 0, "kink": 0})  # fmt: skip
    found = markdown(replace(made, rows=(*made.rows, result("ours", 0, 0.25, quantity="vjp"), worse)))
    kinds = "NaN, infinity, sign, false zero, flushed"
    assert f"| f | 6,000,000 | 0.5 | 0 | 17.3 | 99.9999 | vjp, float16 | {kinds} |" in found


def test_what_is_wrong_is_shown_first_with_code(made: Document) -> None:
    wrong = result("ours", 9, 2.5, verdict="fail", reasons=("max error 2.5 ulp", "a|b"), quantity="jvp")
    found = markdown(replace(made, rows=(*made.rows, wrong)))
    assert found.splitlines()[2] == "**FAIL: 1 of 3 rows fail the gate**"
    assert "- <code>ours as f/jvp/float16</code>: max error 2.5 ulp; a&#124;b" in found
    assert f"```python\n{wrong.worst[0].reproducer}\n```" in found
    assert found.index("## What is wrong") < found.index("## Activations")


def test_a_page_has_300_lines_at_most(made: Document) -> None:
    failing = [
        result("ours", 9, 2.5, verdict="fail", reasons=("far off",), activation=f"f{k}", tiers=TIERED)
        for k in range(120)
    ]
    lines = markdown(replace(made, rows=(*failing, *made.rows))).splitlines()
    assert sum(line.startswith("| f") for line in lines) == 121
    assert "| f7 | 3,000,000 | 2.5 | 9 | - | - | - | - |" in lines
    assert len(lines) <= 300
    assert "- ... and 80 more rows" in lines


TIERED = {"normal": Reached("sampled", 4_000_000, {"float64": 4_000_000, "mpmath": 1})}


def test_shares_of_tiers_are_shown_as_they_are(made: Document) -> None:
    rows = (replace(made.rows[0], tiers=TIERED), made.rows[1])
    line = "| ours | float16 | normal | 4,000,000 | 100 | 0 | 0 | 0 | 2.5e-05 | 1: f value |"
    assert line in markdown(replace(made, rows=rows))


@pytest.fixture
def with_logits(made: Document) -> Document:
    """Two maps on logits of two families; SciPy has but one of the functions."""

    def on(target: str, number: int, family: str = "N(0,1)", length: int = 1000, **changes: Any) -> Row:
        return result(
            target, number, 0.49999 + 7 * number, formats="float32", normwise=0.25 + number,
            drawn=f"logits {family}, n = {length}", **changes,
        )  # fmt: skip

    rows = (
        on("ours", 0), on("scipy", 1), on("scipy", 2, length=10), on("ours", 0, "uniform"),
        on("ours", 0, quantity="vjp"),
    )  # fmt: skip
    return replace(made, rows=(*made.rows, *rows))


def test_logits_in_markdown(with_logits: Document) -> None:
    found = markdown(with_logits)
    heads = "| activation | quantity | format | N(0,1) | uniform | normwise, N(0,1) | normwise, uniform |"
    assert heads in found
    assert "| f | value | float32 | 0.5 / 14.5 | 0.5 / - | 0.25 / 2.25 | 0.25 / - |" in found
    assert "| f | vjp | float32 | 0.5 / - | - / - | 0.25 / - | - / - |" in found
    assert "Rows of n entries (n = 1000, n = 10)" in found
    assert "Percent correct: ours 100.0000, scipy 99.9999." in found
    assert "SciPy 1.2.3." in found


def test_markdown_says_that_scipy_is_missing(with_logits: Document) -> None:
    rows = tuple(row for row in with_logits.rows if row.target != "scipy")
    found = markdown(replace(with_logits, rows=rows, environment={"scipy": None}))
    assert "SciPy is not installed: it is not measured." in found
    assert "in ulp of ours, a dash" in found


def test_what_is_not_complete_says_so(made: Document) -> None:
    assert "INCOMPLETE" in markdown(replace(made, complete=False))


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
    for nan in (math.nan, math.copysign(math.nan, -1)):  # a document keeps no sign of NaN
        assert bits(nan, FORMATS["float16"]) == "0x7e00"
    assert decimal(float(np.float32(0.1)), FORMATS["float32"]) == "0.1"
    assert decimal(0.10009765625, FORMATS["bfloat16"]) == "0.1"


def test_a_decimal_is_the_shortest_that_names_a_bfloat16() -> None:
    fmt = FORMATS["bfloat16"]
    values = [*fmt.decode(np.arange(0, 0x7F80, 7, dtype=np.uint16)).tolist(), fmt.max, -fmt.max, -0.0]
    for value in values:
        shown = decimal(value, fmt)
        assert math.copysign(1, float(shown)) == math.copysign(1, value)
        assert rounded(read(shown), fmt) == value
        digits = len(re.sub(r"e.*|\D", "", shown).strip("0"))
        assert digits <= 4
        shorter = rounded(read(f"{value:.{max(digits - 1, 1)}g}"), fmt)
        assert digits <= 1 or shorter != value, (shown, value)
    assert decimal(fmt.max, fmt) == "3.39e+38"


def bins(*errors: float, negative: bool = False, p99: float | None = None) -> list[Bin]:
    """Bins of 4 exponents and 10 inputs."""
    return [
        Bin(negative, 4 * k, 4, 10, error, error if p99 is None else p99) for k, error in enumerate(errors)
    ]


def test_neighbouring_bins_are_joined_where_their_errors_are_alike() -> None:
    assert joined(bins(0.0, 0.1, 0.4999)) == (Bin(False, 0, 12, 30, 0.5, 0.5),)  # all within rounding
    assert joined(bins(3.0, 5.0, 7.0)) == (Bin(False, 0, 8, 20, 5.0, 5.0), Bin(False, 8, 4, 10, 7.0, 7.0))
    both = joined([*bins(9.0), *bins(9.0, 8.0, negative=True)])
    assert both == (Bin(True, 0, 8, 20, 9.0, 9.0), Bin(False, 0, 4, 10, 9.0, 9.0))
    apart = [*bins(9.0, 9.0, p99=1.0), Bin(False, 8, 4, 10, 9.0, 9.0)]
    assert [(b.max, b.p99, b.inputs) for b in joined(apart)] == [(9.0, 1.0, 20), (9.0, 9.0, 10)]


def test_bins_are_few_and_never_shown_smaller_than_they_are() -> None:
    rng = np.random.default_rng(0)
    errors = [*np.exp(rng.normal(0, 30, 250)), math.inf]
    made = bins(*map(float, errors))
    found = joined(made)
    assert 3 < len(found) <= MOST
    assert sum(b.inputs for b in found) == 10 * len(errors)
    for b in made:
        over = next(f for f in found if f.exponent <= b.exponent < f.exponent + f.width)
        assert b.max <= over.max
