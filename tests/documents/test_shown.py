"""What README and docs/ show is so: sessions of Python and of the shell, budgets, workflows."""

from __future__ import annotations

import doctest
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from refacts.reports.command import main
from refacts.reports.command.arguments import Parser
from refacts.reports.judge import budgets

import refacts
from tests.documents.shown import ROOT, Block, blocks, missing, run, sessions

README, EXAMPLES = ROOT / "README.md", ROOT / "docs" / "examples.md"
PAGES = sorted([README, *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "activations").glob("*.md")])
SESSIONS = [
    pytest.param(*session, id=f"{path.name}-{k}")
    for path in (README, EXAMPLES)
    for k, session in enumerate(sessions(path))
]
MARKS = ("<!-- test command -->", "<!-- report command -->")


@pytest.mark.parametrize(
    "path", [path for path in PAGES if ">>>" in path.read_text(encoding="utf-8")], ids=lambda path: path.name
)
def test_sessions_of_python_are_so(path: Path) -> None:
    failed, tried = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert tried
    assert not failed


def test_every_page_with_python_is_tried() -> None:
    """The control: a page that claims something else fails."""
    assert sum(">>>" in path.read_text(encoding="utf-8") for path in PAGES) >= 41
    example = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "planted", None, None)
    assert doctest.DocTestRunner(verbose=False).run(example, out=lambda _: None).failed == 1


@pytest.mark.parametrize(("commands", "output"), SESSIONS)
def test_commands_print_what_is_shown(commands: str, output: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    code, printed = run(commands, tmp_path)
    if "digits.py" in commands:  # BLAS has its say in the last digits
        output, printed = (re.sub(r"[\d.]+%?| +", " ", text) for text in (output, printed))
    assert missing(output, printed) == []
    assert code == (1 if "FAIL: the gate failed" in output else 0)


def test_there_are_sessions_and_a_wrong_line_is_missed() -> None:
    assert len(SESSIONS) == 5
    printed = "one\ntwo\nthree\nfour\n"
    assert missing("one\n...\nfour\n", printed) == []
    assert missing("one\nthree\n", printed) == ["three"]
    assert missing("two\n", printed) == ["two"]
    assert missing("one\n  ...\nfive\n", printed) == ["five"]
    assert run("exit 3\nrefacts --version", ROOT)[0] == 3


def of(language: str, path: Path = README) -> list[Block]:
    return [block for block in blocks(path) if block.language == language]


def test_the_budget_is_one(tmp_path: Path) -> None:
    (toml,) = of("toml")
    path = tmp_path / "accuracy.toml"
    path.write_text(toml.text, encoding="utf-8")
    (row,) = budgets.read(path).rows
    assert (row.target, row.activation, row.format) == ("mykernels.py:gelu", "gelu", "float32")
    assert row.gate.max_ulp == 2
    path.write_text(toml.text.replace("max_ulp", "max_ulps"), encoding="utf-8")
    assert main(["verify", "--budget", str(path)]) == 2


def test_the_workflow_runs_commands_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    (workflow,) = of("yaml")
    found = yaml.safe_load(workflow.text)
    ran = [step["run"] for step in found["jobs"]["accuracy"]["steps"] if "run" in step]
    assert accepted(ran, monkeypatch) == [
        "refacts verify --budget accuracy.toml --markdown accuracy.md --junit accuracy.xml"
    ]
    with pytest.raises(SystemExit):
        accepted(["refacts verify --budgets accuracy.toml"], monkeypatch)


def accepted(commands: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those of refacts, whose options its parser knows."""
    from refacts.reports.command import verify

    found = [command for command in commands if command.startswith("refacts verify ")]
    for command in found:
        parser = Parser(prog="refacts verify", allow_abbrev=False)
        verify.add(parser)
        parser.parse_args(command.split()[2:])
    return found


def test_what_pip_is_asked_for_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shown = "\n".join(
        block.text for path in PAGES for block in blocks(path) if block.language in ("sh", "yaml")
    )
    asked = re.findall(r"pip install (?:-\w+ )*'?[^\s\[]*\[([\w,]+)\]", shown)
    assert len(asked) >= 5
    assert {extra for extras in asked for extra in extras.split(",")} <= set(project["optional-dependencies"])


def from_an_index(text: str) -> list[str]:
    """The lines that ask an index for refacts, which is on none."""
    return [line for line in text.splitlines() if re.search(r"pip install (-\S+ )*['\"]?refacts\b", line)]


def test_nothing_asks_an_index_for_refacts() -> None:
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.yml")]
    for folder in ("refacts", "oracles", "reports", "examples", "scripts"):
        files += (ROOT / folder).rglob("*.py")
    assert len(files) > 200
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert {path: found for path, text in texts.items() if (found := from_an_index(text))} == {}
    planted = "pip install 'refacts[torch]'\npip install -q refacts\npip install './refacts[torch]'"
    assert from_an_index(planted) == planted.splitlines()[:2]


def test_the_readme_is_short_and_keeps_its_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 150
    for mark, command in zip(MARKS, (".venv/bin/pytest", ".venv/bin/refacts report"), strict=True):
        after = text.partition(mark)[2]
        assert after.startswith("\n```sh\n")
        assert command in after.split("```")[1]


def test_every_block_of_the_readme_is_of_a_kind_that_is_tried() -> None:
    tried = {session for pair in sessions(README) for session in pair}
    commands = [block.text for block in of("sh") if block.text not in tried]
    assert len(commands) == 3  # the first install, and the two commands, which .ci/run runs
    assert all("pip install" in command for command in commands)
    assert {block.language for block in blocks(README)} == {"sh", "python", "text", "toml", "yaml"}


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == refacts.__version__


def test_links_of_the_readme_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []
