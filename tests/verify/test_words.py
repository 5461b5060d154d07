"""What a run says of what it judged, and of what it did not: once, and no more than is true."""

from pathlib import Path

import numpy as np
import pytest
from refacts.reports import verdicts
from refacts.reports.command import main
from refacts.reports.render.verdict_words import believed, details
from refacts.reports.verdicts import Document

import refacts
from tests.judge.made import OTHER, PEER, RAISED, row, wrong

KERNELS = """
import refacts

def silu(x):
    return refacts.silu(x) * x.dtype.type(1.001)

def mute(x):
    raise ValueError("not today")
"""


@pytest.fixture(autouse=True)
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kernels.py").write_text(KERNELS)


def judged(target: str, *options: str) -> int:
    return main(["verify", target, "--as", "silu", "--format", "float32", "--jobs", "1", *options])


def test_a_dump_is_not_repeated_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    x = np.linspace(-3, 3, 50, dtype=np.float32)
    np.savez("wrong.npz", x=x, y=refacts.silu(x) * np.float32(1.001))
    judged("wrong.npz", "--markdown", "a.md")
    for text in (capsys.readouterr().out.replace("\n    ", " "), Path("a.md").read_text()):
        assert " ulp; the exact value:\n" in text
        assert "refacts exact silu " in text
        assert "repeats it" not in text
    judged("kernels.py:silu", "--quantity", "value", "--samples", "500")
    found = capsys.readouterr().out.replace("\n    ", " ")
    assert " ulp; this repeats it:\n" in found
    assert "the exact value" not in found


def test_a_jvp_that_is_not_judged_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    judged("kernels.py:silu", "--samples", "500")
    assert "not judged: derivative, vjp, jvp: NumPy arrays are not differentiated" in capsys.readouterr().err
    judged("refacts:silu", "--samples", "500", "--json", "a.json")
    assert "not judged" not in capsys.readouterr().err
    assert "jvp" not in {one.quantity for one in verdicts.read(Path("a.json")).rows}


def test_the_jvp_of_a_dump_is_judged() -> None:
    x = np.linspace(-3, 3, 50, dtype=np.float32)
    np.savez("jvp.npz", x=x, v=x, dy=refacts.silu.jvp(x, x))
    assert judged("jvp.npz", "--json", "a.json", "--max-ulp", "0.5") == 0
    assert [one.quantity for one in verdicts.read(Path("a.json")).rows] == ["jvp"]


def document(*rows: verdicts.Row) -> Document:
    return Document(True, {}, {}, rows)


def test_no_number_of_confirmed_results_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    none = row(inputs=0, confirmed=0)
    nobody = "No result was judged: the mpmath oracle was asked for none."
    assert believed(document()) == believed(document(none)) == nobody
    at_least = "The mpmath oracle confirmed the truth of at least 1,003 results of each row"
    assert believed(document(row())) == f"{at_least}; every control held."
    assert believed(document(row(), none)) == f"{at_least} that has any; every control held."
    found = believed(document(row(), row(confirmed=0)))
    assert found == "The mpmath oracle confirmed no result of 1 of 2 rows; every control held."
    judged("kernels.py:mute", "--quantity", "value", "--samples", "500")
    assert nobody in capsys.readouterr().out


def test_nothing_is_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    judged("kernels.py:mute", "--quantity", "value", "--samples", "500", "--markdown", "a.md")
    for text in (capsys.readouterr().out, Path("a.md").read_text()):
        assert text.count("raised ValueError: not today") == 1
        assert "raised, at x = -inf; this repeats it:" in text
    told = wrong(reasons=(f"{RAISED.sentence}, at x = 1.0", OTHER.sentence), incidents=(RAISED,))
    sentences = [each for one in details(told, [OTHER.sentence]) for each in one.sentences]
    assert sum(RAISED.sentence in each for each in sentences) == 1
    assert OTHER.sentence not in sentences
    assert OTHER.sentence in [each for one in details(told) for each in one.sentences]
    beside = wrong(peer=PEER, reasons=(f"the ratio cannot be judged: {PEER.sentence}",))
    assert sum(PEER.sentence in each for one in details(beside) for each in one.sentences) == 1
    assert PEER.sentence in [each for one in details(wrong(peer=PEER)) for each in one.sentences]
