"""Results are sorted by kind, artefact and excuse; kinks have two sides; tallies and controls add up."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from refacts.oracles import FORMATS, Reference
from refacts.reports.judge.controls import moved
from refacts.reports.judge.judging import ARTEFACTS, KINDS, Judged, Rules, judged
from refacts.reports.judge.kinks import described, sides
from refacts.reports.judge.tally import Tally
from refacts.reports.judge.truth import oracle, truth
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Question

import refacts

F32 = FORMATS["float32"]
SIGMOID = Question(CATALOGUE["sigmoid"], "value", F32, F32)
TINY = 2.0**-126


def told(
    question: Question, x: list[float], got: list[float], rules: Rules, **others: list[float]
) -> list[str]:
    """Kind, artefact and excuse of each result, in a word."""
    batch = {name: np.array(values) for name, values in {"x": x, **others}.items()}
    found = judged(question, batch, np.array(got), truth(question, batch), rules)
    return [
        " ".join(filter(None, (KINDS[kind], ARTEFACTS[artefact], rules.names[excuse])))
        for kind, artefact, excuse in zip(found.kinds, found.artefacts, found.excuses, strict=True)
    ]


def test_each_kind_of_wrong_result() -> None:
    x = [0.0, 0.0, np.nan, np.nan, -np.inf, 1.0, -1.0, -50.0]
    got = [0.5, 0.75, np.nan, 1.0, np.nan, np.inf, -0.25, 0.0]
    kinds = ["right", "finite", "right", "nan", "nan", "inf", "sign", "false_zero"]
    assert told(SIGMOID, x, got, Rules()) == kinds


def test_flushed_results_are_an_artefact_and_excused_by_ftz() -> None:
    assert told(SIGMOID, [-88.0, -100.0], [0.0, 0.0], Rules()) == ["false_zero flushed", "false_zero flushed"]
    ftz = Rules(frozenset({"ftz"}))
    assert told(SIGMOID, [-88.0, -80.0], [0.0, 0.0], ftz) == ["false_zero flushed ftz", "false_zero"]
    assert told(SIGMOID, [-88.0], [-0.0], ftz) == ["false_zero"]  # not of the right sign


def test_zero_beside_the_least_number_is_a_neighbour() -> None:
    silu = Question(CATALOGUE["silu"], "value", F32, F32)
    assert told(silu, [2.0**-149, 2.0**-146], [0.0, 0.0], Rules()) == ["finite", "false_zero flushed"]


def test_operands_taken_as_zero_are_excused_by_daz() -> None:
    relu = Question(CATALOGUE["relu"], "vjp", F32, F32)
    given = {"x": [1.0, TINY / 2], "got": [0.0, 3.0]}
    assert told(relu, given["x"], given["got"], Rules(), g=[TINY / 2, 1.0])[0] == "false_zero flushed"
    daz = Rules(frozenset({"daz"}))
    assert told(relu, given["x"], given["got"], daz, g=[TINY / 2, 1.0]) == [
        "false_zero flushed daz",
        "finite",
    ]
    softsign = Question(CATALOGUE["softsign"], "derivative", F32, F32)
    assert told(softsign, [TINY / 2], [1.0], Rules()) == ["right"]


def test_saturation_is_excused_by_its_profile() -> None:
    elu = Question(CATALOGUE["squareplus"], "vjp", F32, F32)
    assert told(elu, [1e30], [F32.max], Rules(), g=[np.inf]) == ["inf saturated"]
    assert told(elu, [1e30], [F32.max], Rules(frozenset({"saturate"})), g=[np.inf]) == [
        "inf saturated saturate"
    ]


@pytest.mark.parametrize(
    ("kink", "want"),
    [("any", ["right", "finite kink kink", "finite kink kink", "finite"]),
     ("right", ["right", "finite kink", "finite kink", "finite"]),
     ("left", ["finite kink", "right", "finite kink", "finite"])],
)  # fmt: skip
def test_a_kink_has_two_sides(kink: str, want: list[str]) -> None:
    leaky = Question(refacts.LeakyReLU(alpha=0.25), "derivative", F32, F32)
    assert told(leaky, [0.0] * 4, [1.0, 0.25, 0.5, 0.125], Rules(kink=kink)) == want


@pytest.mark.parametrize("kink", ["left", "right"])
def test_the_other_side_of_a_kink_may_be_allowed(kink: str) -> None:
    leaky = Question(refacts.LeakyReLU(alpha=0.25), "derivative", F32, F32)
    found = told(leaky, [0.0] * 4, [1.0, 0.25, 0.5, 0.125], Rules(kink=kink, allow=("kink",)))
    assert sorted(found) == ["finite", "finite kink kink", "finite kink kink", "right"]


def test_a_cotangent_scales_both_sides() -> None:
    leaky = Question(refacts.LeakyReLU(alpha=0.25), "vjp", F32, F32)
    words = told(leaky, [0.0] * 3, [-4.0, -1.0, -5.0], Rules(), g=[-4.0] * 3)
    assert words == ["right", "finite kink kink", "finite"]


def test_sides_are_said() -> None:
    swish = Question(CATALOGUE["hard_swish"], "derivative", F32, F32)
    batch = {"x": np.array([-3.0, 3.0, 1.0])}
    found = sides(swish, batch, np.array([0.0, 1.25, 0.8]))
    assert described(found) == "takes the derivative from the left at -3, between the two at 3"
    assert described(sides(swish, batch, np.array([9.0, 1.5, 0.8]))) == (
        "takes the derivative not between the two at -3, from the left at 3"
    )
    assert described({}) == ""


def test_one_sided_derivatives_are_exact() -> None:
    third = refacts.HardSigmoid(slope=Fraction(1, 3))
    question = Question(third, "derivative", F32, F32)
    kink = -1.5
    right = float(np.float32(1 / 3))
    assert told(question, [kink] * 2, [0.0, right], Rules()) == ["false_zero kink kink", "right"]
    elu = Question(refacts.ELU(alpha=0.3), "derivative", F32, F32)
    assert told(elu, [0.0], [float(np.float32(0.3))], Rules()) == ["finite kink kink"]


def whole(x: np.ndarray, got: np.ndarray, budget: float = 1.0) -> tuple[Judged, dict[str, np.ndarray]]:
    batch = {"x": x}
    return judged(SIGMOID, batch, got, truth(SIGMOID, batch), Rules(budget=budget)), batch


def results(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-110, 90, n).astype(np.float32)
    x[:4] = np.inf, -np.inf, np.nan, 0
    with np.errstate(all="ignore"):
        y = 1 / (1 + np.exp(-x))
    y[5:9] = np.nan, np.inf, -1.0, 0.0
    return x.astype(np.float64), y.astype(np.float64)


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_tallies_add_up(pieces: int) -> None:
    x, y = results(0)
    parts = np.array_split(np.arange(x.size), pieces)
    together = Tally(1.0, F32, F32)
    start = 0
    for part in parts:
        found, batch = whole(x[part], y[part])
        tally = Tally(1.0, F32, F32)
        tally.add(batch, x[part], found, start)
        start += part.size
        together.merge(tally)
    found, batch = whole(x, y)
    once = Tally(1.0, F32, F32)
    once.add(batch, x, found, 0)
    for name in ("inputs", "correct", "within_one", "over_budget", "excused", "max"):
        assert getattr(together, name) == getattr(once, name)
    for method in ("error", "mismatches", "artefact_counts", "bins", "loud"):
        assert getattr(together, method)() == getattr(once, method)()
    assert together.worst == once.worst
    assert once.inputs == x.size


def test_counts_are_what_they_say() -> None:
    x, y = results(1)
    found, batch = whole(x, y, 2.0)
    tally = Tally(2.0, F32, F32)
    tally.add(batch, x, found, 0)
    assert tally.mismatches() == {"nan": 1, "inf": 1, "sign": 1, "false_zero": 1}
    ulps = found.comparison.ulps
    error = tally.error()
    assert error.max == np.nanmax(ulps)
    measured = ulps[~np.isnan(ulps)]
    for got, share in ((error.p99, 99), (error.p999, 99.9)):
        want = np.percentile(measured, share, method="higher")
        assert got is not None
        assert want <= got * (1 + 1e-12)
        assert got <= want * (1 + 2.0**-8)
    finite = (found.kinds == KINDS.index("finite")) & (found.artefacts == 0)
    assert tally.over_budget == np.count_nonzero(finite & (ulps > 2))


def test_percentiles_of_infinite_errors_are_infinite() -> None:
    """An error of 1e308 ulp and more overflows: the last bin has no end."""
    x = np.full(4, 1.0)
    found, batch = whole(x, np.full(4, 1e30), 2.0)
    ulps = np.array([0.5, np.inf, np.inf, np.inf])
    endless = replace(found, comparison=replace(found.comparison, ulps=ulps))
    tally = Tally(2.0, F32, F32)
    tally.add(batch, x, endless, 0)
    error = tally.error()
    assert (error.max, error.p999, error.p99, error.mean) == (np.inf,) * 4
    assert [(each.max, each.p99) for each in tally.bins()] == [(np.inf, np.inf)]


@pytest.mark.parametrize("budget", [0.5, 1.0, 2.0, 1e7, 1e300])
@pytest.mark.parametrize("quota", [0.0, 0.01])
def test_moved_results_are_past_the_budget(budget: float, quota: float) -> None:
    x, _ = results(2)
    exact = truth(SIGMOID, {"x": x})
    found, count = moved(SIGMOID, {"x": x}, exact, budget, quota, 0)
    assert count == max(np.ceil(x.size / 64), np.ceil(2 * quota * x.size))
    result = judged(SIGMOID, {"x": x}, found, exact, Rules(budget=budget))
    wrong = result.kinds != 0
    assert np.count_nonzero(wrong) == count
    assert (~(result.comparison.ulps[wrong] <= budget)).all()
    assert not result.excuses.any()
    F32.encode(found)


def test_only_zeros_and_nan_can_be_moved_too() -> None:
    for x in (np.array([0.0]), np.array([np.nan, np.nan])):
        relu = Question(CATALOGUE["relu"], "value", F32, F32)
        exact = truth(relu, {"x": x})
        found, count = moved(relu, {"x": x}, exact, 1.0, 0.0, 0)
        assert count == 1
        assert (judged(relu, {"x": x}, found, exact, Rules()).kinds != 0).sum() == 1


def test_a_judge_that_takes_everything_is_seen() -> None:
    """The control of the control: with the truth replaced by what came, moved results pass."""
    x, _ = results(3)
    exact = truth(SIGMOID, {"x": x})
    found, _ = moved(SIGMOID, {"x": x}, exact, 1.0, 0.0, 0)
    blind = Reference(found, np.zeros(x.size), exact.ulp)
    tally = Tally(1.0, F32, F32)
    tally.add({"x": x}, x, judged(SIGMOID, {"x": x}, found, blind, replace(Rules(), budget=1.0)), 0)
    assert tally.over_budget == 0


def test_the_oracle_and_the_kernels_measure_alike_below_a_power_of_two() -> None:
    """1 - 8e-18 is 1 in float64: the spacing is that below 1, whoever says what the exact value is."""
    question = Question(CATALOGUE["tanh"], "value", F32, F32)
    batch, got = {"x": np.array([20.0, 20.0])}, np.array([1.0 + 2.0**-23, 1.0])
    for exact, rules in ((truth(question, batch), Rules()), (oracle(question, batch), Rules(oracle=True))):
        assert judged(question, batch, got, exact, rules).comparison.ulps.round(6).tolist() == [2.0, 0.0]


def test_zeroed_operands_are_asked_of_the_oracle_where_it_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    relu = Question(CATALOGUE["relu"], "vjp", F32, F32)
    batch = {"x": np.array([1.0]), "g": np.array([TINY / 2])}
    monkeypatch.setattr("refacts.reports.judge.judging.truth", None)
    monkeypatch.setattr("refacts.reports.judge.judging.sharpened", None)
    found = judged(relu, batch, np.array([0.0]), oracle(relu, batch), Rules(oracle=True))
    assert ARTEFACTS[found.artefacts[0]] == "flushed"


def test_the_jvp_of_a_gated_unit_has_sides_at_kinks() -> None:
    question = Question(CATALOGUE["reglu"], "jvp", F32, F32)
    given = {"a": 2.0, "b": 0.0, "v_a": 1.0, "v_b": 3.0}
    batch = {name: np.array([value]) for name, value in given.items()}
    assert sides(question, batch, np.array([6.0])) == {(0.0, "right"): 1}
    assert sides(question, batch, np.array([0.0])) == {(0.0, "left"): 1}


def test_normwise_is_of_whole_rows_and_of_the_worst_in_any_order() -> None:
    question = Question(CATALOGUE["softmax"], "value", F32, F32)
    tallies = []
    for rows in ([[0.0, 0.0]], [[0.0, 0.0], [-np.inf, -np.inf]]):
        batch = {"x": np.array(rows)}
        exact = truth(question, batch)
        got = exact.rounded + (2.0**-20 if len(rows) == 1 else 0.0)
        tally = Tally(1.0, F32, F32)
        found = judged(question, batch, got, exact, Rules())
        tally.add(batch, batch["x"].ravel(), found, 0)
        tallies.append(tally)
    assert [tally.normwise_error() for tally in tallies] == [2.0**-19 * 2**24, 0.0]
    tallies[1].merge(tallies[0])
    assert tallies[1].normwise_error() == 2.0**-19 * 2**24
    assert Tally(1.0, F32, F32).normwise_error() is None
