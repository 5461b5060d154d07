"""The inputs of a question: the same for the same plan, made in any order, and where it is hard."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, exact, reference
from refacts.reports.exits import UsageError
from refacts.reports.inputs.boundaries import boundaries
from refacts.reports.inputs.points import SHARD, Plan, batch, batches, count, coverage, part, shards
from refacts.reports.inputs.thresholds import thresholds
from refacts.reports.quantities import CATALOGUE, gate, quantities, reduces, results
from refacts.reports.question import Question, pair

PLAN = Plan(samples=3000, seed=5)
NAMES = ("gelu", "relu", "leaky_relu", "swiglu", "softmax", "softmin", "logsumexp", "sparsemax")
FORMAT_PAIRS = ("float16", "bfloat16", "float32", "float64", "float32:bfloat16", "float64:float32")
ASKED = [(name, quantity) for name in NAMES for quantity in ("jvp", *quantities(CATALOGUE[name]))]


def question(name: str, quantity: str = "value", formats: str = "float32") -> Question:
    return Question(CATALOGUE[name], quantity, *pair(formats))


def bits(made: Any) -> dict[str, bytes]:
    return {name: values.tobytes() for name, values in made.items()}


@pytest.mark.parametrize("formats", FORMAT_PAIRS)
@pytest.mark.parametrize(("name", "quantity"), ASKED)
def test_shards_are_made_alone_in_their_formats(name: str, quantity: str, formats: str) -> None:
    asked = question(name, quantity, formats)
    every = list(batches(asked, PLAN))
    assert len(every) == shards(asked, PLAN)
    found = 0
    for k in reversed(range(len(every))):
        made = batch(asked, PLAN, k)
        assert bits(made) == bits(every[k])
        assert tuple(made) == asked.operands
        for operand, values in made.items():
            asked.format_of(operand).bit_patterns(values)  # ValueError if one is of another format
            alone = operand == "g" and reduces(asked.activation, "value")
            first = made[asked.operands[0]].shape
            assert values.shape == (first[:1] if alone else first)
        found += _results(asked, made)
    assert found == count(asked, PLAN)


def _results(asked: Question, made: Any) -> int:
    if asked.kind != "rowwise":
        return int(made[asked.operands[0]].size)
    rows, length = made["x"].shape
    return int(rows * results(asked.activation, asked.quantity, length))


@pytest.mark.parametrize(("name", "quantity"), [("gelu", "value"), ("relu", "vjp"), ("softmax", "vjp")])
def test_another_seed_draws_others(name: str, quantity: str) -> None:
    asked = question(name, quantity)
    first, second = (list(batches(asked, Plan(3000, seed))) for seed in (0, 1))
    for k, (one, other) in enumerate(zip(first, second, strict=True)):
        assert (bits(one) == bits(other)) == (part(asked, PLAN, k) == "hard")


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("quantity", ["value", "derivative"])
def test_short_formats_of_one_operand_are_exhausted_in_order(name: str, quantity: str) -> None:
    asked = question("gelu", quantity, name)
    assert coverage(asked, PLAN) == "exhaustive"
    (made,) = batches(asked, PLAN)
    assert part(asked, PLAN, 0) == "every"
    fmt = FORMATS[name]
    assert made["x"].tobytes() == fmt.decode(np.arange(65536)).tobytes()
    assert coverage(question("gelu", "vjp", name), PLAN) == "sampled"
    assert coverage(question("reglu", "value", name), PLAN) == "sampled"


def test_float32_is_exhausted_on_demand_in_order() -> None:
    asked, plan = question("gelu"), Plan(0, 0, exhaustive=True)
    assert coverage(asked, PLAN) == "sampled"
    assert coverage(asked, plan) == "exhaustive"
    assert count(asked, plan) == 2**32
    assert shards(asked, plan) == 2**32 // SHARD
    for k in (0, 1, 2**15 - 1):
        expected = FORMATS["float32"].decode(np.arange(k * SHARD, (k + 1) * SHARD, dtype=np.uint64))
        assert batch(asked, plan, k)["x"].tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("name", "quantity", "formats", "why"),
    [
        ("gelu", "value", "float64", "gelu/value/float64 has 2^64 inputs"),
        ("gelu", "vjp", "bfloat16", "gelu/vjp/bfloat16 is of more than one operand"),
        ("swiglu", "value", "bfloat16", "swiglu/value/bfloat16 is of more than one operand"),
        ("softmax", "value", "bfloat16", "softmax/value/bfloat16 is of more than one operand"),
    ],
)
def test_what_cannot_be_exhausted_is_refused(name: str, quantity: str, formats: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"at most 2^32 inputs of one operand: {why}")):
        list(batches(question(name, quantity, formats), Plan(0, 0, exhaustive=True)))


@pytest.mark.parametrize(("samples", "seed", "said"), [(-1, 0, "samples .* -1"), (0, -2, "seed .* -2")])
def test_plans_are_checked(samples: int, seed: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Plan(samples, seed)


def test_no_such_shard() -> None:
    with pytest.raises(IndexError, match=r"k must be in \[0, 3\) \(got 3\)"):
        batch(question("gelu"), PLAN, 3)


@pytest.mark.parametrize("name", ["gelu", "relu", "softmax", "logsumexp", "swiglu"])
def test_a_hundred_million_are_cut_in_small_shards(name: str) -> None:
    asked, plan = question(name), Plan(10**8, 0)
    n = shards(asked, plan)
    assert count(asked, plan) > (5e6 if reduces(asked.activation, "value") else 9e7)
    for k in (0, n // 3, n - 1):
        made = batch(asked, plan, k)
        assert max(values.size for values in made.values()) <= SHARD
        assert _results(asked, made) <= SHARD


def hard_inputs(asked: Question) -> Any:
    return batch(asked, PLAN, 0)


@pytest.mark.parametrize("formats", ["float32", "float64:float32", "float32:float16"])
@pytest.mark.parametrize(("name", "quantity"), [("gelu", "value"), ("hard_swish", "derivative")])
def test_hard_inputs_crowd_around_thresholds(name: str, quantity: str, formats: str) -> None:
    asked = question(name, quantity, formats)
    fmt, found = asked.source, set(hard_inputs(asked)["x"].tolist())
    turns = thresholds(asked.activation, quantity, fmt, asked.result)
    assert turns
    for point in turns:
        size = int(fmt.bit_patterns(abs(_held(fmt, point))))
        for step in range(-64, 65):
            if 0 < size + step <= int(fmt.bit_patterns(fmt.max)):
                assert np.copysign(float(fmt.decode(size + step)), point) in found


def _held(fmt: Any, point: float) -> float:
    return exact("relu", "value", abs(point), fmt).rounded


def test_thresholds_are_those_of_the_format_of_the_result() -> None:
    """gelu in float32 ends to be 0 below -14; rounded to float16 long before."""
    wide = thresholds(CATALOGUE["gelu"], "value", FORMATS["float32"])
    narrow = thresholds(CATALOGUE["gelu"], "value", FORMATS["float32"], FORMATS["float16"])
    assert min(wide) < -14 < min(narrow) < -5
    assert max(narrow) == 65520  # gelu falls short of it, the tie that relu rounds to infinity
    narrow = thresholds(CATALOGUE["relu"], "value", FORMATS["float32"], FORMATS["float16"])
    assert max(narrow) == float(np.nextafter(np.float32(65520), np.float32(0)))
    assert thresholds(CATALOGUE["gelu"], "value", *[FORMATS["float32"]] * 2) == wide


@pytest.mark.parametrize(("name", "quantity"), [("gelu", "value"), ("tanh", "derivative"), ("relu", "value")])
def test_results_lie_beside_boundaries_of_the_narrower_format(name: str, quantity: str) -> None:
    """By the oracle: of neighbouring float64 inputs one is rounded down, the other up."""
    fmt = FORMATS["float32"]
    found = boundaries(CATALOGUE[name], quantity, FORMATS["float64"], fmt)
    assert len(found) >= 100
    rounded = reference(name, quantity, found, fmt).rounded
    neighbours = np.nextafter(found[:-1], np.inf) == found[1:]
    assert np.count_nonzero(neighbours & (rounded[:-1] != rounded[1:])) >= len(found) // 5
    hard = hard_inputs(question(name, quantity, "float64:float32"))["x"]
    assert set(found) <= set(hard.tolist())
    assert boundaries(CATALOGUE[name], quantity, fmt, fmt) == ()
    assert boundaries(CATALOGUE[name], quantity, fmt, FORMATS["float64"]) == ()


def test_double_rounding_is_among_the_hard_inputs() -> None:
    """Rounded to float32 and then to bfloat16 some results are wrong: so would a kernel's be."""
    asked = question("gelu", "value", "float32:bfloat16")
    x = hard_inputs(asked)["x"]
    x = x[np.isfinite(x)]
    once = reference("gelu", "value", x, FORMATS["bfloat16"]).rounded
    first = reference("gelu", "value", x, FORMATS["float32"]).rounded
    twice = np.array([exact("relu", "value", abs(y), FORMATS["bfloat16"]).rounded for y in first])
    assert np.count_nonzero(twice != np.abs(once)) > 10


