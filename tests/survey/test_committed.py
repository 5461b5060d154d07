"""The survey in docs/survey: whole, and its pages are what the document says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from refacts.reports.survey.bugs import FOLDER
from refacts.reports.survey.findings import frameworks
from refacts.reports.survey.frameworks import FRAMEWORKS, framework_of
from refacts.reports.survey.functions import entries
from refacts.reports.survey.pages import pages
from refacts.reports.survey.record import read
from refacts.reports.verdicts import Document

SURVEY = Path(__file__).parents[2] / "docs" / "survey"


@pytest.fixture(scope="module")
def document() -> Document:
    return read(SURVEY / "survey.json")


def stale(document: Document, folder: Path) -> list[str]:
    """The pages that are not what the document says."""
    return [name for name, text in pages(document) if (folder / name).read_text(encoding="utf-8") != text]


def test_the_pages_are_current(document: Document) -> None:
    assert stale(document, SURVEY) == [], "refacts survey --read docs/survey/survey.json --out docs/survey"


def strays(document: Document, folder: Path) -> list[str]:
    """The pages of frameworks that a document has none for."""
    made = {name for name, _ in pages(document)}
    return [name for path in (folder / FOLDER).iterdir() if (name := f"{FOLDER}/{path.name}") not in made]


def test_no_page_is_left_from_another_survey(document: Document) -> None:
    assert strays(document, SURVEY) == []
    right = [row for row in document.rows if framework_of(row.target) != "jax"]
    assert strays(replace(document, rows=tuple(right)), SURVEY) == ["bugs/jax.md"]


def test_a_stale_page_is_seen(document: Document) -> None:
    assert stale(replace(document, rows=document.rows[:-20]), SURVEY) != []


def test_the_survey_is_whole(document: Document) -> None:
    assert document.complete
    assert frameworks(document.rows) == list(FRAMEWORKS)
    judged = {(row.target, row.activation) for row in document.rows}
    assert {(each.target.title, each.activation) for each in entries()} <= judged
    assert all(row.control.holds and row.confirmed >= 1000 for row in document.rows)
    assert {row.verdict for row in document.rows} <= {"measured", "incomplete"}


def test_refacts_is_correctly_rounded_everywhere(document: Document) -> None:
    ours = [row for row in document.rows if framework_of(row.target) == "refacts"]
    assert len(ours) >= 6 * 30
    assert [row.key for row in ours if row.wrong or row.excused or row.incidents] == []


def test_it_is_small() -> None:
    assert (SURVEY / "survey.json").stat().st_size < 2**20
    assert (SURVEY / "picture.svg").stat().st_size < 2**17
    assert len((SURVEY / "survey.md").read_text().splitlines()) <= 300
