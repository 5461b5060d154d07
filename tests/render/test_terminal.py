"""`refacts report` on the terminal: one screen of a document made by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.overview import Total, by_activation, catalogue, grouped, on_logits, total
from refacts.reports.judge.rows import Error, Row
from refacts.reports.render.terminal import terminal
from refacts.reports.verdicts import Document

from tests.judge.made import row

FILES = ["accuracy/accuracy.json", "accuracy/accuracy.md"]


def result(
    target: str, name: str, wrong: int, largest: float | None, inputs: int = 1000, **changes: Any
) -> Row:
    """A row; the exact results are demanded of ours."""
    ours = target == "ours"
    return row(
        target=target,
        activation=name,
        inputs=inputs,
        correct=inputs - wrong,
        error=Error(largest),
        gate=Gate(0.5) if ours else Gate(),
        verdict="measured" if not ours else "fail" if wrong else "pass",
        reasons=("max error is 1.5 ulp",) if ours and wrong else (),
        **changes,
    )


def document(names: list[str], wrong: int = 0, complete: bool = True) -> Document:
    """Two questions of each name; ours is wrong in the last ones."""
    right = len(names) - wrong
    rows = []
    for place, name in enumerate(names):
        rows += [
            result("ours", name, int(place >= right), 0.5 if place < right else 1.5),
            result("theirs", name, 3, 17e6),
            result("ours", name, 0, 0.25, quantity="vjp"),
            result("theirs", name, 4, math.inf, 2000, quantity="vjp"),
        ]
    on = {"drawn": "logits N(0,1), n = 10"}
    rows += [
        result("ours", "f", 0, 0.5, **on),
        result("scipy", "f", 10, 12.5, **on),
        result("ours", "f", 0, 0.4, quantity="vjp", **on),
    ]
    return Document(complete, {}, {}, tuple(rows))


def test_an_activation_is_a_line() -> None:
    lines = terminal(document(["f", "g"]), FILES).splitlines()
    assert lines[0].startswith("Errors of ours and theirs: the largest in ulp, ")
    assert [line.split() for line in lines[1:4]] == [
        ["activation", "ours", "wrong", "theirs", "%", "right"],
        ["f", "0.5", "0", "inf", "99.7666"],
        ["g", "0.5", "0", "inf", "99.7666"],
    ]
    assert lines[4] == (
        "On rows of logits: ours 0.5 ulp at most, 100.0000 % right; scipy 12.5 ulp at most, 99.0000 % right."
    )
    assert " ".join(" ".join(lines[5:]).split()) == (
        "PASS: all 6,000 results of ours in 6 rows are correctly rounded; the rest is in "
        "accuracy/accuracy.json and accuracy/accuracy.md"
    )


def test_what_is_wrong_comes_first_and_is_counted() -> None:
    lines = terminal(document([f"f{k}" for k in range(10)], wrong=9), FILES).splitlines()
    assert lines[0] == "WRONG: ours as f1/value/float32: 1 of 1,000 results, 1.5 ulp at most"
    assert sum(line.startswith("WRONG") for line in lines) == 8
    assert lines[8] == "... and 1 more rows that are wrong"
    assert lines[12].split() == ["f1", "1.5", "1", "inf", "99.7666"]
    assert lines[-1].startswith("FAIL: 9 of 43 rows fail the gate; the rest is in accuracy")


@pytest.mark.parametrize(("count", "wrong"), [(38, 0), (38, 38), (40, 3), (20, 20)])
def test_it_fits_one_screen(count: int, wrong: int) -> None:
    names = [f"activation_{k:03d}"[-14:] for k in range(count)]
    lines = terminal(document(names, wrong), FILES).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert all(any(f"{name} " in line for line in lines) for name in names)


def test_long_tables_are_not_put_beside_each_other_where_there_is_no_room() -> None:
    lines = terminal(document(["f" * 30 + str(k) for k in range(25)]), FILES).splitlines()
    assert len(lines) == 2 + 25 + 3
    assert max(map(len, lines)) <= 100


def test_other_ends() -> None:
    made = document(["f"])
    free = replace(made, rows=tuple(replace(each, gate=Gate()) for each in made.rows))
    assert "PASS: 7 rows are measured; the rest" in terminal(free, FILES)
    assert terminal(replace(made, rows=made.rows[:4]), FILES).count("logits") == 0
    unfinished = terminal(replace(made, complete=False), FILES)
    assert "INCOMPLETE: the run was not finished, 7 rows are there; the rest" in unfinished
    void = (replace(made.rows[0], verdict="void", reasons=("the control failed",)), *made.rows[1:])
    lines = terminal(replace(made, rows=void), FILES).splitlines()
    assert lines[0] == "VOID: ours as f/value/float32: the control failed"
    assert "VOID: the judge failed its control in 1 of 7 rows; the rest" in " ".join(lines)


def test_totals_are_those_of_all_rows() -> None:
    made = document(["f"]).rows
    assert by_activation(catalogue(made)) == {
        "f": {"ours": Total(2000, 0, 0.5), "theirs": Total(3000, 7, math.inf)},
    }
    logits = {target: total(rows) for target, rows in grouped(on_logits(made), "target").items()}
    assert logits == {"ours": Total(2000, 0, 0.5), "scipy": Total(1000, 10, 12.5)}
    nothing = [replace(each, error=Error()) for each in catalogue(made)]
    assert by_activation(nothing)["f"]["theirs"].max_ulp is None