@pytest.mark.parametrize(("name", "quantity"), [("gelu", "vjp"), ("gelu", "jvp"), ("swiglu", "jvp")])
@pytest.mark.parametrize("formats", ["float32", "float32:float16"])
def test_factors_are_one_special_and_of_any_size(name: str, quantity: str, formats: str) -> None:
    asked = question(name, quantity, formats)
    turning = "b" if asked.kind == "gated" else "x"
    for k in (0, 2):
        made = batch(asked, PLAN, k)
        for operand in set(asked.operands) - {turning}:
            fmt, values = asked.format_of(operand), made[operand]
            for special in (1.0, -1.0, 0.0, np.inf, -np.inf, fmt.max, fmt.smallest_subnormal):
                assert (values == special).any(), special
            assert np.isnan(values).any()
    if turning == "b":
        kinks = set(map(float, gate(asked.activation).fact("kinks")))
        assert kinks <= set(batch(asked, PLAN, 0)["b"].tolist())


def test_uniform_inputs_are_uniform_over_exponents() -> None:
    asked, plan = question("gelu", "vjp", "float32:float16"), Plan(200_000, 0)
    assert [part(asked, plan, k) for k in range(3)] == ["hard", "uniform", "dense"]
    made = batch(asked, plan, 1)
    for operand, values in made.items():
        fmt = asked.format_of(operand)
        codes = fmt.bit_patterns(values)
        share = np.bincount(codes >> (fmt.bits - 4), minlength=16) / len(codes)
        assert np.abs(share - 1 / 16).max() < 0.005, operand


