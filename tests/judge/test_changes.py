"""Two documents compared: what is worse fails, what is better is listed, and other inputs are said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.judge.changes import Change, changes
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import Error, Row
from refacts.reports.render.changes import HEIGHT, terminal
from refacts.reports.render.texts import columns
from refacts.reports.verdicts import Document

from tests.judge.made import NONE, RAISED, UNSTEADY, row, wrong

KEY = "kernel:f as gelu/value/float32"


def document(*rows: Row, complete: bool = True, **environment: Any) -> Document:
    return Document(complete, environment, {}, rows)


WORSE = [
    ({"error": Error(1.76, 1.5, 1.25, 0.25)}, "max ulp 1.75 -> 1.76"),
    ({"error": Error(1.7500001, 1.5, 1.25, 0.25)}, "max ulp 1.75 -> 1.76"),
    ({"correct": 89_999}, "not correctly rounded 10,000 -> 10,001 of 100,000"),
    ({"over_budget": 1}, "over the budget 0 -> 1 of 100,000"),
    ({"mismatches": NONE | {"nan": 12}}, "NaN mismatches 0 -> 12 of 100,000"),
    ({"mismatches": NONE | {"false_zero": 1}}, "false zeros 0 -> 1 of 100,000"),
    ({"artefacts": {"flushed": 3}}, "artefacts (flushed) 0 -> 3 of 100,000"),
    ({"excused": {"kink": 3}}, "excused by kink 0 -> 3 of 100,000"),
    ({"incidents": (RAISED, UNSTEADY, UNSTEADY)}, "calls that went wrong (raised) 0 -> 1"),
    ({"verdict": "incomplete"}, "verdict pass -> incomplete"),
]


@pytest.mark.parametrize(("change", "said"), WORSE)
def test_what_is_worse_fails_and_the_other_way_round_is_better(change: dict[str, Any], said: str) -> None:
    old, new = document(row()), document(row(**change))
    found = changes(old, new)
    assert [each.key for each in found.worse] == [KEY]
    assert found.worse[0].phrases[0] == said
    assert found.better == ()
    back = changes(new, old)
    assert back.worse == ()
    assert len(back.better[0].phrases) == len(found.worse[0].phrases)


def test_the_same_is_neither() -> None:
    for rows in ((row(), wrong(target="b:f")), ()):
        assert changes(document(*rows), document(*rows)) == changes(document(*rows), document(*rows[::-1]))
        found = changes(document(*rows), document(*rows))
        assert (found.worse, found.better, found.remarks) == ((), (), ())


def test_a_row_can_be_worse_and_better() -> None:
    found = changes(document(row()), document(row(correct=95_000, error=Error(1.9, 1.5, 1.25, 0.25))))
    assert found.worse == (Change(KEY, ("max ulp 1.75 -> 1.9",)),)
    assert found.better == (Change(KEY, ("not correctly rounded 10,000 -> 5,000 of 100,000",)),)


def test_no_budget_is_spoken_of_where_there_is_none() -> None:
    free = {"gate": Gate(), "verdict": "measured"}
    old, new = row(**free, over_budget=9), row(**free, over_budget=8, correct=90_001)
    found = changes(document(old), document(new))
    assert [each.phrases for each in found.better] == [("not correctly rounded 10,000 -> 9,999 of 100,000",)]
    assert found.worse == ()


def test_errors_that_differ_in_the_fourth_digit_are_told_apart() -> None:
    found = changes(document(row(error=Error(1.2341, 1, 1, 1))), document(row(error=Error(1.2342, 1, 1, 1))))
    assert found.worse == (Change(KEY, ("max ulp 1.2341 -> 1.2342",)),)


def test_a_row_without_errors_is_not_better() -> None:
    nothing = row(error=Error(None, None, None, None), correct=0, mismatches=NONE | {"nan": 100_000})
    found = changes(document(row()), document(nothing))
    assert [len(found.worse[0].phrases), found.better] == [2, ()]
    stopped = row(inputs=0, correct=0, unanswered=100_000, verdict="incomplete", incidents=(RAISED,))
    phrases = changes(document(row()), document(stopped)).worse[0].phrases
    assert "unanswered 0 of 100,000 -> 100,000 of 0" in phrases


def test_a_row_that_vanishes_is_worse_unless_that_is_ok() -> None:
    old, new = document(row(), row(quantity="vjp")), document(row(), row(quantity="jvp"))
    found = changes(old, new)
    assert found.worse == (Change("kernel:f as gelu/vjp/float32", ("is no longer there",)),)
    assert found.remarks == ("kernel:f as gelu/jvp/float32 is new",)
    assert found.compared == 1
    allowed = changes(old, new, missing_ok=True)
    assert allowed.worse == ()
    assert "kernel:f as gelu/vjp/float32 is no longer there" in allowed.remarks


def test_rows_on_other_inputs_are_not_compared_and_that_is_said() -> None:
    small = row(inputs=1000, correct=9, seed=1, coverage="uniform", gate=Gate(3.0, 1e-3, ("kink",), 2.0))
    found = changes(document(row()), document(small))
    assert (found.compared, found.worse, found.better) == (0, (), ())
    assert found.remarks == (
        "seed 0 -> 1 in 1 of 1 rows, which are not compared",
        "inputs 100,000 -> 1,000 in 1 of 1 rows, which are not compared",
        "coverage sampled -> uniform in 1 of 1 rows, which are not compared",
        "gate 2 ulp -> 3 ulp, quota 0.001, kink, ratio 2 in 1 of 1 rows, which are not compared",
    )


def test_results_that_are_missing_do_not_make_other_inputs() -> None:
    (worse,) = changes(document(row()), document(row(inputs=99_000, correct=90_000, unanswered=1000))).worse
    assert "unanswered 0 of 100,000 -> 1,000 of 99,000" in worse.phrases


def test_other_versions_and_unfinished_runs_are_said() -> None:
    old = document(row(), refacts="0.1", cpu_features=["a"], source_sha256="x", scipy=None)
    new = document(row(), complete=False, refacts="0.2", cpu_features=["b"], source_sha256="y", scipy="1")
    assert changes(old, new).remarks == (
        "the new run was not finished",
        "refacts: 0.1 -> 0.2",
        "scipy: None -> 1",
    )


def test_the_terminal_says_worse_first_and_the_verdict_last() -> None:
    long = {"target": "\x1b[1m" + "f" * 200}
    rows = [row(**long, parameters={"a": str(k)}) for k in range(30)]
    new = [replace(rows[0], correct=95_000), *(replace(each, correct=0) for each in rows[1:])]
    lines = terminal(changes(document(*rows), document(*new)), ("a" * 150, "b"), encoding="ascii").split("\n")
    assert len(lines) <= HEIGHT
    assert max(map(columns, lines)) <= 100
    assert all(line.isprintable() for line in lines)
    assert lines[:2] == ["worse:", "    \\x1b[1m" + "f" * 89]
    told = sum(line.startswith("worse") for line in lines)
    assert f"... and {30 - told} more with --all" in lines
    everything = terminal(changes(document(*rows), document(*new)), ("a", "b"), everything=True)
    assert everything.endswith("\nWORSE: 29 rows got worse and 1 row better from a to b, 30 rows compared")
    assert everything.count("\nbetter:") == 1


@pytest.mark.parametrize(
    ("new", "options", "code", "said"),
    [
        (document(row()), [], 0, "PASS: 0 rows got worse and 0 rows better"),
        (document(row(correct=99_000)), [], 0, "PASS: 0 rows got worse and 1 row better"),
        (document(row(correct=1)), [], 1, "WORSE: 1 row got worse"),
        (document(), [], 1, "WORSE: 1 row got worse"),
        (document(), ["--missing", "ok"], 0, "PASS"),
        (document(row(), complete=False), [], 3, "PASS"),
    ],
)
def test_the_command(
    new: Document, options: list[str], code: int, said: str, tmp_path: Path, capsys: Any
) -> None:
    paths = tmp_path / "old.json", tmp_path / "new.json"
    for path, each in zip(paths, (document(row()), new), strict=True):
        verdicts.write("--json", path, each)
    assert main(["compare", *map(str, paths), *options]) == code
    captured = capsys.readouterr()
    last = [line for line in captured.out.splitlines() if not line.startswith("    ")][-1]
    assert last.startswith(said)
    assert captured.err == ""


def test_the_command_refuses_other_files(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "old.json").write_text("{}")
    assert main(["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("is not a document of `refacts verify --json` or `refacts report`\n")


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("measured", 0), ("void", 3), ("incomplete", 3)])
def test_a_run_that_says_nothing_is_no_pass(tmp_path: Path, verdict: str, code: int) -> None:
    path = tmp_path / "a.json"
    path.write_text(verdicts.text(document(row(verdict=verdict))))
    assert main(["compare", str(path), str(path)]) == code
    found = changes(document(row(verdict=verdict)), document(row(verdict=verdict)))
    assert found.remarks == (
        tuple(f"1 row of the {name} run is {verdict}" for name in ("old", "new")) if code else ()
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"verdict": "banana"}, "verdict must be one of pass, fail, measured, incomplete, void (got"),
        ({"coverage": "some"}, "coverage must be one of"),
        ({"correct": -1}, "correct must be at least 0 (got -1)"),
        ({"correct": 100_001}, "correct must be at most inputs, 100000 (got 100001)"),
        ({"mismatches": NONE | {"nan": -2}}, "mismatches.nan must be at least 0"),
        ({"error": Error(-1.0, 1.0, 1.0, 1.0)}, "error.max must be at least 0"),
        ({"error": Error(float("nan"), 1.0, 1.0, 1.0)}, "error.max must be a number (got 'nan')"),
        ({"error": Error(1.0, float("nan"), 1.0, 1.0)}, "error.p999 must be a number (got 'nan')"),
        ({"normwise": float("nan")}, "normwise must be a number (got 'nan')"),
    ],
)
def test_impossible_figures_are_refused(
    tmp_path: Path, change: dict[str, Any], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(verdicts.text(document(row(**change))))
    assert main(["compare", str(path), str(path)]) == 2
    assert says in capsys.readouterr().err
