"""A target beside what it was, beside another and beside itself."""

from pathlib import Path

import pytest
from refacts.reports.command import main

from tests.verify.of_gelu import judged, rows


def test_a_baseline_fails_on_worse(kernels: Path) -> None:
    assert judged("gelu") == 0
    Path("found.json").rename("old.json")
    text = kernels.read_text().replace("return refacts.gelu(x)\n\ndef hangs", "return nearly(x)\n\ndef hangs")
    kernels.write_text(text)
    assert judged("gelu", "--baseline", "old.json") == 1


def test_other_inputs_than_the_baselines_are_refused(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("gelu") == 0
    Path("found.json").rename("old.json")
    assert judged("gelu", "--samples", "6000", "--baseline", "old.json") == 2
    assert "--baseline old.json is of other inputs: samples 5000" in capsys.readouterr().err
    assert judged("gelu", "--samples", "6000") == 0
    assert main(["compare", "old.json", "found.json"]) == 2
    assert "nothing can be compared: seed" not in (said := capsys.readouterr().err)
    assert "nothing can be compared: inputs 6,052 -> 7,052 in 1 of 1 rows" in said


def test_one_target_is_compared_with_another_that_replaces_it(
    kernels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("cancels") == 0
    Path("found.json").rename("old.json")
    assert judged("nearly") == 0
    assert main(["compare", "old.json", "found.json"]) == 2
    assert "(--replaced TARGET BY)" in capsys.readouterr().err
    given = ["compare", "old.json", "found.json", "--replaced", "kernels.py:cancels"]
    assert main([*given, "kernels.py:nearly"]) == 1
    assert "max ulp" in capsys.readouterr().out
    assert main([*given, "kernels.py:gelu"]) == 2
    assert "found.json has no target kernels.py:gelu" in capsys.readouterr().err


def test_a_target_is_as_good_as_itself(kernels: Path) -> None:
    assert judged("lost", "--peer", "kernels.py:lost", "--max-ratio", "1") == 0
    (row,) = rows()
    assert row.peer is not None
    assert row.peer.artefacts == row.artefacts
    assert row.artefacts["flushed"]


def test_a_peer_is_judged_by_the_same_truth(kernels: Path) -> None:
    assert judged("cancels", "--peer", "kernels.py:nearly", "--max-ratio", "2") == 1
    (row,) = rows()
    assert row.peer is not None
    assert "kernels.py:nearly is nearer" in row.peer.sentence
    assert judged("nearly", "--peer", "kernels.py:cancels", "--max-ratio", "2") == 0
