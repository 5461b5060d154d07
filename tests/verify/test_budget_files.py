"""Budgets: written, kept and tightened by the command; their rows that are broken, added or kept."""

import re
from pathlib import Path

import pytest
from refacts.reports.command import main

from tests.verify.of_gelu import judged

BROKEN = """
samples = 2000

[[budget]]
target = "missing.py:gelu"
as = "gelu"
format = "float32"
max_ulp = 1

[[budget]]
target = "kernels.py:{name}"
as = "gelu"
format = "float32"
max_ulp = 1
"""


def test_a_budget_is_written_kept_and_tightened(kernels: Path) -> None:
    assert judged("nearly", "--budget", "accuracy.toml", "--update-budget") == 0
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    text = Path("accuracy.toml").read_text()
    Path("accuracy.toml").write_text(text.replace("max_ulp = ", "max_ulp = 9") + "# mine\n")
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1", "--update-budget"]) == 0
    assert Path("accuracy.toml").read_text() == text + "# mine\n"
    bound = next(line for line in text.splitlines() if line.startswith("max_ulp"))
    Path("accuracy.toml").write_text(text.replace(bound, "max_ulp = 1"))
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 1


def test_a_budget_allows_what_is_wrong_today_and_nothing_else(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("lost", "--budget", "accuracy.toml", "--update-budget") == 0
    said = capsys.readouterr().err
    assert re.search(r"max_ulp is 2.5, allowed: nan-at-inf \(2\), flushed \(\d+\), false-zero \(\d+\)", said)
    text = Path("accuracy.toml").read_text()
    assert 'allow = ["nan-at-inf", "flushed", "false-zero"]\n' in text
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    Path("accuracy.toml").write_text(text.replace("kernels.py:lost", "kernels.py:lost_more"))
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [("lost_more", "2 NaN mismatches: at x = "), ("negated", "at x = inf got -inf"), ("crashes", "SIGSEGV")],
)
def test_what_nothing_excuses_gets_no_budget(
    kernels: Path, capsys: pytest.CaptureFixture[str], name: str, says: str
) -> None:
    assert judged(name, "--budget", "accuracy.toml", "--update-budget") == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "gets no budget" in line]
    assert says in line
    assert not Path("accuracy.toml").exists()


@pytest.mark.parametrize(("name", "code"), [("gelu", 3), ("cancels", 1)])
def test_a_row_of_a_budget_that_is_broken_keeps_no_other_from_its_verdict(
    kernels: Path, capsys: pytest.CaptureFixture[str], name: str, code: int
) -> None:
    Path("b.toml").write_text(BROKEN.format(name=name))
    given = ["verify", "--budget", "b.toml", "--jobs", "1", "--markdown", "b.md", "--junit", "b.xml"]
    assert main(given) == code
    sentence = "b.toml, budget 1 (missing.py:gelu): there is no file missing.py"
    out, err = capsys.readouterr()
    assert sentence in err
    assert ("INCOMPLETE: 1 row of the budget could not be judged, 1 row could" in out) == (code == 3)
    assert "there is no file missing.py" in Path("b.md").read_text()
    assert 'errors="1"' in Path("b.xml").read_text()


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('format = "float32"', 'format = "float8"', "budget 1 (kernels.py:gelu): format must be one of"),
        ('as = "gelu"', 'as = "gleu"', "budget 1 (kernels.py:gelu): unknown activation 'gleu'"),
        ('as = "gelu"', 'as = "gelu"\nparameters = {z = 1}', "(kernels.py:gelu): gelu has no parameter"),
    ],
)
def test_a_budget_that_asks_for_what_there_is_not_names_its_row(
    kernels: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, says: str
) -> None:
    row = BROKEN.partition("\n\n")[2].partition("\n\n")[0].replace("missing.py", "kernels.py")
    Path("b.toml").write_text(row.replace(was, now))
    assert main(["verify", "--budget", "b.toml"]) == 2
    assert says in capsys.readouterr().err


def test_rows_are_added_to_a_budget(kernels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = ["--budget", "accuracy.toml", "--update-budget"]
    assert judged("nearly", *written) == 0
    text = Path("accuracy.toml").read_text() + "# mine\n"
    Path("accuracy.toml").write_text(text)
    given = ["verify", "kernels.py:gelu", "--as", "gelu", "--format", "float32", "--jobs", "1"]
    assert main([*given, *written]) == 0
    found = Path("accuracy.toml").read_text()
    assert found.startswith(text)
    assert found.count("[[budget]]") == 2
    assert main(["verify", "--budget", "accuracy.toml", "--jobs", "1"]) == 0
    capsys.readouterr()
    assert main([*given, *written]) == 2
    said = "accuracy.toml has a row of kernels.py:gelu in value, float32 already (budget 2)"
    assert said in capsys.readouterr().err
    assert main([*given, "--samples", "7", *written]) == 2
    assert "--samples is the budget's own to set" in capsys.readouterr().err
    assert Path("accuracy.toml").read_text() == found


def test_a_row_that_fails_is_said_to_keep_its_budget(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("b.toml").write_text(BROKEN.format(name="negated").replace("missing.py", "kernels.py"))
    given = ["verify", "--budget", "b.toml", "--jobs", "1", "--update-budget"]
    assert main(given) == 1
    assert re.search(r"kernels.py:negated .*follows -gelu.*; its budget is kept", capsys.readouterr().err)
    assert main([*given, "--accept-worse"]) == 2
    assert "--accept-worse asks row by row on the terminal, and there is none" in capsys.readouterr().err
