"""`refacts survey`: refusals, files, an interruption and going on."""

from __future__ import annotations

from pathlib import Path

import pytest
from refacts.reports import verdicts
from refacts.reports.command import main, survey
from refacts.reports.survey.frameworks import FRAMEWORKS
from refacts.reports.survey.functions import entries
from refacts.reports.survey.record import run_of
from refacts.reports.verdicts import Document

from tests.survey.surveyed import Pretended, bad, begun, document, exact

CHOSEN = [each for each in entries() if each.activation in ("gelu", "sigmoid")]


@pytest.fixture(autouse=True)
def _without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture has a test of its own."""
    monkeypatch.setattr(survey, "find_spec", lambda name: None)


def run(folder: Path, given: Document, judge: Pretended) -> int:
    return survey.survey(folder, given, CHOSEN, judge, 1)


def test_all_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, begun("refacts", "torch"), Pretended()) == 0
    names = {f"{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*.*")}
    assert names == {"survey.json", "survey.md", "bugs.md", "bugs/torch.md", "table.md"}
    found = verdicts.read(tmp_path / "survey.json")
    assert found.complete
    assert len(found.rows) == run_of(found).done == len(CHOSEN)
    said = capsys.readouterr()
    assert (
        "left out: scipy.special:expit as sigmoid, derivative in bfloat16: raised TypeError: no" in said.err
    )
    assert "picture.svg is left out: matplotlib is missing" in said.err
    assert said.out.startswith("Of 9 functions, 2 are wrong")


def test_an_interrupted_survey_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole, parts):
        folder.mkdir()
    assert run(whole, begun("refacts"), Pretended()) == 0
    assert run(parts, begun("refacts"), Pretended(stop=4)) == 3
    assert "INCOMPLETE: interrupted; the same command goes on" in capsys.readouterr().err
    left = survey.resumed(parts, begun("refacts"))
    assert run_of(left).done == 3
    judge = Pretended()
    assert run(parts, left, judge) == 0
    assert judge.calls == len(CHOSEN) - 3
    assert (parts / "survey.json").read_bytes() == (whole / "survey.json").read_bytes()


def test_another_run_is_not_gone_on_with(tmp_path: Path) -> None:
    assert run(tmp_path, begun("refacts"), Pretended(stop=4)) == 3
    assert run_of(survey.resumed(tmp_path, begun("refacts", "jax"))).done == 0
    assert run(tmp_path, begun("refacts"), Pretended()) == 0
    assert run_of(survey.resumed(tmp_path, begun("refacts"))).done == 0  # that one is finished


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("survey.json", '{\n"schema": "refacts-verdict/0"}', "it is not replaced: delete it"),
        ("survey.json", '{\n"schema": "refacts-verdict/2", "rows"', "it is not replaced: delete it"),
        ("survey.json", "mine", "it is not overwritten"),
        ("bugs.md", "mine", "it is not overwritten"),
        ("picture.svg", "mine", "it is not overwritten"),
    ],
)
def test_what_is_not_a_sound_survey_is_left(
    name: str, text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    call = ["survey", "--out", str(tmp_path), "--targets", "refacts", "--only", "relu", "--samples", "0"]
    assert main(call) == 2
    assert said in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == text


def test_pages_are_made_of_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "survey.json"
    verdicts.write("--out", path, document(exact("refacts:gelu"), bad("torch.nn.functional:gelu")))
    assert main(["survey", "--read", str(path), "--out", str(tmp_path / "pages")]) == 0
    assert "1.7e7" in (tmp_path / "pages" / "table.md").read_text()
    verdicts.write("--out", path, document(exact("refacts:gelu"), complete=False))
    assert main(["survey", "--read", str(path), "--out", str(tmp_path / "pages")]) == 3
    verdicts.write("--out", path, Document(True, {}, {}, ()))
    assert main(["survey", "--read", str(path), "--out", str(tmp_path / "pages")]) == 2
    assert "is not a document of `refacts survey`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--only", "gleu"], "unknown activation 'gleu': did you mean glu, gelu"),
        (["--targets", "torhc"], "unknown framework 'torhc': did you mean torch"),
        (["--samples", "-1"], "must be at least 0 (got -1)"),
        (["--targets", "refacts", "--only", "prelu"], "no function of refacts is prelu"),
        (["--read", "no/such.json"], "no/such.json cannot be read"),
        (["--targets", "refacts", "--out", "/dev/null/x"], "cannot write to /dev/null/x"),
    ],
)
def test_refusals(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["survey", *argv]) == 2
    assert said in capsys.readouterr().err


def test_without_any_framework(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in FRAMEWORKS:
        if name != "refacts":
            monkeypatch.setitem(FRAMEWORKS, name, (name, "no_such_module", ()))
    assert main(["survey"]) == 2
    said = capsys.readouterr().err
    assert said.count("is not installed and left out: pip install") == len(FRAMEWORKS) - 1
    assert "no framework is installed: pip install torch, for one" in said


def test_a_file_that_is_not_ours_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "survey.json").write_text("mine")
    assert main(["survey", "--targets", "refacts", "--only", "relu", "--out", str(tmp_path)]) == 2
    assert "is not one of refacts' files" in capsys.readouterr().err
    assert (tmp_path / "survey.json").read_text() == "mine"
