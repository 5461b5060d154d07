"""`refacts report` on the terminal: one screen of a document made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from refacts.reports.judge.overview import Total, by_activation, on_logits
from refacts.reports.render.terminal import terminal

FILES = ["accuracy/accuracy.json", "accuracy/accuracy.md"]


def result(wrong: int, largest: float | str | None, inputs: int = 1000) -> dict[str, Any]:
    return {"inputs": inputs, "wrong": wrong, "ulp": {"max": largest}}


def row(name: str, **kernels: dict[str, Any]) -> dict[str, Any]:
    return {"activation": name, "kernels": kernels}


def document(names: list[str], wrong: int = 0) -> dict[str, Any]:
    """Two rows of each name; ours is wrong in the last ones."""
    right = len(names) - wrong
    rows = {}
    for place, name in enumerate(names):
        ours = result(int(place >= right), 0.5 if place < right else 1.5)
        rows[f"{name}/value/float32"] = row(name, ours=ours, theirs=result(3, 17e6))
        rows[f"{name}/vjp/float32"] = row(name, ours=result(0, 0.25), theirs=result(4, "inf", 2000))
    return {
        "complete": True,
        "run": {"kernels": {"rows": ["ours", "theirs"], "logits": ["ours", "scipy"]}},
        "rows": rows,
        "logits": {
            "1": row("f", ours=result(0, 0.5), scipy=result(10, 12.5)),
            "2": row("f", ours=result(0, 0.4)),
        },
    }


def test_an_activation_is_a_line() -> None:
    lines = terminal(document(["f", "g"]), ["ours"], 0, FILES).splitlines()
    assert [line.split() for line in lines[:3]] == [
        ["max", "ulp", "ours", "wrong", "theirs", "%", "right"],
        ["f", "0.5", "0", "inf", "99.7666"],
        ["g", "0.5", "0", "inf", "99.7666"],
    ]
    assert lines[3] == (
        "On rows of logits: ours 0.5 ulp at most, 100.0000 % right; scipy 12.5 ulp at most, 99.0000 % right."
    )
    assert " ".join(" ".join(lines[4:]).split()) == (
        "PASS: all 6,000 results of ours in 6 rows are correctly rounded; the rest is in "
        "accuracy/accuracy.json and accuracy/accuracy.md"
    )


def test_what_is_wrong_comes_first_and_is_counted() -> None:
    lines = terminal(document([f"f{k}" for k in range(10)], wrong=9), ["ours"], 9, FILES).splitlines()
    assert lines[0] == "WRONG: f1/value/float32: ours in 1 of 1,000 results, 1.5 ulp at most"
    assert sum(line.startswith("WRONG") for line in lines) == 8
    assert lines[8] == "... and 1 more rows that are wrong"
    assert lines[11].split() == ["f1", "1.5", "1", "inf", "99.7666"]
    assert lines[-1].startswith("FAIL: 9 of 22 rows fail the gate; the rest is in accuracy")


@pytest.mark.parametrize(("count", "wrong"), [(38, 0), (38, 38), (40, 3), (20, 20)])
def test_it_fits_one_screen(count: int, wrong: int) -> None:
    names = [f"activation_{k:03d}"[-14:] for k in range(count)]
    lines = terminal(document(names, wrong), ["ours"], wrong, FILES).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert all(any(f"{name} " in line for line in lines) for name in names)


def test_long_tables_are_not_put_beside_each_other_where_there_is_no_room() -> None:
    lines = terminal(document(["f" * 30 + str(k) for k in range(25)]), [], 0, FILES).splitlines()
    assert len(lines) == 1 + 25 + 2
    assert max(map(len, lines)) <= 100


def test_other_ends() -> None:
    made = document(["f"])
    assert "PASS: 4 rows are measured; the rest" in terminal(made, [], 0, FILES)
    assert terminal({**made, "logits": {}}, ["ours"], 0, FILES).count("logits") == 0
    unfinished = terminal({**made, "complete": False}, ["ours"], 0, FILES)
    assert "INCOMPLETE: the run was not finished, 4 rows are there; the rest" in unfinished


def test_totals_are_those_of_all_rows() -> None:
    made = document(["f"])
    assert by_activation(made) == {
        "f": {"ours": Total(2000, 0, 0.5), "theirs": Total(3000, 7, float("inf"))},
    }
    assert on_logits(made) == {"ours": Total(2000, 0, 0.5), "scipy": Total(1000, 10, 12.5)}
    made["rows"]["f/value/float32"]["kernels"]["theirs"]["ulp"]["max"] = None
    made["rows"]["f/vjp/float32"]["kernels"]["theirs"]["ulp"]["max"] = None
    assert by_activation(made)["f"]["theirs"].max_ulp is None
