"""The tables of docs/accuracy.md: made from a report, and stale as soon as the report is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from refacts.reports import environment, verdicts
from refacts.reports.command import main
from refacts.reports.inputs import points
from refacts.reports.inputs.entries import Entry, entries
from refacts.reports.inputs.logits import Logits
from refacts.reports.inputs.modes import THOROUGH, Settings
from refacts.reports.judge.gate import Gate
from refacts.reports.judge.rows import MISMATCHES, Error, Row
from refacts.reports.quantities import CATALOGUE
from refacts.reports.render.readme import PAGE, SCHEMA, SOURCE, TABLES, marks, reduced, stale, text_of
from refacts.reports.render.table import COMMANDS
from refacts.reports.targets.kernels import KERNELS, by_section

from tests.judge.made import row
from tests.reports.reported import RELU

ROOT = Path(__file__).parents[2]
BEGIN, END = marks("accuracy table")
EMPTY = "\n".join("".join(marks(name)) for name in TABLES)
SETTINGS = Settings(THOROUGH, 7, tuple(CATALOGUE))


Report = verdicts.Document


def result(entry: Entry, target: str) -> Row:
    """A row as `refacts report` would have it, with what the tables do not need left out."""
    question = entry.question
    inputs = entry.inputs.count(question) if isinstance(entry.inputs, Logits) else 1000
    return row(
        target=target,
        activation=question.activation.spec.name,
        parameters=entry.parameters,
        quantity=question.quantity,
        formats=question.formats,
        coverage=points.coverage(question, entry.inputs),
        drawn=entry.drawn,
        inputs=inputs,
        correct=inputs,
        within_one=inputs if target == "refacts" else inputs // 2,
        error=Error(0.5 if target == "refacts" else 3.25),
        worst=(),
        bins=(),
        gate=Gate(0.5) if target == "refacts" else Gate(),
    )


@cache
def measured() -> Report:
    run = {**SETTINGS.as_json(), "kernels": by_section(KERNELS)}
    planned = [(each, kernel) for each in entries(SETTINGS) for kernel in KERNELS if each.concerns(kernel)]
    rows = tuple(result(each, kernel.name) for each, kernel in planned)
    return Report(True, environment.environment(), run, rows)


def changed(report: Report, key: str, **changes: Any) -> Report:
    """The report with changes to one row."""
    assert key in {each.key for each in report.rows}
    rows = (replace(each, **changes) if each.key == key else each for each in report.rows)
    return replace(report, rows=tuple(rows))


def without(report: Report, asked: str) -> Report:
    """The report without the rows whose keys hold that."""
    kept = tuple(each for each in report.rows if asked not in each.key)
    assert len(kept) < len(report.rows)
    return replace(report, rows=kept)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with docs/accuracy.md and no table yet."""
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text(f"# Ours\n\n{EMPTY}\nThe end.\n", encoding="utf-8")
    return tmp_path


def shown(report: Report, directory: Path) -> int:
    """`refacts readme` for a report; its exit code."""
    path = directory / "accuracy.json"
    path.write_text(verdicts.text(report), encoding="utf-8")
    return main(["readme", str(path), "--directory", str(directory)])


def test_the_tables_are_current() -> None:
    found = stale(ROOT)
    assert not found, f"{'; '.join(found)}. To bring it up to date: {COMMANDS}"


