"""A quota is a share of results at inputs uniform over bit patterns, and excuses distances alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports.command import main
from refacts.reports.inputs.points import Plan, count, part, shards, uniform
from refacts.reports.inputs.recorded import Recorded
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question, pair

import refacts
from refacts import testing

GELU = Question(CATALOGUE["gelu"], "value", *pair("float32"))


def off(x: Any, here: Any, steps: int = 3) -> Any:
    """gelu, some units further out in places."""
    y = refacts.gelu(x)
    for _ in range(steps):
        y[here] = np.nextafter(y[here], np.float32(np.inf))
    return y


def test_a_uniform_plan_has_the_hard_inputs_too_behind_those_it_counts() -> None:
    plan = Plan(200_000, 0, uniform=True)
    assert [part(GELU, plan, k) for k in range(shards(GELU, plan))] == ["uniform"] * 2 + ["hard", "dense"]
    assert uniform(GELU, plan) == 200_000 < count(GELU, plan)
    assert uniform(GELU, Plan(200_000, 0)) == 0
    every = Question(CATALOGUE["gelu"], "value", *pair("bfloat16"))
    assert uniform(every, Plan(0, 0)) == 2**16


def test_a_nan_where_only_hard_inputs_go_fails_in_spite_of_a_quota() -> None:
    def kernel(x: Any) -> Any:
        return np.where(np.isneginf(x), np.float32(np.nan), refacts.gelu(x))

    (row,) = testing.verify(kernel, "gelu", samples=20_000, max_ulp=1, quota=1e-3)
    assert row.verdict == "fail"
    assert row.mismatches["nan"] >= 1
    assert "NaN" in row.reasons[0]


def test_the_share_is_that_of_uniform_inputs() -> None:
    (row,) = testing.verify(
        lambda x: off(x, (x >= 1) & (x < 2)), "gelu", samples=20_000, max_ulp=1, quota=0.004
    )
    assert row.quota_of == 20_000
    assert 0 < row.quota_over < 0.004 * row.quota_of
    assert row.over_budget > 0.004 * row.inputs
    assert row.verdict == "pass"
    (row,) = testing.verify(
        lambda x: off(x, (x >= 1) & (x < 8)), "gelu", samples=20_000, max_ulp=1, quota=0.004
    )
    assert row.verdict == "fail"
    assert f"{row.quota_over:,} of 20,000 uniform results lie above, 0.004 of them may" in row.reasons[0]


def test_a_dump_of_uniform_inputs_is_judged_as_the_plan_is(tmp_path: Path) -> None:
    path = str(tmp_path / "gelu.npz")
    assert main(["inputs", "gelu", "--uniform", "--samples", "20000", "--out", path]) == 0
    with np.load(path) as arrays:
        given = dict(arrays)
    argv = ["verify", path, "--max-ulp", "1", "--quota", "0.004", "--jobs", "1"]
    np.savez(path, **given, y=off(given["x"], (given["x"] >= 1) & (given["x"] < 2)))
    assert Recorded(path).uniform(GELU) == 20_000
    assert main(argv) == 0
    other = str(tmp_path / "nan.npz")
    y = refacts.gelu(given["x"])
    y[np.isneginf(given["x"])] = np.nan
    np.savez(other, **given, y=y)
    assert main(["verify", other, *argv[2:]]) == 1


def test_a_quota_cannot_be_diluted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Zeros beside all numbers of a format make a wrong result a small share of nothing."""
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    x = np.concatenate([every, np.zeros(300_000, np.float16)])
    y = refacts.gelu(x)
    wrong = (x >= 1) & (x < 2)
    y[wrong] += np.float16(0.01)
    with pytest.raises(AssertionError, match="a quota needs inputs exhaustive or uniform"):
        testing.assert_max_ulp(y, "gelu", x, 1, quota=0.01)
    no_nan = np.where(np.isnan(every), np.float16(0), every)  # zeros in NaNs' places
    y = refacts.gelu(no_nan)
    y[no_nan == 1] = 9
    with pytest.raises(AssertionError, match="quota needs inputs"):
        testing.assert_max_ulp(y, "gelu", no_nan, 1, quota=0.01)
    path = tmp_path / "gelu.npz"
    np.savez(path, x=x, y=refacts.gelu(x))
    argv = ["verify", str(path), "--as", "gelu", "--max-ulp", "1", "--quota", "0.01", "--jobs", "1"]
    assert main(argv) == 2
    assert "a quota needs inputs exhaustive or uniform" in capsys.readouterr().err