def test_rows_are_of_all_families_and_lengths() -> None:
    asked = question("softmax", "vjp")
    made = list(batches(asked, Plan(100_000, 0)))
    lengths = {one["x"].shape[1] for one in made}
    assert {1, 2, 3, 16, 17, 33, 40, 100, 1000} <= lengths
    assert max(lengths) == 1000
    rows = [row for one in made for row in one["x"]]
    assert any(len(row) > 5 and len(np.unique(row)) == 1 for row in rows)
    assert any(np.isneginf(row).any() and not np.isneginf(row).all() for row in rows)
    assert any(np.ptp(row) > 1e30 for row in rows if np.isfinite(row).all())
    cotangents = [row for one in made for row in one["g"]]
    assert any(len(row) > 5 and np.count_nonzero(row) == 1 for row in cotangents)
    assert 0.02 < np.mean([not np.isfinite(row).all() for row in cotangents]) < 0.3


def test_softmin_has_rows_that_weigh() -> None:
    """What weighs nothing in it is +inf."""
    defined = 0
    for made in batches(question("softmin"), PLAN):
        assert not np.isneginf(made["x"][1:]).all()
        defined += np.isposinf(made["x"]).any(axis=1).sum()
    assert defined > 20


def test_the_step_of_a_shard_is_not_a_matter_of_the_plan() -> None:
    """A longer plan begins with the same inputs up to a whole shard."""
    asked = question("gelu")
    one, two = Plan(4 * SHARD, 0), Plan(8 * SHARD, 0)
    assert bits(batch(asked, one, 1)) == bits(batch(asked, two, 1))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_16_bit_formats_are_sampled_where_the_plan_says_so(name: str) -> None:
    asked, plan = question("gelu", "value", name), Plan(200, 3, sampled=True)
    assert coverage(asked, plan) == "sampled"
    kinds = [part(asked, plan, k) for k in range(shards(asked, plan))]
    assert kinds == ["hard", "uniform", "dense"]
    x = np.concatenate([made["x"] for made in batches(asked, plan)])
    hard = batch(asked, plan, 0)["x"]
    assert x.size == count(asked, plan) == hard.size + 200
    assert np.array_equal(x[: hard.size], batch(asked, Plan(0, 0, sampled=True), 0)["x"], equal_nan=True)


def test_jacobians_of_long_rows_are_few_and_as_many_as_asked_for() -> None:
    asked = question("softmax", "jacobian")
    shapes = [made["x"].shape for made in batches(asked, Plan(0, 0))]
    assert {rows for rows, length in shapes if length > 10} == {1}
    assert {rows for rows, length in shapes if 3 < length < 10} == {5}
    assert count(asked, Plan(100_000, 0)) >= 100_000
