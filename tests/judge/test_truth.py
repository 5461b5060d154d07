"""The judge's truth, in bulk from the kernels, is the oracle's: results, residuals and ulp."""

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, compare
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.judge import truth as module
from refacts.reports.judge.controls import moved
from refacts.reports.judge.truth import oracle, sharpened, truth
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question, pair

PAIRS = ("float32", "float64", "bfloat16", "float32:bfloat16", "float64:float32", "float16:float64")
QUANTITIES = {
    "elementwise": ("value", "derivative", "vjp"),
    "rowwise": ("value", "vjp", "jvp"),
    "gated": ("value", "vjp_a", "vjp_b", "jvp"),
}
MOST = 48  # results compared of a question


def questions(pairs: tuple[str, ...] = PAIRS) -> list[Any]:
    return [
        pytest.param(Question(f, quantity, *pair(text)), id=f"{name}-{quantity}-{text}")
        for name, f in CATALOGUE.items()
        for quantity in QUANTITIES[f.spec.kind]
        for text in pairs
    ]


def some(question: Question, seed: int) -> dict[str, Any]:
    """A few operands of the first shard, hard ones, and of a later one."""
    rng = np.random.default_rng(seed)
    plan = Plan(500, seed)
    batch = points.batch(question, plan, int(rng.integers(points.shards(question, plan))))
    first = next(iter(batch.values()))
    each = 1 if first.ndim == 1 else max(first.shape[1], 1)
    chosen = np.sort(rng.choice(len(first), min(len(first), max(1, MOST // each)), replace=False))
    return {name: values[chosen] for name, values in batch.items()}


@pytest.mark.parametrize("question", questions())
def test_truth_is_the_oracles(question: Question) -> None:
    batch = some(question, 1)
    found = truth(question, batch)
    places = np.sort(np.random.default_rng(2).permutation(found.rounded.size)[:MOST])
    exact = oracle(question, batch, places)
    ours, theirs = found.rounded[places], exact.rounded
    np.testing.assert_array_equal(ours, theirs)
    assert (np.signbit(ours) == np.signbit(theirs))[~np.isnan(theirs)].all()


@pytest.mark.parametrize("question", questions(("float32", "float64", "bfloat16")))
def test_distances_of_wrong_results_are_the_oracles(question: Question) -> None:
    batch = some(question, 3)
    rough = truth(question, batch)
    wrong, _ = moved(question, batch, rough, 1.0, 0.5, 0)
    found = sharpened(question, batch, rough, wrong)
    places = np.sort(np.random.default_rng(4).permutation(wrong.size)[:MOST])
    exact = oracle(question, batch, places)
    want = compare(wrong[places], exact).ulps
    got = compare(wrong, found).ulps[places]
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    near = np.abs(exact.residual * exact.ulp) < 2.0**-83 * np.abs(exact.rounded)
    power = near & (np.abs(np.frexp(exact.rounded)[0]) == 0.5)  # or a hair beside: either ulp is right
    for factor in (1.0, 0.5, 2.0):
        here = np.abs(got - factor * want) <= 2.0**-27 * np.maximum(want, 1)
        want = np.where(here & (power | (factor == 1)), got, want)
    np.testing.assert_array_equal(got, want)


def test_a_result_rounded_twice_is_settled_in_its_own_format() -> None:
    """1/(1 + e^-x) just above a tie of bfloat16, nearer than float64 can tell."""
    question = Question(CATALOGUE["softplus"], "value", *pair("float64:float16"))
    batch = {"x": np.array([2049.0, -2049.0, 2051.0])}
    assert truth(question, batch).rounded.tolist() == [2050.0, 0.0, 2052.0]


def test_below_a_power_of_two_the_ulp_is_half(monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(CATALOGUE["sigmoid"], "value", FORMATS["float32"], FORMATS["float32"])
    batch = {"x": np.array([40.0])}
    wrong = np.array([1 - 2.0**-24])
    rough = truth(question, batch)
    assert compare(wrong, rough).ulps[0] == 0.5
    assert compare(wrong, sharpened(question, batch, rough, wrong)).ulps[0] == pytest.approx(1, abs=1e-9)
    monkeypatch.setattr(module, "_remainder", lambda *given: np.zeros(1))
    assert compare(wrong, sharpened(question, batch, rough, wrong)).ulps[0] == 0.5
