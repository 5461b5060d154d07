"""Regions: the intervals in which known formulas are wrong, and planted ones; merged in any order."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special
from refacts.oracles import FORMATS
from refacts.oracles.inputs import all_values
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.judging import Rules, judged
from refacts.reports.judge.labels import LABELS
from refacts.reports.judge.regions import ELSEWHERE, MOST, Regions
from refacts.reports.judge.rows import Region
from refacts.reports.judge.terms import terms
from refacts.reports.judge.truth import truth
from refacts.reports.question import Batch, Question

import refacts as r
from tests.judge.followed import asking

SINGLE = np.float32
TINY = float(FORMATS["float32"].smallest_subnormal)
Change = Callable[[Any, Any], Any]  # of x and the exact results


def asked(activation: Any, quantity: str = "value", fmt: str = "float32") -> Question:
    return Question(activation, quantity, FORMATS[fmt], FORMATS[fmt])


def drawn(n: int = 200_000, seed: int = 0) -> Floats:
    """Half uniform over bit patterns, half in ±20; infinities, NaN and zeros."""
    rng = np.random.default_rng(seed)
    patterns = FORMATS["float32"].decode(rng.integers(0, 2**32, n // 2, dtype=np.uint64))
    near = rng.uniform(-20, 20, n // 2).astype(SINGLE).astype(np.float64)
    return np.concatenate([patterns, near, [np.inf, -np.inf, np.nan, 0.0, -0.0]])


def collected(question: Question, batch: Batch, computed: Floats) -> Regions:
    regions = Regions(question)
    x = batch["b" if question.kind == "gated" else "x"].ravel()
    result = judged(question, batch, computed.ravel(), truth(question, batch), Rules())
    regions.add(x, result, terms(question, batch))
    return regions


def of_kernel(question: Question, kernel: Callable[..., Any]) -> tuple[Region, ...]:
    batch = {"x": drawn()}
    return collected(question, batch, asking(kernel)(question, batch)).found()


def ends(region: Region) -> tuple[float, float]:
    return float.fromhex(region.low), float.fromhex(region.high)


def gelu(x: Any) -> Any:
    """As PyTorch computes it."""
    return x * SINGLE(0.5) * (1 + scipy.special.erf(x * SINGLE(math.sqrt(0.5))))


def gelu_slope(x: Any) -> Any:
    density = np.exp(-x * x * SINGLE(0.5)) * SINGLE(1 / math.sqrt(2 * math.pi))
    return SINGLE(0.5) * (1 + scipy.special.erf(x * SINGLE(math.sqrt(0.5)))) + x * density


def test_gelu_by_erf_loses_its_tail() -> None:
    found = {region.kind: region for region in of_kernel(asked(r.gelu), gelu)}
    assert ends(found["NaN at infinity"]) == (-np.inf, -np.inf)
    low, high = ends(found["false zeros"])
    assert -14.4 < low < -13.1
    assert -5.6 < high < -5.4
    assert found["false zeros"].max_ulp is not None
    assert 1.6e7 < found["false zeros"].max_ulp < 2**24
    low, high = ends(found["tail cancellation"])
    assert -5.6 < low < -5.4 < -1.6 < high < -1.1
    assert not found["tail cancellation"].artefact
    assert found["tail cancellation"].wrong <= found["tail cancellation"].inputs


def test_gelu_slope_is_wrong_near_its_root() -> None:
    found = {region.kind: region for region in of_kernel(asked(r.gelu, "derivative"), gelu_slope)}
    near = found["cancellation near the root"]
    low, high = ends(near)
    assert low < -0.7518 < high
    assert -1.4 < low < high < -0.4
    assert abs(float.fromhex(near.worst) + 0.7518) < 0.001
    assert ends(found["tail cancellation"])[1] < -1.3


def test_tanh_by_exp_cancels_near_zero() -> None:
    found = of_kernel(asked(r.tanh), lambda x: 2 / (1 + np.exp(-2 * x)) - 1)
    low, high = zip(
        *(ends(region) for region in found if region.kind == "cancellation near zero"), strict=True
    )
    assert min(low) < -0.1 < 0.1 < max(high)
    assert not [region for region in found if region.kind in ("tail cancellation", "large error")]


def test_expit_flushes() -> None:
    found = of_kernel(asked(r.sigmoid), lambda x: np.where(r.sigmoid(x) < 2.0**-126, 0, r.sigmoid(x)))
    assert [(region.kind, region.artefact) for region in found] == [("flushed subnormals", True)]
    assert -104 < ends(found[0])[0] < ends(found[0])[1] < -87.3


def test_right_results_have_no_region() -> None:
    assert of_kernel(asked(r.gelu), r.gelu) == ()
    assert of_kernel(asked(r.gelu, "derivative"), r.gelu.gradient) == ()


CHANGES: dict[str, tuple[Any, str, Change, tuple[float, float]]] = {
    "NaN": (r.gelu, "value", lambda x, y: np.where((x > 3) & (x < 5), np.nan, y), (3, 5)),
    "NaN swallowed": (r.gelu, "value", lambda x, y: np.nan_to_num(y, posinf=np.inf), (np.nan, np.nan)),
    "overflow": (r.sigmoid, "value", lambda x, y: np.where(x < -50, np.inf, y), (-np.inf, -50)),
    "infinity lost": (r.gelu, "value", lambda x, y: np.where(x == np.inf, 1.0, y), (np.inf, np.inf)),
    "saturation": (r.gelu, "value", lambda x, y: np.minimum(y, FORMATS["float32"].max), (np.inf, np.inf)),
    "false zeros": (
        r.tanh,
        "value",
        lambda x, y: np.where((x > 2**-90) & (x < 2**-40), 0, y),
        (2**-90, 2**-40),
    ),
    "sign of zero": (r.gelu, "value", lambda x, y: np.where(x < -20, 0.0, y), (-np.inf, -20)),
    "wrong sign": (r.silu, "value", lambda x, y: np.where((x > 2) & (x < 3), -y, y), (2, 3)),
    "kink": (r.relu, "derivative", lambda x, y: np.where(x == 0, 0.0, y), (0, 0)),
    "large error": (r.gelu, "value", lambda x, y: np.where((x > 8) & (x < 9), y * (1 + 2**-20), y), (8, 9)),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_planted_error_is_labelled_where_it_lies(kind: str) -> None:
    activation, quantity, change, interval = CHANGES[kind]
    question, batch = asked(activation, quantity), {"x": drawn()}
    exact = truth(question, batch)
    with np.errstate(all="ignore"):
        computed = change(batch["x"], exact.rounded).astype(SINGLE).astype(np.float64)
    found = [each for each in collected(question, batch, computed).found() if each.kind == kind]
    assert len(found) == 1
    low, high = ends(found[0])
    np.testing.assert_allclose((low, high), interval, rtol=0.05, atol=TINY)
    changed = ~((computed == exact.rounded) & (np.signbit(computed) == np.signbit(exact.rounded)))
    changed &= ~(np.isnan(computed) & np.isnan(exact.rounded))
    inside = changed & (((batch["x"] >= low) & (batch["x"] <= high)) | (np.isnan(low) & np.isnan(batch["x"])))
    assert found[0].wrong <= np.count_nonzero(inside)
    assert found[0].wrong >= 0.9 * np.count_nonzero(inside)
    assert found[0].wrong <= found[0].inputs
    assert found[0].artefact == (kind in ("saturation", "kink"))


def planted(x: Floats, wrong: Any) -> tuple[Region, ...]:
    """Regions of sigmoid where NaN stands at some of the places."""
    question, batch = asked(r.sigmoid), {"x": x}
    return collected(question, batch, np.where(wrong, np.nan, truth(question, batch).rounded)).found()


def test_a_few_right_results_split_nothing_and_a_gap_does() -> None:
    x = np.linspace(1, 8, 70_001).astype(SINGLE).astype(np.float64)
    within = (x > 1.5) & (x < 6)
    rng = np.random.default_rng(0)
    assert len(planted(x, within & (rng.random(x.size) < 0.9))) == 1
    few = np.delete(x, np.flatnonzero((x > 2) & (x < 3))[8:])  # eight inputs in a gap of four bins
    assert len(planted(few, (few > 1.5) & (few < 6) & ~((few > 2) & (few < 3)))) == 1
    two = planted(x, within & ~((x > 2) & (x < 3)))
    assert [ends(region) for region in two] == [
        (pytest.approx(1.5, abs=1e-3), 2.0),
        (3.0, pytest.approx(6, abs=1e-3)),
    ]
    assert sum(region.wrong for region in two) == np.count_nonzero(within & ~((x > 2) & (x < 3)))


def test_scattered_errors_are_one_region() -> None:
    x = drawn()
    found = planted(x, np.isfinite(x) & (np.random.default_rng(1).random(x.size) < 1e-3))
    assert len(found) == 1
    assert ends(found[0])[0] < -1e30 < 1e30 < ends(found[0])[1]


def test_many_regions_are_joined_elsewhere_and_none_is_lost() -> None:
    x = drawn()
    wrong = (np.frexp(x)[1] % 8 == 0) & np.isfinite(x) & (x != 0)
    found = planted(x, wrong)
    assert len(found) == MOST
    assert found[-1].kind == ELSEWHERE
    assert sum(region.wrong for region in found) == np.count_nonzero(wrong)
    assert list(found[:-1]) == sorted(found[:-1], key=ends)


def test_merging_in_any_order_gives_the_same() -> None:
    question, batch = asked(r.gelu, "derivative"), {"x": drawn()}
    computed = asking(gelu_slope)(question, batch)
    whole = collected(question, batch, computed).found()
    assert len(whole) > 4
    order = np.random.default_rng(2).permutation(computed.size)
    for pieces in (1, 7, 40):
        parts = [
            collected(question, {"x": batch["x"][some]}, computed[some])
            for some in np.array_split(order, pieces)
        ]
        for sequence in (parts, parts[::-1]):
            merged = Regions(question)
            for part in sequence:
                merged.merge(pickle.loads(pickle.dumps(part)))
            assert merged.found() == whole


def test_regions_of_other_questions_do_not_merge() -> None:
    with pytest.raises(ValueError, match=r"other is of tanh/value/float32, want gelu/value/float32"):
        Regions(asked(r.gelu)).merge(Regions(asked(r.tanh)))


def test_what_is_kept_does_not_grow_with_the_results() -> None:
    question = asked(r.sigmoid, fmt="bfloat16")
    batch = {"x": all_values(question.source)}
    computed = np.zeros_like(batch["x"])
    regions = collected(question, batch, computed)
    size = len(pickle.dumps(regions))
    for _ in range(5):
        regions.merge(collected(question, batch, computed))
    assert len(pickle.dumps(regions)) == size
    assert regions.found()[0].inputs == 6 * Regions.found(collected(question, batch, computed))[0].inputs


def test_cotangents_rows_and_gates_cancel_too() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(-20, 20, 20_000).astype(SINGLE).astype(np.float64)
    g = (1e3 * rng.standard_normal(x.size)).astype(SINGLE).astype(np.float64)
    vjp = asked(r.gelu, "vjp")
    both = {"x": x, "g": g}
    found = collected(vjp, both, asking(lambda x, g: g * gelu_slope(x))(vjp, both)).found()
    assert {"tail cancellation", "cancellation near the root", "false zeros"} <= {each.kind for each in found}
    assert "large error" not in {each.kind for each in found}
    gate = asked(r.geglu)
    pair = {"a": g, "b": x}
    found = collected(gate, pair, asking(lambda a, b: a * gelu(b))(gate, pair)).found()
    assert {each.kind for each in found} <= {"tail cancellation", "false zeros", "flushed subnormals"}
    assert found[-1].kind == "tail cancellation"
    rows = asked(r.log_softmax)
    logits = {"x": np.stack([np.zeros(2000), np.linspace(-30, 0, 2000).astype(SINGLE)], axis=1)}
    shifted = asking(lambda x: x - np.log(np.exp(x).sum(-1, keepdims=True)))(rows, logits)
    found = collected(rows, logits, shifted).found()
    assert {each.kind for each in found} == {"cancellation", "false zeros"}


def test_a_signaling_nan_has_its_place() -> None:
    """Arithmetic on one warns, which is an error here."""
    signaling = np.array([0x7FF0000000000001], np.uint64).view(np.float64)
    found = collected(asked(r.relu), {"x": signaling}, np.array([0.0])).found()
    assert [(region.kind, region.low) for region in found] == [("NaN swallowed", "nan")]


def test_at_most_so_many_regions_are_found() -> None:
    question, x = asked(r.tanh, "derivative"), drawn()
    regions = collected(question, {"x": x}, np.where(x > 0, np.nan, 3.0 + x))
    every, few = regions.found(), regions.found(2)
    assert len(every) > 2 == len(few)
    assert few[-1].kind == ELSEWHERE
    assert sum(region.wrong for region in few) == sum(region.wrong for region in every)


def test_every_label_is_planted_or_known() -> None:
    known = {"right", "flushed subnormals", "NaN at infinity", "tail cancellation", "cancellation"}
    assert set(LABELS) == known | set(CHANGES) | {"cancellation near the root", "cancellation near zero"}
