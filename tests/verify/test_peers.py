"""A peer is a measure only where it answers, and excuses only what it does itself at the same places."""

from pathlib import Path

import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.judge.rows import Row

KERNELS = """
import numpy as np
import refacts

def nan_between(low, high):
    return lambda x: np.where((x >= low) & (x < high), np.float32("nan"), refacts.gelu(x))

def gelu(x):
    return refacts.gelu(x)

nan_at_1 = nan_between(1, 1.05)
nan_at_3 = nan_between(3, 3.5)
nan_around_1 = nan_between(0.9, 1.1)

def mute(x):
    raise ValueError("not today")

def choosy(x):
    if (x > 5).any():
        raise ValueError("too large")
    return refacts.gelu(x)
"""


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "kernels.py").write_text(KERNELS)
    monkeypatch.chdir(tmp_path)

    def run(name: str, peer: str, *options: str) -> tuple[int, Row]:
        argv = ["verify", f"kernels.py:{name}", "--as", "gelu", "--format", "float32", "--quantity", "value"]
        argv += ["--peer", f"kernels.py:{peer}", "--max-ratio", "2", "--samples", "20000", "--jobs", "1"]
        code = main([*argv, "--json", "found.json", *options])
        (row,) = verdicts.read(Path("found.json")).rows
        return code, row

    return run


def test_only_the_same_mismatch_at_the_same_place_is_excused(judge) -> None:
    code, row = judge("nan_at_1", "nan_at_3")
    assert code == 1
    assert row.mismatches["nan"] > 0
    assert row.peer.mismatches["nan"] > 0
    assert row.peer.shared == {}
    code, row = judge("nan_at_1", "nan_around_1")
    assert code == 0
    assert row.peer.shared["nan"] == row.mismatches["nan"]
    code, row = judge("nan_around_1", "nan_at_1")
    assert code == 1
    assert f"(the peer has {row.peer.mismatches['nan']:,} of them)" in row.reasons[0]


@pytest.mark.parametrize(
    ("name", "options", "code_wanted"),
    [
        ("gelu", (), 3),
        ("nan_at_1", (), 3),  # which the peer might have, too
        ("gelu", ("--max-ulp", "1"), 3),
        ("nan_at_1", ("--max-ulp", "1"), 1),
    ],
)
def test_beside_a_peer_that_never_answers_no_ratio_is_judged(judge, name, options, code_wanted) -> None:
    code, row = judge(name, "mute", *options)
    assert code == code_wanted
    unjudged = "the ratio to the peer's error cannot be judged: "
    assert any(each.startswith(unjudged) for each in row.reasons) == (code == 3)
    assert row.peer.unanswered == row.inputs
    assert "nearer" not in row.peer.sentence
    assert "no answer at the same input" in row.peer.sentence
    assert "not today" in row.peer.sentence
    assert [incident.kind for incident in row.peer.incidents] == ["raised"]


def test_a_peer_that_answers_in_part_is_said_to(judge) -> None:
    _, row = judge("nan_at_1", "choosy")
    assert 0 < row.peer.unanswered < row.inputs
    assert f"gave no answer at {row.peer.unanswered:,} of {row.inputs:,} inputs" in row.peer.sentence
    assert "too large" in row.peer.sentence


def test_a_peer_is_asked_only_what_it_covers(judge, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["verify", "refacts:gelu", "--peer", "kernels.py:gelu", "--format", "float32", "--samples", "0"]
    assert main([*argv, "--jobs", "1", "--quantity", "vjp", "--max-ratio", "2"]) == 2
    assert "vjp in float32: the peer kernels.py:gelu" in capsys.readouterr().err
    assert main([*argv, "--jobs", "1", "--max-ratio", "2"]) == 0
    assert "not judged" in capsys.readouterr().err