def test_a_report_becomes_the_table(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, none = measured(), dict.fromkeys(MISMATCHES, 0)
    for asked, largest, counts in (
        ("derivative/float32", None, {"nan": 3}),
        ("value/float64", 1.2345e10, {"inf": 1, "nan": 1}),
        ("derivative/float64", math.inf, {}),
    ):
        key = f"textbook as relu/{asked}"
        report = changed(report, key, error=Error(largest), mismatches=none | counts)
    assert shown(report, checkout) == 0
    assert capsys.readouterr().err == ""
    text = (checkout / PAGE).read_text(encoding="utf-8")
    assert text.startswith(f"# Ours\n\n{BEGIN}\nHow many results")
    assert text.endswith(f"|\n\n{marks('logits table')[1]}\nThe end.\n")
    assert "The run: thorough, seed 7, refacts" in text
    asked = [entry for entry in entries(SETTINGS) if not entry.drawn]
    assert f"({1000 * len(asked):,} in all)" in text
    relu = "| `relu` | `max(x, 0)` | 12,000 | 100.0000 | 3.25 | -, NaN | 1.24e+10, NaN, inf | >1e308 |"
    lines = text.splitlines()
    assert relu in lines
    assert "| `swiglu` | `a silu(b)` | 16,000 | 100.0000 | 3.25 | - | 3.25 | - |" in lines
    of_results = lines[: lines.index(END.strip())]
    assert [line.split("`")[1] for line in of_results if line.startswith("| `")] == list(CATALOGUE)
    assert stale(checkout) == []


def test_a_report_becomes_the_table_of_logits(checkout: Path) -> None:
    report = measured()
    on = "as softmax/value/float64 on logits uniform, n = 1000"
    report = changed(report, f"shifted {on}", error=Error(511.01))
    report = replace(report, rows=tuple(each for each in report.rows if each.key != f"scipy {on}"))
    assert shown(report, checkout) == 0
    lines = (checkout / PAGE).read_text(encoding="utf-8").splitlines()
    plain = "0.5 / 3.25 / 3.25"
    assert f"| `softmax` | float64 | {' | '.join([plain] * 4)} | 0.5 / 512 | {plain} |" in lines
    assert f"| `softmax.vjp` | float32 |{' 0.5 / 3.25 |' * 6}" in lines
    first = next(line for line in lines if line.startswith("Largest error"))
    assert "of refacts / shifted / SciPy, where" in first


def test_the_table_is_made_anew_from_a_new_report(checkout: Path) -> None:
    assert shown(measured(), checkout) == 0
    once = (checkout / PAGE).read_bytes()
    assert shown(measured(), checkout) == 0
    assert (checkout / PAGE).read_bytes() == once
    report = measured()
    assert shown(replace(report, run={**report.run, "seed": 8}), checkout) == 0
    assert "seed 8" in (checkout / PAGE).read_text(encoding="utf-8")


def incomplete(report: Report) -> Report:
    return replace(report, complete=False)


def quick(report: Report) -> Report:
    return replace(report, run={**report.run, "mode": "quick"})


def of_one_kernel(report: Report) -> Report:
    kernels = {**report.run["kernels"], "rows": ["refacts"]}
    return replace(report, run={**report.run, "kernels": kernels})


def wrong(report: Report) -> Report:
    return changed(report, "refacts as tanh/vjp/float32", correct=999)


def wrong_on_logits(report: Report) -> Report:
    return changed(report, "refacts as softmax/vjp/float32 on logits N(0,1), n = 1000", correct=0)


def logits_short(report: Report) -> Report:
    return without(report, " as softmax/value/float64 on logits uniform, n = 100000")


def a_row_short(report: Report) -> Report:
    return without(report, " as softmax/jacobian/float64")


def an_activation_short(report: Report) -> Report:
    return without(report, " as relu/")


def a_row_more(report: Report) -> Report:
    asked = " as relu/value/float16"
    more = tuple(replace(each, activation="nolu") for each in report.rows if each.key.endswith(asked))
    return replace(report, rows=(*report.rows, *more))


def of_another_alpha(report: Report) -> Report:
    asked = "leaky_relu(alpha=0.2)/value/float16"
    for target in ("refacts", "textbook"):
        report = changed(report, f"{target} as {asked}", parameters={"alpha": "0.01"})
    return report


def of_other_formulas(report: Report) -> Report:
    return replace(report, environment={**report.environment, "formulas_sha256": "0" * 64})


PLANTED: list[tuple[Callable[[Report], Report], str]] = [
    (incomplete, "is INCOMPLETE"),
    (quick, "is of mode quick, want thorough"),
    (of_one_kernel, "is of the kernels refacts in rows, want refacts, textbook"),
    (wrong, "has wrong results of refacts: tanh/vjp/float32"),
    (wrong_on_logits, "has wrong results of refacts: softmax/vjp/float32/N(0,1)/1000"),
    (a_row_short, "lacks softmax/jacobian/float64"),
    (logits_short, "lacks softmax/value/float64/uniform/100000"),
    (an_activation_short, "lacks relu/value/float16, relu/value/bfloat16, relu/value/float32 and 9 more"),
    (a_row_more, "has rows that nothing asks for: nolu/value/float16"),
    (of_another_alpha, "is of other parameters: leaky_relu/value/float16"),
    (of_other_formulas, "measured other formulas than those in refacts/activations"),
]


@pytest.mark.parametrize(("spoil", "said"), PLANTED)
def test_a_stale_document_is_seen(
    spoil: Callable[[Report], Report], said: str, checkout: Path
) -> None:
    assert shown(measured(), checkout) == 0
    path = checkout / "docs" / "accuracy.json"
    path.write_text(text_of(reduced(spoil(measured()))), encoding="utf-8")
    found = stale(checkout)
    assert len(found) == 1
    assert found[0].startswith(f"docs/accuracy.json {said}")


@pytest.mark.parametrize(("spoil", "said"), PLANTED)
def test_a_report_that_is_not_to_be_shown_is_refused(
    spoil: Callable[[Report], Report], said: str, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (checkout / PAGE).read_bytes()
    assert shown(spoil(measured()), checkout) == 1
    assert f"accuracy.json {said}" in capsys.readouterr().err
    assert (checkout / PAGE).read_bytes() == before
    assert not (checkout / SOURCE).exists()


def test_an_edited_report_and_another_document_are_refused(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = checkout / "accuracy.json"
    path.write_text(verdicts.text(measured()).replace('"max":3.25', '"max":0.25', 1), encoding="utf-8")
    assert main(["readme", str(path), "--directory", str(checkout)]) == 2
    assert "was edited: its digest is not that of its rows" in capsys.readouterr().err
    assert shown(replace(measured(), run={"targets": []}), checkout) == 2
    assert "is not a document of `refacts report`" in capsys.readouterr().err
    assert not (checkout / SOURCE).exists()


def test_a_real_report_has_what_the_table_needs(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a quick one of one activation says what it lacks."""
    assert main([*RELU, str(checkout)]) == 0
    capsys.readouterr()
    assert main(["readme", str(checkout / "accuracy.json"), "--directory", str(checkout)]) == 1
    sentences = capsys.readouterr().err.splitlines()
    assert len(sentences) == 2
    assert sentences[0].endswith("is of mode quick, want thorough")
    assert "accuracy.json lacks " in sentences[1]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ("100.0000", "accuracy table"),
        ("seed 7", "accuracy table"),
        ("`relu`", "accuracy table"),
        ("`softmax.vjp`", "logits table"),
    ],
)
def test_an_edited_table_is_seen(changed: str, name: str, checkout: Path) -> None:
    assert shown(measured(), checkout) == 0
    path = checkout / PAGE
    path.write_text(path.read_text(encoding="utf-8").replace(changed, "better", 1), encoding="utf-8")
    assert stale(checkout) == [f"the {name} of docs/accuracy.md does not show docs/accuracy.json"]


def test_an_edited_document_is_seen(checkout: Path) -> None:
    assert shown(measured(), checkout) == 0
    path = checkout / "docs" / "accuracy.json"
    path.write_text(path.read_text(encoding="utf-8").replace("3.25", "1e9", 1), encoding="utf-8")
    assert stale(checkout) == [f"{path} was edited: its digest is not that of its rows"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("docs/accuracy.json", None, "cannot be read"),
        ("docs/accuracy.json", "{", "cannot be read"),
        ("docs/accuracy.json", "[]", f"is not a document of schema {SCHEMA}"),
        ("docs/accuracy.md", f"{END}{BEGIN}", "has no place for the accuracy table"),
        ("docs/accuracy.md", f"{BEGIN}{END}", "has no place for the logits table"),
        ("docs/accuracy.md", None, "cannot be read"),
    ],
)
def test_missing_files_are_sentences(name: str, content: str | None, said: str, checkout: Path) -> None:
    assert shown(measured(), checkout) == 0
    if content is None:
        (checkout / name).unlink()
    else:
        (checkout / name).write_text(content, encoding="utf-8")
    found = stale(checkout)
    assert len(found) == 1
    assert found[0].startswith(f"{checkout / name} {said}")


def test_no_report_at_that_path_is_a_usage_error(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["readme", str(checkout / "none.json"), "--directory", str(checkout)]) == 2
    assert "none.json cannot be read" in capsys.readouterr().err


def test_a_page_without_a_place_for_the_table(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / PAGE).write_text("# Ours\n", encoding="utf-8")
    assert shown(measured(), checkout) == 2
    assert "has no place for the accuracy table" in capsys.readouterr().err
    assert not (checkout / SOURCE).exists()


def test_a_document_that_is_not_ours_is_left(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (checkout / PAGE).read_bytes()
    (checkout / SOURCE).write_text("mine")
    assert shown(measured(), checkout) == 2
    assert "accuracy.json is not one of refacts' files: it is not overwritten" in capsys.readouterr().err
    assert ((checkout / SOURCE).read_text(), (checkout / PAGE).read_bytes()) == ("mine", page)
    (checkout / SOURCE).unlink()
    (checkout / SOURCE).mkdir()
    assert shown(measured(), checkout) == 2
    assert "accuracy.json is a directory" in capsys.readouterr().err
