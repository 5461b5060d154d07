"""The section on logits: its rows, its measures, and the kernels it must reject."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, Reference, compare
from refacts.reports.command import main
from refacts.reports.inputs import points
from refacts.reports.inputs.entries import entries
from refacts.reports.inputs.logits import FAMILIES, Logits, logits
from refacts.reports.inputs.modes import QUICK, Mode, Settings
from refacts.reports.inputs.points import SHARD
from refacts.reports.judge.normwise import normwise
from refacts.reports.quantities import CATALOGUE, operands
from refacts.reports.targets import shifted
from refacts.reports.targets.kernels import REFACTS, SCIPY, SHIFTED, TEXTBOOK

from tests.reports.reported import document, rows

FLOAT32, FLOAT64 = FORMATS["float32"], FORMATS["float64"]
SOFTMAX = ["report", "--quick", "--only", "softmax", "--jobs", "1", "--out"]
SMALL = replace(QUICK, logits={32: {10: 3}, 64: {10: 3}})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A quick run is a matter of moments; no plan of it is remembered by other tests."""
    monkeypatch.setattr("refacts.reports.inputs.modes.QUICK", SMALL)
    monkeypatch.setattr("refacts.reports.inputs.points.SHORT", (1, 4))
    points._stretches.cache_clear()
    yield
    points._stretches.cache_clear()


def instead(formula: Any) -> Any:
    """The refacts kernel, with another softmax on logits alone."""

    def evaluate(activation: Any, quantity: str, x: Any, *g: Any) -> Any:
        if quantity == "value" and x.shape[1] == 10:
            with np.errstate(all="ignore"):
                return formula(x)
        return REFACTS.evaluate(activation, quantity, x, *g)

    return replace(REFACTS, evaluate=evaluate)


def unshifted(x: Any) -> Any:
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def test_a_right_kernel_passes(tmp_path: Path) -> None:
    assert main([*SOFTMAX, str(tmp_path)]) == 0
    found = document(tmp_path)
    assert found["run"]["logit_rows"] == {"32-bit": {"n = 10": 3}, "64-bit": {"n = 10": 3}}
    on_logits = {key: row for key, row in rows(tmp_path).items() if row.drawn}
    planned = [entry for entry in entries(settings()) if entry.drawn]
    assert [key for key in on_logits if key.startswith("refacts as ")] == [
        f"refacts as {entry.question.key} on {entry.drawn}" for entry in planned
    ]
    row = on_logits["refacts as softmax/value/float32 on logits N(0,100^2), n = 10"]
    assert (row.drawn, row.inputs, row.confirmed) == ("logits N(0,100^2), n = 10", 30, 30)
    asked = "softmax/value/float32 on logits N(0,100^2), n = 10"
    assert [row.target for row in on_logits.values() if row.key.endswith(asked)] == [
        "refacts", "shifted", "scipy",
    ]
    assert [row.target for row in on_logits.values() if row.quantity == "vjp"][:3] == [
        "refacts", "shifted", "refacts",
    ]
    assert all(row.normwise is not None and 0 < row.normwise <= 1 for row in on_logits.values()
               if row.target == "refacts" and row.quantity == "value")  # fmt: skip
    shifted_row = on_logits["shifted as softmax/value/float64 on logits N(0,1), n = 10"]
    assert shifted_row.normwise != on_logits[shifted_row.key.replace("shifted", "refacts")].normwise


def settings(mode: Mode = SMALL) -> Settings:
    return Settings(mode, 0, ("softmax",))


