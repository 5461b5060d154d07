"""The tables of docs/accuracy.md: made from a report, and stale as soon as the report is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from refacts.reports import document as documents
from refacts.reports import environment
from refacts.reports.command import main
from refacts.reports.inputs.modes import THOROUGH, Settings
from refacts.reports.inputs.plan import shards
from refacts.reports.quantities import CATALOGUE
from refacts.reports.render.readme import PAGE, SCHEMA, SOURCE, TABLES, marks, stale
from refacts.reports.render.table import COMMANDS
from refacts.reports.targets.kernels import KERNELS, by_section

from tests.reports.test_report import RELU

ROOT = Path(__file__).parents[2]
BEGIN, END = marks("accuracy table")
EMPTY = "\n".join("".join(marks(name)) for name in TABLES)
SETTINGS = Settings(THOROUGH, 7, tuple(CATALOGUE))


def result(largest: float | str | None, **mismatches: int) -> dict[str, Any]:
    counts = {"nan": 0, "inf": 0, "sign": 0, "false_zero": 0} | mismatches
    return {"wrong": 0, "ulp": {"max": largest, "mean": 0.25}, "mismatches": counts}


def measured() -> dict[str, Any]:
    """A report as `refacts report` would write it, with what the table does not need left out."""
    run = {**SETTINGS.as_json(), "kernels": by_section(KERNELS)}
    document = documents.new(environment.environment(), run)
    for shard in shards(SETTINGS):
        others = ("textbook", "shifted", "scipy")
        named = [kernel.name for kernel in KERNELS if shard.concerns(kernel)]
        kernels = {"refacts": result(0.5), **{name: result(3.25) for name in others if name in named}}
        row = {**shard.described(SETTINGS), "inputs": 1000, "kernels": kernels}
        document[shard.section][shard.key] = row
    return {**document, "complete": True}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with docs/accuracy.md and no table yet."""
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text(f"# Ours\n\n{EMPTY}\nThe end.\n", encoding="utf-8")
    return tmp_path


def shown(document: dict[str, Any], directory: Path) -> int:
    """`refacts readme` for a report; its exit code."""
    path = directory / "accuracy.json"
    path.write_text(documents.text(document), encoding="utf-8")
    return main(["readme", str(path), "--directory", str(directory)])


def test_the_tables_are_current() -> None:
    found = stale(ROOT)
    assert not found, f"{'; '.join(found)}. To bring it up to date: {COMMANDS}"


def test_a_report_becomes_the_table(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = measured()
    rows = report["rows"]
    rows["relu/derivative/float32"]["kernels"]["textbook"] = result(None, nan=3)
    rows["relu/value/float64"]["kernels"]["textbook"] = result(1.2345e10, inf=1, nan=1)
    rows["relu/derivative/float64"]["kernels"]["textbook"] = result("inf")
    assert shown(report, checkout) == 0
    assert capsys.readouterr().err == ""
    text = (checkout / PAGE).read_text(encoding="utf-8")
    assert text.startswith(f"# Ours\n\n{BEGIN}\nHow many results")
    assert text.endswith(f"|\n\n{marks('logits table')[1]}\nThe end.\n")
    assert "The run: thorough, seed 7, refacts" in text
    assert f"({1000 * len(rows):,} in all)" in text
    relu = "| `relu` | `max(x, 0)` | 12,000 | 100.0000 | 3.25 | -, NaN | 1.24e+10, NaN, inf | >1e308 |"
    lines = text.splitlines()
    assert relu in lines
    assert "| `swiglu` | `a silu(b)` | 16,000 | 100.0000 | 3.25 | - | 3.25 | - |" in lines
    of_results = lines[: lines.index(END.strip())]
    assert [line.split("`")[1] for line in of_results if line.startswith("| `")] == list(CATALOGUE)
    assert stale(checkout) == []


def test_a_report_becomes_the_table_of_logits(checkout: Path) -> None:
    report = measured()
    kernels = report["logits"]["softmax/value/float64/uniform/1000"]["kernels"]
    kernels["shifted"] = result(511.01)
    del kernels["scipy"]
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
    report["run"]["seed"] = 8
    assert shown(report, checkout) == 0
    assert "seed 8" in (checkout / PAGE).read_text(encoding="utf-8")


def incomplete(document: Any) -> None:
    document["complete"] = False


def quick(document: Any) -> None:
    document["run"]["mode"] = "quick"


def of_one_kernel(document: Any) -> None:
    document["run"]["kernels"]["rows"] = ["refacts"]


def wrong(document: Any) -> None:
    document["rows"]["tanh/vjp/float32"]["kernels"]["refacts"]["wrong"] = 1


def wrong_on_logits(document: Any) -> None:
    document["logits"]["softmax/vjp/float32/N(0,1)/1000"]["kernels"]["refacts"]["wrong"] = 1


def logits_short(document: Any) -> None:
    del document["logits"]["softmax/value/float64/uniform/100000"]


def a_row_short(document: Any) -> None:
    del document["rows"]["softmax/jacobian/float64"]


def an_activation_short(document: Any) -> None:
    for key in [key for key in document["rows"] if key.startswith("relu/")]:
        del document["rows"][key]


def a_row_more(document: Any) -> None:
    document["rows"]["nolu/value/float16"] = document["rows"]["relu/value/float16"]


def of_another_alpha(document: Any) -> None:
    document["rows"]["leaky_relu/value/float16"]["parameters"] = {"alpha": "0.01"}


def of_other_formulas(document: Any) -> None:
    document["environment"]["formulas_sha256"] = "0" * 64


PLANTED = [
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
def test_a_stale_document_is_seen(spoil: Callable[[Any], None], said: str, checkout: Path) -> None:
    assert shown(measured(), checkout) == 0
    path = checkout / "docs" / "accuracy.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    spoil(document)
    path.write_text(documents.text(document), encoding="utf-8")
    found = stale(checkout)
    assert len(found) == 1
    assert found[0].startswith(f"docs/accuracy.json {said}")


@pytest.mark.parametrize(("spoil", "said"), PLANTED)
def test_a_report_that_is_not_to_be_shown_is_refused(
    spoil: Callable[[Any], None], said: str, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (checkout / PAGE).read_bytes()
    report = measured()
    spoil(report)
    assert shown(report, checkout) == 1
    assert f"accuracy.json {said}" in capsys.readouterr().err
    assert (checkout / PAGE).read_bytes() == before
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
