"""Rules excuse what a device does, and only that: no rule makes a verdict worse."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refacts.oracles import FORMATS
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.allowances import ALLOWANCES, allowed
from refacts.reports.judge.judging import ARTEFACTS, KINDS, PROFILES, Flags, Rules, judged
from refacts.reports.judge.rows import Row
from refacts.reports.judge.tally import Tally
from refacts.reports.judge.truth import truth
from refacts.reports.quantities import CATALOGUE
from refacts.reports.question import Batch, Question

import refacts
from refacts.testing import verify

F32 = FORMATS["float32"]
LEAST, TINY = 2.0**-149, 2.0**-126


def asked(name: str, quantity: str = "value") -> Question:
    return Question(CATALOGUE[name], quantity, F32, F32)


def told(question: Question, batch: dict[str, Any], got: list[float], rules: Rules) -> list[str]:
    """Kind, artefact and excuse of each result, in a word."""
    operands = {name: np.array(values) for name, values in batch.items()}
    found = judged(question, operands, np.array(got), truth(question, operands), rules)
    return [
        " ".join(filter(None, (KINDS[kind], ARTEFACTS[artefact], rules.names[excuse])))
        for kind, artefact, excuse in zip(found.kinds, found.artefacts, found.excuses, strict=True)
    ]


@pytest.mark.parametrize("profile", [(), ("ftz",), ("daz",), ("ftz", "daz")])
def test_what_is_within_the_budget_passes_whatever_it_looks_like(profile: tuple[str, ...]) -> None:
    rules = Rules(frozenset(profile), budget=4.0)
    x = -3 * LEAST  # the exact result is a tie of -LEAST and -2 LEAST
    assert told(asked("silu"), {"x": [x] * 2}, [-2 * LEAST, -0.0], rules) == ["finite"] * 2
    row = {"x": [[-1.0, LEAST, 0.5]]}
    exact = truth(asked("softmax"), {"x": np.array(row["x"])}).rounded.tolist()
    beside = float(np.nextafter(np.nextafter(np.float32(exact[0]), np.float32(0)), np.float32(0)))
    assert told(asked("softmax"), row, [beside, *exact[1:]], rules) == ["finite", "right", "right"]


def test_a_zero_within_the_budget_passes_only_where_subnormals_are_due() -> None:
    rules = Rules(budget=2e7)
    assert told(asked("sigmoid"), {"x": [-88.0, -80.0]}, [0.0, 0.0], rules) == ["finite", "false_zero"]


def test_a_wrong_slope_is_no_flushing() -> None:
    """0.01 x instead of 0.2 x is beside 0 for tiny x, but no device that flushes gives it."""
    x = [-66 * LEAST, -1000 * LEAST]
    for profile in (frozenset[str](), frozenset({"daz"}), frozenset({"ftz", "daz"})):
        assert told(asked("leaky_relu"), {"x": x}, [-LEAST, -10 * LEAST], Rules(profile)) == ["finite"] * 2
    zeros = told(asked("leaky_relu"), {"x": x}, [-0.0, -0.0], Rules(frozenset({"daz"})))
    assert zeros == ["false_zero flushed daz"] * 2


def test_a_row_with_a_subnormal_entry_is_no_excuse_for_its_other_results() -> None:
    question, row = asked("softmax"), {"x": [[-1.0, LEAST, 0.5]]}
    exact = truth(question, {"x": np.array(row["x"])}).rounded.tolist()
    wrong = [exact[0] + 3 * 2.0**-27, *exact[1:]]
    for profile in (frozenset[str](), frozenset({"daz"})):
        assert told(question, row, wrong, Rules(profile)) == ["finite", "right", "right"]


def test_daz_alone_flushes_no_results() -> None:
    rules = Rules(frozenset({"daz"}))
    assert told(asked("sigmoid"), {"x": [-88.0]}, [0.0], rules) == ["false_zero flushed"]
    row = {"x": [[0.0, -90.0, LEAST]]}
    got = [0.5, 0.0, 0.5]
    assert told(asked("softmax"), row, got, rules) == ["right", "false_zero flushed", "right"]


def test_a_device_may_flush_to_zeros_of_the_other_sign() -> None:
    question, batch = asked("silu"), {"x": [-LEAST, -8 * LEAST, -100.0]}
    got = [0.0, 0.0, 0.0]
    ftz = frozenset({"ftz"})
    assert told(question, batch, got, Rules(ftz)) == ["sign", "false_zero", "false_zero"]
    both = told(question, batch, got, Rules(ftz, allow=("sign-of-zero",)))
    assert [word.split()[-1] for word in both] == ["ftz"] * 3
    near = told(question, batch, got, Rules(allow=("sign-of-zero",), budget=4.0))
    assert near == ["sign sign-of-zero", "false_zero flushed sign-of-zero", "false_zero flushed"]


def passing(question: Question, batch: Batch, got: Floats, rules: Rules) -> tuple[Flags, Tally]:
    """Which results pass, and the tally of all."""
    found = judged(question, batch, got, truth(question, batch), rules)
    tally = Tally(rules.budget, F32, F32)
    tally.add(batch, np.resize(batch["x"].ravel(), got.shape), found, 0)
    near = (found.kinds == KINDS.index("finite")) & (found.comparison.ulps <= rules.budget)
    free = found.artefacts == 0
    return (found.excuses != 0) | (found.kinds == 0) | (near & free & (rules.budget > 0.5)), tally


QUESTIONS = [
    asked("silu"), asked("sigmoid"), asked("leaky_relu"), asked("relu", "derivative"), asked("relu", "vjp"),
    asked("hard_swish", "vjp"), asked("softmax"), asked("softmax", "vjp"), asked("squareplus"),
]  # fmt: skip
SPECIAL = [0.0, -0.0, LEAST, -LEAST, TINY, -TINY, 3.0, -3.0, -88.0, -100.0, F32.max, -F32.max, math.inf,
           -math.inf, math.nan]  # fmt: skip
SIZE = 120


def drawn_operands(rng: np.random.Generator) -> Floats:
    """A third special numbers, a third subnormal ones, a third of any size."""
    special = rng.choice(SPECIAL, SIZE)
    subnormal = rng.integers(-(2**5), 2**5, SIZE) * LEAST * 2.0 ** rng.integers(0, 20)
    any_size = F32.decode(rng.integers(0, 2**32, SIZE, dtype=np.uint64))
    return np.choose(rng.integers(0, 3, SIZE), [special, subnormal, any_size])


def drawn_results(rng: np.random.Generator, exact: Floats) -> Floats:
    """Right ones, some spacings away, zeros, infinities, NaN, the largest number, other signs."""
    nearest = exact.astype(np.float32)
    with np.errstate(all="ignore"):
        ulp = np.where(np.isfinite(nearest), np.spacing(np.abs(nearest)), np.float32(0))
        beside = (nearest + rng.integers(-5, 6, SIZE) * ulp).astype(np.float32)
        twice = 2 * nearest
    wrong = [exact, beside, twice, -exact, np.full(SIZE, LEAST), np.zeros(SIZE), np.full(SIZE, -0.0),
             np.full(SIZE, np.nan), np.full(SIZE, np.inf), np.copysign(F32.max, exact)]  # fmt: skip
    return np.choose(rng.integers(0, len(wrong), SIZE), [np.asarray(each, np.float64) for each in wrong])


@given(st.data())
def test_no_rule_makes_anything_worse(data: st.DataObject) -> None:
    """Another profile or allowance turns no pass into a failure, and counts no more defects."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    question = data.draw(st.sampled_from(QUESTIONS))
    shape = (SIZE // 4, 4) if question.kind == "rowwise" else (SIZE,)
    batch = {name: drawn_operands(rng).reshape(shape) for name in question.operands}
    got = drawn_results(rng, truth(question, batch).rounded)
    budget = data.draw(st.sampled_from([0.5, 1.0, 4.0, 1e7]))
    kink = data.draw(st.sampled_from(["any", "left", "right"]))
    names = [name for name, one in ALLOWANCES.items() if not one.incident]
    allow = data.draw(st.sets(st.sampled_from(names)))

    def judging(profile: Iterable[str], allow: Iterable[str]) -> tuple[Flags, Tally]:
        return passing(question, batch, got, Rules(frozenset(profile), kink, allowed(allow), budget))

    profiles = [set(some) for n in range(4) for some in combinations(PROFILES, n)]
    found = [judging(profile, allow) for profile in profiles]
    chains = [(a, b) for a, p in zip(found, profiles, strict=True)
              for b, q in zip(found, profiles, strict=True) if p < q]  # fmt: skip
    profile = data.draw(st.sampled_from(profiles))
    start = found[profiles.index(profile)]
    chains += [(start, judging(profile, {*allow, name})) for name in names]
    for before, after in chains:
        assert not (before[0] & ~after[0]).any()
        assert after[1].over_budget <= before[1].over_budget
        for kind, count in after[1].mismatches().items():
            assert count <= before[1].mismatches()[kind]


def test_a_larger_budget_makes_nothing_worse() -> None:
    question, batch = asked("silu"), {"x": np.array([-3 * LEAST, -8 * LEAST, -100.0, 3 * LEAST, 2.0])}
    for value in (0.0, -0.0, LEAST, 3.0, np.inf, np.nan):
        got = np.full(5, value)
        for profile in (frozenset[str](), frozenset({"ftz"}), frozenset({"ftz", "daz"})):
            for allow in ((), ("false-zero",), ("sign-of-zero",), ("flushed",)):
                passed = [
                    passing(question, batch, got, Rules(profile, "any", allow, budget))[0]
                    for budget in (0.5, 1.0, 4.0, 1e7)
                ]
                for less, more in pairwise(passed):
                    assert not (less & ~more).any()


def one(kernel: Any, activation: str, **options: Any) -> Row:
    with np.errstate(all="ignore"):
        (row,) = verify(kernel, activation, quantity="value", format="float32", samples=5000, **options)
    return row


def test_kernels_that_do_not_flush_are_not_told_so() -> None:
    slope = one(lambda x: np.where(x >= 0, x, x * np.float32(0.01)), "leaky_relu", max_ulp=2)
    assert slope.verdict == "fail"
    said = [worst for worst in slope.worst if worst.artefact]
    assert {float.fromhex(worst.got) for worst in said} == {0.0}  # 0.01 of the least numbers
    for profile in ("ftz", "daz"):
        assert one(refacts.softmax, "softmax", max_ulp=2, profile=[profile]).verdict == "pass"
