"""The comparison names what differs, and fails where nothing could have differed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.portability.compare import main, verdict

HERE = {
    "environment": {"machine": "x86_64", "numpy": "2.4.6", "features": "X86_V4"},
    "scale": 1,
    "raw": {"exp": "1", "tanh": "2"},
    "random": {"GELU() value float32": "3", "GELU() vjp float32": "4"},
    "beside ties": {"GELU() vjp float32": "5"},
    "planted": {"random": {"GELU() vjp float32": "6"}, "beside ties": {"GELU() vjp float32": "7"}},
}


def elsewhere(*changes: tuple[str, ...]) -> Any:
    """HERE as another machine should have it; every change is where a digest is, and the digest."""
    there: Any = copy.deepcopy(HERE)
    there["raw"]["exp"] = "8"
    there["planted"]["beside ties"]["GELU() vjp float32"] = "9"
    for *path, name, value in changes:
        part = there
        for key in path:
            part = part[key]
        part[name] = value
    return there


def test_equal_bits_pass() -> None:
    assert verdict(HERE, {"there": elsewhere()}) == []
    assert verdict(HERE, {"same": HERE, "there": elsewhere()}) == []


@pytest.mark.parametrize("part", ["random", "beside ties"])
def test_another_digest_is_named(part: str) -> None:
    there = elsewhere((part, "GELU() vjp float32", "0"))
    assert verdict(HERE, {"there": there}) == [f"there: other bits, {part}, in GELU() vjp float32"]


def test_a_missing_and_a_superfluous_digest_are_named() -> None:
    there = elsewhere(("random", "Mish() value float32", "0"))
    del there["random"]["GELU() value float32"]
    said = "there: other bits, random, in GELU() value float32, Mish() value float32"
    assert verdict(HERE, {"there": there}) == [said]


def test_many_are_counted() -> None:
    there = elsewhere(*(("random", f"Mish({k}) value float32", "0") for k in range(8)))
    (said,) = verdict(HERE, {"there": there})
    assert said.endswith("Mish(4) value float32 and 3 more")


def test_an_exponential_that_is_the_same_everywhere_is_said() -> None:
    said = "NumPy 2.4.6: np.exp has the same bits everywhere, so this shows nothing"
    assert verdict(HERE, {"there": elsewhere(("raw", "exp", "1"))}) == [said]


def test_a_planted_tier_that_is_the_same_everywhere_is_said() -> None:
    there = elsewhere(("planted", "beside ties", "GELU() vjp float32", "7"))
    said = "NumPy 2.4.6: a tier without a bound has the same bits everywhere"
    assert verdict(HERE, {"there": there}) == [said]


def test_every_numpy_needs_its_controls() -> None:
    old: Any = copy.deepcopy(HERE)
    old["environment"]["numpy"] = "2.0.2"
    found = verdict(HERE, {"there": elsewhere(), "old": old})
    assert [said.split(":")[0] for said in found] == ["NumPy 2.0.2"] * 2


def test_other_inputs_are_not_compared() -> None:
    there = elsewhere(("scale", 2))  # type: ignore[arg-type]
    assert verdict(HERE, {"there": there}) == ["there: scale 2, that of the reference is 1"]


def test_no_run_is_no_comparison() -> None:
    assert verdict(HERE, {}) == ["no run was given to compare"]


def test_the_command_exits_1_where_bits_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = {
        "here": HERE,
        "there": elsewhere(),
        "wrong": elsewhere(("random", "GELU() vjp float32", "0")),
    }
    for name, document in documents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    here, there, wrong = (str(tmp_path / f"{name}.json") for name in documents)
    assert main([here, there]) == 0
    assert capsys.readouterr().out.endswith("all bits are equal\n")
    assert main([here, there, wrong]) == 1
    assert "wrong: other bits, random, in GELU() vjp float32" in capsys.readouterr().out
