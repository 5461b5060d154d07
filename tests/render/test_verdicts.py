"""Verdicts on the terminal, in Markdown and as JUnit XML: what is said, what fits, what is escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Control, Error, Row
from refacts.reports.render.junit import MARK as JUNIT
from refacts.reports.render.junit import junit
from refacts.reports.render.texts import columns
from refacts.reports.render.verdict_markdown import MARK, markdown
from refacts.reports.render.verdict_terminal import HEIGHT, terminal
from refacts.reports.render.verdict_words import HEADS
from refacts.reports.verdicts import Document

from tests.judge.made import FINITE, NAN, OTHER, PEER, RAISED, REGION, UNSTEADY, row, wrong

HOSTILE = "a|b\n\x1b[31m<script>&`*_[x](y)]]>@user\u202e\ud800\x00表"
MEASURED = {"verdict": "measured", "gate": Gate()}
LONG = replace(FINITE, reproducer=f"import kernel; print({', '.join(['kernel.f(1.0)'] * 20)})")


def document(*rows: Row, complete: bool = True, **environment: Any) -> Document:
    return Document(complete, {"refacts": "0.1", "commit": None, **environment}, {}, rows)


def hostile(**changes: Any) -> Row:
    """A row with such a name wherever a name can be."""
    named = {
        "target": HOSTILE,
        "parameters": {"alpha": HOSTILE},
        "reasons": (HOSTILE,),
        "diagnosis": replace(OTHER, sentence=HOSTILE),
        "incidents": (replace(UNSTEADY, sentence=HOSTILE, reproducer=HOSTILE, operands={"x": [HOSTILE]}),),
        "worst": (replace(NAN, reproducer=HOSTILE),),
        "kinks": HOSTILE,
        "peer": replace(PEER, sentence=HOSTILE),
    }
    return wrong(**named | changes)


def many(count: int, **changes: Any) -> list[Row]:
    """Rows that fail in every way, with long names."""
    long = {"worst": (NAN, LONG), "regions": (REGION,) * 5, "incidents": (RAISED, UNSTEADY)}
    return [
        wrong(
            target=f"kernels.of_a_long_name_that_goes_on:{'f' * 60}{k}",
            formats="float32:bfloat16",
            quantity="derivative",
            parameters={"min_val": "-0.1000000000000001", "max_val": "1.0000000000000002"},
            diagnosis=replace(OTHER, sentence=f"{k}: {'a long sentence ' * 12}"),
            **long | changes,
        )
        for k in range(count)
    ]


def test_the_diagnosis_comes_first_and_the_verdict_last() -> None:
    lines = terminal(document(row(), wrong()), ["v.json", "v.md", "v.xml"]).splitlines()
    assert lines[0] == OTHER.sentence
    assert lines[-1] == "FAIL: the gate failed in 1 of 2 rows; more is in v.json, v.md and v.xml"


def test_the_table_has_what_is_wrong_first() -> None:
    void = row(verdict="void", target="void:f", control=Control(10, 1, False, True), reasons=("void",))
    rows = (row(), row(**MEASURED), wrong(diagnosis=None), void, row(verdict="incomplete", reasons=("gap",)))
    lines = terminal(document(*rows)).splitlines()
    assert lines[0].split() == " ".join(HEADS).split()
    assert [line.split()[-1] for line in lines[1:6]] == ["VOID", "FAIL", "INCOMPLETE", "MEASURED", "PASS"]
    cells = ["kernel:f", "gelu", "value", "float32", "100,000", "1.7e+07", "8.5", "FAIL"]
    assert lines[2].split() == cells
    assert "not every control held" in lines[8]


def test_a_row_that_passes_says_how_near_its_peer_is() -> None:
    said = "kernel:f is 0.7 times as far off (max error 1.25 times the peer's, at least 0.5)"
    assert said in " ".join(map(str.strip, terminal(document(row(peer=PEER))).splitlines()))


def test_no_file_is_named_that_could_not_hold_more() -> None:
    assert "--json FILE" in terminal(document(row()))
    assert "--json FILE" not in terminal(document())
    assert "--json FILE" not in markdown(document(row()))


def test_what_is_said_of_a_row_that_fails() -> None:
    one = wrong(diagnosis=None, kinks="takes the derivative from the left at 0", peer=PEER)
    lines = terminal(document(one)).splitlines()
    told = lines[lines.index("kernel:f as gelu/value/float32: FAIL") :]
    assert [line for line in told if line.startswith("  ") and not line.startswith("   ")] == [
        "  12 NaN mismatches: at x = -inf got nan, want -0.0; --allow nan-at-inf excuses such",
        "  max error 1.7e+07 ulp at x = -5.5, at most 2 allowed",
        "  unsteady: differs from run to run, at x = 0x1p+0 nan; this repeats it:",
        "  NaN: x = -inf (0xff800000): got nan (0x7fc00000), want -0.0 (-0x0p+0, 0x80000000); this repeats",
        "  distance: x = -5.5 (-0x1.6p+2, 0xc0b00000): got -5.9604645e-08 (-0x1p-24, 0xb3800000), want",
        "  false zero, flushed: x = -88.0 (-0x1.6p+6, 0xc2b00000): got 0.0 (0x0p+0, 0x00000000), want",
        "  tail cancellation in [-11.0, -5.5]: 20 % of 5,000 inputs, max 1.7e+07 ulp, mean 25.5, worst at "
        "x =",
        "  excused by kink: 1,500 of 100,000 results",
        "  artefacts, apart from defects: 7 flushed",
        "  it takes the derivative from the left at 0",
        f"  {PEER.sentence}",
    ]
    assert FINITE.reproducer in lines  # at the margin, to be pasted
    assert "The rule kink excuses more than 1 % of the normal results in 1 of 1 row." in lines


def test_a_target_whose_results_are_all_nan_has_no_error() -> None:
    changes = {"bins": (), "error": Error(0.0, 0.0, 0.0, 0.0), "diagnosis": None}
    for target, hinted in (("libm.so.6:tanhf", True), ("kernel:f", False)):
        lines = terminal(document(wrong(target=target, **changes))).splitlines()
        assert lines[1].split()[5] == "-"
        assert any("T f(T), needs --scalar" in line for line in lines) == hinted
    lines = terminal(document(wrong(target="libm.so.6:tanhf", **changes | {"bins": row().bins}))).splitlines()
    assert lines[1].split()[5] == "0"
    assert not any("--scalar" in line for line in lines)


def test_nothing_is_said_twice_or_that_says_nothing() -> None:
    again = replace(RAISED, operands={"x": ["0x1p+1"]})
    as_asked = replace(OTHER, found="gelu", named_share=1.0, other=False, sentence="kernel:f follows gelu.")
    found = terminal(document(wrong(incidents=(RAISED, again), diagnosis=as_asked)))
    assert found.count(RAISED.sentence) == 1
    assert "raised: raised" not in found
    assert as_asked.sentence not in found
    half = replace(as_asked, named_share=0.5, sentence="gelu explains 50 %.")
    assert half.sentence in terminal(document(wrong(diagnosis=half)))


def test_one_thing_is_no_more_than_one() -> None:
    regions = (replace(REGION, inputs=1, wrong=1, max_ulp=None, mean_ulp=None),) * 4
    one = wrong(confirmed=1, inputs=1, correct=0, excused={"kink": 1}, regions=regions, diagnosis=None)
    text = terminal(document(one), everything=True)
    assert "at least 1 result of each row" in text
    assert "100 % of 1 input, worst at" in text
    assert "and 1 more region\n" in text
    assert "excused by kink: 1 of 1 result\n" in text


def test_operands_are_shown_in_their_formats() -> None:
    one = replace(FINITE, operands={"x": "0x1.99999ap-4", "g": "0x1.9ap-4"}, bits={"x": "1", "g": "2"},
                  want="0x1.99999ap-4", place=(3, 1))  # fmt: skip
    found = terminal(document(wrong(worst=(one,), quantity="vjp", formats="float32:bfloat16")))
    assert "row 3, entry 1: x = 0.1 (0x1.99999ap-4, 1), g = 0.1 (0x1.9ap-4, 2)" in found
    assert "want 0.1 (0x1.99999ap-4" in " ".join(found.split())  # a cotangent of x has the format of x


def test_what_is_excused_is_no_example() -> None:
    found = terminal(document(wrong(worst=(replace(NAN, excused="nan-at-inf"), FINITE))))
    assert "NaN: x" not in found
    assert "distance: x" in found


@pytest.mark.parametrize(
    ("rows", "complete", "said"),
    [
        ([row()], True, "PASS: 1 row passed; --json FILE keeps all of it"),
        ([row(), row()], True, "PASS: all 2 rows passed"),
        ([row(**MEASURED)], True, "MEASURED: 1 row: no gate was set (--max-ulp)"),
        ([row(**MEASURED), row()], True, "MEASURED: 2 rows, 1 of them passed"),
        ([row(), wrong()], True, "FAIL: the gate failed in 1 of 2 rows"),
        ([wrong(), row(verdict="void")], True, "VOID: the judge failed its control in 1 of 2 rows"),
        ([row(), row(verdict="incomplete")], True, "INCOMPLETE: results are missing in 1 of 2 rows"),
        ([wrong()], False, "INCOMPLETE: the run was not finished, 1 row are there"),
        ([], True, "INCOMPLETE: results are missing in 0 of 0 rows"),
    ],
)
def test_the_verdict_is_one_sentence(rows: list[Row], complete: bool, said: str) -> None:
    made = document(*rows, complete=complete)
    assert terminal(made).splitlines()[-1].startswith(said)
    assert f"**{said.split(';')[0]}" in markdown(made)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize(
    "rows",
    [many(40), many(1), [row()] * 60, [hostile()] * 3, many(3, reasons=("x" * 9000, "y " * 9000)), []],
)
def test_it_fits_one_screen(rows: list[Row], encoding: str) -> None:
    lines = terminal(document(*rows), ["a" * 120 + ".json"], encoding=encoding).split("\n")
    assert max(map(columns, lines)) <= 100
    assert len(lines) <= HEIGHT
    assert all(line.isprintable() for line in lines)
    "\n".join(lines).encode(encoding)
    assert not any(after.endswith("\\") for after in lines[-4:])  # no command is cut


def test_what_does_not_fit_is_counted_and_shown_on_request() -> None:
    rows = [*many(20), *[row()] * 5]
    lines = terminal(document(*rows)).splitlines()
    assert "... and 17 more rows follow another definition" in lines
    assert "... and 13 more: 8 fail, 5 pass" in lines
    told = [re.match(r"\.\.\. and (\d+) more rows? in", line) for line in lines]
    counted = [int(found[1]) for found in told if found]
    assert counted == [20 - sum(": FAIL" in line for line in lines)]
    everything = terminal(document(*rows), everything=True).splitlines()
    assert max(map(columns, everything)) <= 100
    assert not [line for line in everything if line.startswith("... and")]
    assert sum(": FAIL" in line for line in everything) == 20
    assert sum(": PASS" in line for line in everything) == 5


def test_markdown_is_fit_for_a_comment() -> None:
    for rows in (many(150), [hostile()] * 30, many(2, reasons=("x" * 90_000,)), []):
        found = markdown(document(*rows), ["v.json"])
        assert found.startswith(f"{MARK}\n")
        assert found.count("\n") <= 300
        assert len(found) < 65_536
        assert found.count("<details>") == found.count("</details>")
    assert "... and 50 more rows" in markdown(document(*many(150)))
    assert "refacts 0.1, cpu a&#124;b" in markdown(document(row(), cpu="a|b"))


def test_markdown_says_what_the_terminal_says() -> None:
    found = markdown(document(wrong(diagnosis=None), row()))
    header, rule, first, second = [line for line in found.splitlines() if line.startswith("|")]
    assert header == "| target | as | quantity | format | inputs | max ulp | wrong % | verdict |"
    assert rule == "|---|---|---|---|---:|---:|---:|---|"
    cells = "gelu | value | float32 | 100,000 | 1.7e+07 | 8.5 | FAIL |"
    assert first == f"| <code>kernel:f</code> | {cells}"
    assert second.endswith("| PASS |")
    assert "- 12 NaN mismatches: at x = -inf got nan, want -0.0; --allow nan-at-inf excuses such\n" in found
    assert f"```\n{FINITE.reproducer}\n```" in found
    assert found.count("<details>") == 1


def test_hostile_texts_are_shown_in_markdown() -> None:
    found = markdown(document(hostile()))
    for line in found.splitlines():
        assert line.isprintable() or "\u200b" in line
        assert len(re.findall(r"(?<!&)\|", line)) in (0, 1, 9) or line.startswith("|---")
    outside = re.sub(r"(`{3,})\n.*\n\1", "", found)
    assert "<script>" not in outside
    assert "@user" not in outside
    assert "`" not in outside


def test_files_say_that_they_are_ours() -> None:
    assert JUNIT in junit(document(row()))[:200]
    assert MARK in markdown(document(row()))[:200]


def test_errors_that_are_not_there_are_dashes() -> None:
    nothing = row(inputs=0, correct=0, error=Error(None, None, None, None), verdict="incomplete")
    assert terminal(document(nothing)).splitlines()[1].split()[4:] == ["0", "-", "-", "INCOMPLETE"]
