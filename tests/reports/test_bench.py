"""`refacts bench`: what it measures, and what it prints beside the targets."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.reports.bench.imports import beside_numpy
from refacts.reports.bench.judging import KERNELS as JUDGED
from refacts.reports.bench.judging import of_kernels
from refacts.reports.bench.memory import peak
from refacts.reports.bench.operands import drawn
from refacts.reports.bench.speed import reached
from refacts.reports.bench.timing import Timing
from refacts.reports.command import main
from refacts.reports.quantities import CATALOGUE
from refacts.reports.targets.kernels import REFACTS


def test_bench_prints_targets_beside_what_is_reached(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--size", "2000", "--repeats", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, activation in CATALOGUE.items():
        tables = 5 if activation.spec.kind == "rowwise" else 3  # float32, float64, memory; rows' two
        tables += 2 if name in JUDGED else 0
        assert sum(line.split()[:1] == [name] for line in lines) == tables
    for said in (
        r"median ratio: value [\d.]+, derivative [\d.]+, vjp [\d.]+, overall [\d.]+ \(target: <= 6\)",
        r"largest: [\d.]+ ns, \w+ (value|derivative|vjp) \(target: <= 300 ns\)",
        r"memory: peak MiB beyond the output at 200 and 2000 elements \(target: the same\)",
        r"rows: softmax float32, ns per element at 2 rows of 1000, refacts/shifted, and the ratio",
        r"largest ratio: [\d.]+, softmax (value|derivative|vjp) \(target: <= 8\)",
        r"rows: seconds for one row of 2000 in float64 \(target: < 1 for a million\)",
        r"rows: peak beyond the output in float64, MiB at 1 and 2 rows of 1000 \(target: the same\), and .*",
        r"judging: million float32 results a second and core, kernel time aside \(target: 1\), .*",
        r"all bfloat16 inputs, value and derivative: seconds after start \(target: 3\)",
        r"import in a fresh process: refacts \d+ ms, numpy \d+ ms, ratio [\d.]+ \(target: <= 1.5\)",
    ):
        assert sum(re.fullmatch(said, line) is not None for line in lines) == 1, said


def test_the_median_is_over_the_catalogue() -> None:
    def timings(*ratios: float) -> list[Timing]:
        return [Timing(f"f{k} value", ratio * 10, 10.0) for k, ratio in enumerate(ratios)]

    found = {"value": timings(1, 2, 9), "derivative": timings(4, 5, 30), "vjp": timings(7, 8, 40)}
    assert list(reached("float32", found)) == [
        "median ratio: value 2.00, derivative 5.00, vjp 8.00, overall 7.00 (target: <= 6)"
    ]
    assert list(reached("float64", found)) == ["largest: 400.0 ns, f2 value (target: <= 300 ns)"]


@pytest.mark.parametrize("fmt", ["float32", "float64"])
@pytest.mark.parametrize("name", CATALOGUE)
def test_bench_calls_activations_as_they_are_called(name: str, fmt: str) -> None:
    for quantity in ("value", "vjp"):
        given = drawn(CATALOGUE[name], quantity, fmt, 3000)
        assert {array.dtype.name for array in given} == {fmt}
        assert max(array.size for array in given) == 3000
        peak(CATALOGUE[name], quantity, given)


def test_a_peak_is_what_a_call_needs_beyond_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def needs_two(activation: Any, quantity: str, x: Any) -> Any:
        return (x + 1.0) + (x + 2.0) if quantity == "value" else x + 1.0

    monkeypatch.setattr("refacts.reports.bench.memory.REFACTS", replace(REFACTS, evaluate=needs_two))
    x = np.zeros(10**6)
    assert 0.99 * x.nbytes < peak(CATALOGUE["relu"], "value", (x,)) < 1.01 * x.nbytes
    assert peak(CATALOGUE["relu"], "derivative", (x,)) < 0.01 * x.nbytes


def test_bench_imports_nothing_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("refacts", "numpy", "oracles"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(tmp_path)
    assert len(list(beside_numpy(1))) == 1


def test_bench_without_ml_dtypes_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    *_, said = of_kernels(100, 1)
    assert said == "all bfloat16 inputs: left out, since ml_dtypes is missing: pip install ml_dtypes"
