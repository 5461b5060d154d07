"""Rows of a budget that cannot be judged at all: a sentence each, exit code 3, and the files are there."""

import json
from pathlib import Path

import numpy as np
import pytest
from refacts.reports.command import main

ROW = """
[[budget]]
target = "{}"
as = "silu"
format = "float32"
max_ulp = 2
"""
MISSING = {
    "missing.py:f": "there is no file missing.py",
    "nobodys.module:f": "there is no module nobodys",
    "missing.npz": "cannot read missing.npz",
    "dies.py:f": "its process exited with status 3",
    "no_y.npz": "no_y.npz has no column y",
}


@pytest.mark.parametrize("option", ["--jobs=2", "--update-budget"])
def test_a_budget_without_any_row_that_can_be_judged_is_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.toml").write_text("".join(map(ROW.format, MISSING)))
    Path("dies.py").write_text("import os\nos._exit(3)\n")
    np.savez("no_y.npz", x=np.ones(3, np.float32))
    before = Path("b.toml").read_bytes()
    files = ["--json", "b.json", "--markdown", "b.md", "--junit", "b.xml"]
    assert main(["verify", "--budget", "b.toml", *files, option]) == 3
    out, err = capsys.readouterr()
    assert out.startswith("INCOMPLETE: 5 rows of the budget could not be judged, 0 rows could")
    document = json.loads(Path("b.json").read_text())
    assert (document["complete"], document["rows"]) == (False, [])
    for number, (target, sentence) in enumerate(MISSING.items(), 1):
        for text in (err, Path("b.md").read_text().replace("&#95;", "_"), Path("b.xml").read_text()):
            assert f"b.toml, budget {number} ({target}): " in text
            assert sentence in text
    assert Path("b.toml").read_bytes() == before
