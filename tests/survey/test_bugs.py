"""Wrong regions by framework and activation, and how many there are."""

from __future__ import annotations

import re
from pathlib import Path

from refacts.reports.survey.bugs import bugs

from tests.judge.made import REGION
from tests.survey.surveyed import bad, exact
from tests.survey.test_pages import LINE, TORCH

HEAD = ["<!-- mark -->", "made today"]
ROWS = (
    exact("refacts:gelu"),
    bad("torch:sigmoid", activation="sigmoid", quantity="derivative", regions=(REGION, REGION)),
    bad(TORCH),
    bad(TORCH, quantity="derivative"),
    bad("jax.nn:gelu"),
)
SURVEY = Path(__file__).parents[2] / "docs" / "survey"


def test_each_framework_that_is_wrong_has_a_page() -> None:
    found = dict(bugs(ROWS, HEAD))
    assert list(found) == ["bugs.md", "bugs/torch.md", "bugs/jax.md"]
    assert all(text.startswith("<!-- mark -->\n\n# Wrong regions") for text in found.values())
    assert all("\nmade today\n" in text for text in found.values())


def test_lines_stand_under_their_activation_and_are_counted() -> None:
    text = dict(bugs(ROWS, HEAD))["bugs/torch.md"]
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## sigmoid", "## gelu"]
    assert "| [sigmoid](#sigmoid) | 0 | 2 |\n| [gelu](#gelu) | 1 | 1 |" in text
    assert text.index("## gelu") < text.index(f"- {LINE}")
    assert text.count("\n- ") == 4


def test_the_index_counts_and_points() -> None:
    text = dict(bugs(ROWS, HEAD))["bugs.md"]
    assert "| activation | [torch](bugs/torch.md) | [JAX](bugs/jax.md) |" in text
    assert "| gelu | [2](bugs/torch.md#gelu) | [1](bugs/jax.md#gelu) |" in text
    assert "| sigmoid | [2](bugs/torch.md#sigmoid) | · |" in text
    assert text.endswith("| together | 4 | 1 |\n")


def test_where_nothing_is_wrong_the_index_says_so() -> None:
    ((name, text),) = bugs([exact("refacts:gelu"), exact(TORCH)], HEAD)
    assert name == "bugs.md"
    assert text.endswith("\nThere are none.\n")


def test_the_counts_of_the_committed_index_are_those_of_its_pages() -> None:
    index = (SURVEY / "bugs.md").read_text(encoding="utf-8")
    links = re.findall(r"\[(\d+)\]\((bugs/\w+\.md)#(\w+)\)", index)
    assert len(links) > 80
    for count, name, activation in links:
        page = (SURVEY / name).read_text(encoding="utf-8")
        section = page.partition(f"\n## {activation}\n")[2].partition("\n## ")[0]
        assert section.count("\n- ") == int(count), (name, activation)
