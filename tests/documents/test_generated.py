"""The generated pages are what `python -m scripts.documents` writes; what is edited by hand is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import refacts
from scripts.documents import __main__ as documents
from scripts.documents import command_line, curves, plots
from scripts.documents.__main__ import COMMAND, PICTURES, ROOT, main, pages, stale
from scripts.documents.sections import NOTES


def test_the_pages_are_current() -> None:
    found = stale()
    assert not found, f"{'; '.join(found)}. To bring them up to date: {COMMAND} (--measure for new curves)"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are made once."""
    monkeypatch.setattr(documents, "pages", made)


@cache
def made() -> dict[str, str]:
    return pages()


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "docs", root / "docs")
    shutil.copy(ROOT / "README.md", root)
    return root


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("docs/activations/gelu.md", "", "docs/activations/gelu.md is not what the code says"),
        ("docs/activations/gelu.md", None, "docs/activations/gelu.md is missing"),
        ("docs/command-line.md", "", "docs/command-line.md is not what the code says"),
        ("README.md", "", "README.md is not what the code says"),
        (
            "docs/activations/gelu.svg",
            "<!-- drawn of 0123456789abcdef -->",
            "docs/activations/gelu.svg is not drawn of scripts/documents/curves.json",
        ),
        (
            "docs/activations/gelu.svg",
            None,
            "docs/activations/gelu.svg is not drawn of scripts/documents/curves.json",
        ),
        (
            "docs/activations/gelu.svg",
            lambda svg: svg.replace("</svg>", "<!-- mine --></svg>"),
            "docs/activations/gelu.svg was edited since it was drawn of scripts/documents/curves.json",
        ),
        (
            "docs/pictures/bound.svg",
            lambda svg: svg.replace("<?xml", "<?XML"),
            "docs/pictures/bound.svg was edited since it was drawn of scripts/documents/bound.py",
        ),
        (
            "docs/pictures/bound.svg",
            "<svg></svg>",
            "docs/pictures/bound.svg is not drawn of scripts/documents/bound.py",
        ),
    ],
)
@pytest.mark.usefixtures("known")
def test_a_stale_file_is_named(
    name: str, text: str | Callable[[str], str] | None, said: str, copied: Path
) -> None:
    before = (copied / name).read_text(encoding="utf-8")
    if text is None:
        (copied / name).unlink()
    else:
        (copied / name).write_text(text(before) if callable(text) else text, encoding="utf-8")
    assert stale(copied) == [said]
    (copied / name).write_text(before, encoding="utf-8")
    assert stale(copied) == []


def test_every_picture_of_the_pages_says_its_origin() -> None:
    """The survey's is made by `refacts survey`, of survey.json."""
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.svg")}
    drawn = {f"docs/activations/{each.spec.name}.svg" for each in refacts.CATALOGUE}
    assert found == drawn | {"docs/pictures/bound.svg", "docs/survey/picture.svg"}


def changed(what: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch) -> None:
    held = curves.read()
    what(held)
    monkeypatch.setattr(curves, "read", lambda: held)


def test_curves_of_other_formulas_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(lambda held: held.update(formulas_sha256="0" * 64), monkeypatch)
    assert curves.stale() == ["scripts/documents/curves.json was measured with other formulas"]


def test_pictures_of_other_curves_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    changed(lambda held: held["curves"]["gelu/value"].update(textbook="0.5"), monkeypatch)
    assert plots.stale(ROOT / PICTURES) == [
        "docs/activations/gelu.svg is not drawn of scripts/documents/curves.json"
    ]


def test_what_the_pictures_say_of_refacts_is_so() -> None:
    """The line at 0.5, and that the textbook is above it somewhere."""
    held = curves.read()["curves"]
    assert {key.split("/")[0] for key in held} == {each.spec.name for each in refacts.CATALOGUE}
    assert all(float(curve["refacts"]) <= 0.5 for curve in held.values())
    assert max(float(error) for error in held["gelu/value"]["textbook"].split()) > 1e7


def test_curves_are_measured_on_every_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anew, of two activations: refacts' own error is the committed one to the digit."""
    monkeypatch.setattr(refacts, "CATALOGUE", (refacts.sigmoid, refacts.logsumexp))
    found, held = curves.measure()["curves"], curves.read()["curves"]
    assert set(found) == {"sigmoid/value", "sigmoid/derivative", "logsumexp/value", "logsumexp/vjp"}
    for key, curve in found.items():
        assert len(curve["textbook"].split()) == 2 * (len(curves.EDGES) - 1)
        assert curve["refacts"] == held[key]["refacts"]


def test_every_activation_has_notes_and_a_page() -> None:
    names = [each.spec.name for each in refacts.CATALOGUE]
    assert list(NOTES) == names
    assert all("derivative" in notes for notes in NOTES.values())
    assert {f"docs/activations/{name}.md" for name in names} <= set(made())


def test_the_pages_say_what_the_kernels_return() -> None:
    page = made()["docs/activations/hard_swish.md"]
    assert "| -inf | -0 | 0 |" in page
    assert "| -3 | 0 | -0.5 |" in page
    assert "| -3 | -0.5 | 0 | 0 |" in page
    assert "`hard_swish.vjp(x, g, out=, dtype=)`" in page


def test_the_command_line_page_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = command_line.page()
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    monkeypatch.setenv("COLUMNS", "40")
    assert command_line.page() == before
    assert "| `--jobs N` | processes (as many as CPUs) |" in before


def test_a_readme_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="README.md has no place for the table"):
        documents.with_table("# Ours\n", {}, "")


def test_another_argument_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--measured"]) == 2
    assert capsys.readouterr().err == f"usage: {COMMAND} [--measure]\n"