@pytest.mark.parametrize("planted", [unshifted, shifted.softmax], ids=["no shift", "a rounded shift"])
def test_a_wrong_kernel_is_rejected(planted: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong on logits alone: the other section has nothing to say."""
    assert main([*SOFTMAX, str(tmp_path)], [instead(planted), TEXTBOOK]) == 1
    ours = [row for row in rows(tmp_path).values() if row.target == "refacts"]
    assert {row.wrong for row in ours if not row.drawn} == {0}
    wrong = [row for row in ours if row.wrong]
    assert {row.quantity for row in wrong} == {"value"}
    assert {row.verdict for row in wrong} == {"fail"}
    sentences = capsys.readouterr().err.splitlines()
    assert len(sentences) == len(wrong) <= 6
    assert all(s.startswith("refacts: refacts as softmax/value/float") for s in sentences)
    assert all(" on logits " in s and "n = 10: " in s and "at row " in s for s in sentences)


def test_an_interrupted_section_is_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert main([*SOFTMAX, str(whole)]) == 0

    def stop(x: Any) -> Any:
        if x.dtype == np.float64:
            raise KeyboardInterrupt
        return REFACTS.evaluate(CATALOGUE["softmax"], "value", x)

    assert main([*SOFTMAX, str(parts)], [instead(stop), TEXTBOOK, SHIFTED, SCIPY]) == 3
    stopped = document(parts)
    drawn = ["drawn" in row for row in stopped["rows"]]
    assert (stopped["complete"], drawn.count(False), drawn.count(True)) == (False, 2 * 16, 3 * 3)
    capsys.readouterr()
    assert main([*SOFTMAX, str(parts)]) == 0
    assert "resuming after 41 finished rows" in capsys.readouterr().err
    for name in ("accuracy.json", "accuracy.md", "accuracy.html"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes()


def test_without_scipy_the_column_is_absent(tmp_path: Path) -> None:
    assert main([*SOFTMAX, str(tmp_path)], [REFACTS, TEXTBOOK, SHIFTED]) == 0
    found = document(tmp_path)
    assert found["run"]["kernels"]["logits"] == ["refacts", "shifted"]
    page = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    assert "in ulp of refacts / shifted, a dash" in page
    assert "Percent correct: refacts 100.0000, shifted" in page
    assert "SciPy is not installed" not in page  # it is: it was not asked for


@pytest.mark.parametrize("fmt", [FLOAT32, FLOAT64], ids=lambda fmt: fmt.name)
def test_the_families_are_what_they_say(fmt: Any) -> None:
    drawn = {family: logits(fmt, family, 1000, 20, 0) for family in FAMILIES}
    for x, g in drawn.values():
        assert x.shape == g.shape == (20, 1000)
        fmt.encode(x)  # format values, or ValueError
        assert 0.97 < g.std() < 1.03
    assert 0.97 < drawn["N(0,1)"][0].std() < 1.03
    assert 97 < drawn["N(0,100^2)"][0].std() < 103
    wide = 80 if fmt is FLOAT32 else 700
    assert 0.99 * wide < np.abs(drawn["uniform"][0]).max() <= wide
    again = logits(fmt, "uniform", 1000, 20, 0)[0]
    assert np.array_equal(again, drawn["uniform"][0])


@pytest.mark.parametrize("name", [n for n, f in CATALOGUE.items() if f.spec.kind == "rowwise"])
def test_the_shifted_formulas_are_those_functions(name: str) -> None:
    """Each is near refacts on moderate rows, and every activation has a value."""
    activation = CATALOGUE[name]
    x, g = np.random.default_rng(0).normal(size=(2, 5, 7))
    assert SHIFTED.covers(activation, "value")
    for quantity in ("value", "vjp"):
        if SHIFTED.covers(activation, quantity):
            given = (x, g)[: len(operands(activation, quantity))]
            got, want = (kernel(activation, quantity, *given) for kernel in (SHIFTED, REFACTS))
            np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_scipy_works_along_rows(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(5, 7))
    got, want = (kernel(CATALOGUE[name], "value", x) for kernel in (SCIPY, REFACTS))
    np.testing.assert_allclose(got, want, rtol=1e-13)


def test_scipy_covers_values_only() -> None:
    assert not SCIPY.covers(CATALOGUE["softmax"], "vjp")
    assert not SCIPY.covers(CATALOGUE["softmin"], "value")


def reference(reals: list[Fraction]) -> Reference:
    """What the oracle would say of these reals in float64, all of them within [2^-1022, 2)."""
    rounded = [float(q) for q in reals]
    ulp = [math.ulp(q) for q in rounded]
    residual = [float((q - Fraction(r)) / Fraction(u)) for q, r, u in zip(reals, rounded, ulp, strict=True)]
    return Reference(np.array(rounded), np.array(residual), np.array(ulp))


def largest(computed: Any, exact: Reference, rows: int) -> float:
    return float(normwise(compare(computed, exact).ulps, exact, FLOAT64, rows).max())


@pytest.mark.parametrize("scale", [Fraction(1), Fraction(1, 2**1000)])
def test_normwise_loses_nothing(scale: Fraction) -> None:
    """An error of a quarter ulp is not in what is rounded; squares of what is small underflow."""
    exact = [scale * (Fraction(3, 4) + Fraction(1, 2**55)), scale]
    found = largest(np.array([float(q) for q in exact]), reference(exact), 1)
    want = 2.0**-55 / math.hypot(0.75, 1) * 2.0**53
    assert found == pytest.approx(want, rel=1e-12)


def test_normwise_is_that_of_the_worst_row() -> None:
    exact = reference([Fraction(1, 2)] * 4)
    computed = np.array([0.5, 0.5, 0.5, 0.5 + 2.0**-50])
    assert largest(computed, exact, 2) == pytest.approx(2.0**-50 / math.sqrt(0.5) * 2.0**53)
    assert largest(computed[:2], reference([Fraction(1, 2)] * 2), 1) == 0


def test_normwise_of_what_has_no_distance() -> None:
    assert math.isnan(largest(np.array([0.5, math.nan]), reference([Fraction(1, 2)] * 2), 1))
    infinite = Reference(np.array([math.inf, 0.5]), np.zeros(2), np.full(2, 2.0**-53))
    assert math.isnan(largest(np.array([math.inf, 0.5 + 2.0**-53]), infinite, 1))


def test_logits_are_cut_into_shards_of_whole_rows() -> None:
    question = next(entry.question for entry in entries(settings()) if entry.drawn)
    made = Logits("uniform", 1000, 300, 0)
    parts = [made.batch(question, k)["x"] for k in range(made.shards(question))]
    assert len(parts) == 3
    assert max(part.size for part in parts) <= SHARD
    assert np.array_equal(np.concatenate(parts), logits(question.source, "uniform", 1000, 300, 0)[0])
    assert made.count(question) == 300_000
