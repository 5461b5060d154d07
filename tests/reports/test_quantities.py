"""What is measured of each kind of activation, and that nothing is measured twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS
from refacts.reports.inputs import points
from refacts.reports.inputs.points import Plan
from refacts.reports.judge.truth import oracle
from refacts.reports.quantities import CATALOGUE, ROWWISE, SAME, gate, operands, quantities, reduces, results
from refacts.reports.question import Question
from refacts.reports.run.measure import _tasks
from refacts.reports.run.shard import points_of
from refacts.reports.targets.kernels import REFACTS, TEXTBOOK

BY_KIND = {kind: [n for n, f in CATALOGUE.items() if f.spec.kind == kind] for kind in ("rowwise", "gated")}
MAPS = [(n, q) for names in BY_KIND.values() for n in names for q in quantities(CATALOGUE[n])]
PLAN = Plan(50, 0, sampled=True)


def question(name: str, quantity: str, fmt: str) -> Question:
    return Question(CATALOGUE[name], quantity, FORMATS[fmt], FORMATS[fmt])


def drawn(name: str, quantity: str) -> list[Any]:
    """Moderate operands: three rows of seven, and cotangents of what is reduced."""
    activation = CATALOGUE[name]
    shape = (21,) if activation.spec.kind == "gated" else (3, 7)
    given = list(np.random.default_rng(0).normal(size=(len(operands(activation, quantity)), *shape)))
    if quantity == "vjp" and reduces(activation, "value"):
        given[1] = given[1][:, 0]
    return given


def test_the_kinds_have_their_quantities() -> None:
    assert quantities(CATALOGUE["relu"]) == ("value", "derivative", "vjp")
    assert quantities(CATALOGUE["log_softmax"]) == ROWWISE
    assert quantities(CATALOGUE["swiglu"]) == ("value", "vjp_a", "vjp_b", "jvp")
    assert operands(CATALOGUE["swiglu"], "vjp_b") == ("a", "b", "g")
    assert operands(CATALOGUE["swiglu"], "jvp") == ("a", "b", "v_a", "v_b")
    assert operands(CATALOGUE["log_softmax"], "jvp") == ("x", "v")
    assert set(SAME) <= set(CATALOGUE)


@pytest.mark.parametrize("name", BY_KIND["rowwise"])
def test_a_map_is_left_out_exactly_where_it_is_another(name: str) -> None:
    """jvp where it is vjp, the Jacobian where it is the derivative."""
    activation, left_out = CATALOGUE[name], SAME.get(name, ())
    for quantity, other in (("jvp", "vjp"), ("jacobian", "derivative")):
        given = drawn(name, quantity)
        own = REFACTS(activation, quantity, *given)
        if quantity == "jvp" and reduces(activation, "value"):
            given[1] = given[1][:, 0]  # vjp takes others: that alone makes them two maps
        same = np.array_equal(own, REFACTS(activation, other, *given))
        assert same == (quantity in left_out), quantity
        assert (quantity in quantities(activation)) != same


@pytest.mark.parametrize(("name", "quantity"), MAPS)
def test_the_textbook_formula_is_that_map(name: str, quantity: str) -> None:
    given = drawn(name, quantity)
    got, want = (kernel(CATALOGUE[name], quantity, *given) for kernel in (TEXTBOOK, REFACTS))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    assert not np.allclose(want, want[::-1])  # so that it cannot be just any


@pytest.mark.parametrize(("name", "quantity"), MAPS)
@pytest.mark.parametrize("kernel", [REFACTS, TEXTBOOK], ids=lambda kernel: kernel.name)
def test_calls_are_written_as_they_are_made(kernel: Any, name: str, quantity: str) -> None:
    activation = CATALOGUE[name]
    given = dict(zip(operands(activation, quantity), drawn(name, quantity), strict=True))
    places: dict[str, Any] = {"np": np, **given}
    exec(kernel.imports, places)
    written = kernel.written(activation, quantity, {name: name for name in given})
    assert np.array_equal(np.ravel(eval(written, places)), kernel(activation, quantity, *given.values()))


@pytest.mark.parametrize("name", BY_KIND["rowwise"])
def test_rows_have_as_many_results_as_are_said(name: str) -> None:
    for quantity in quantities(CATALOGUE[name]):
        given = [array[0] for array in drawn(name, quantity)]
        found = REFACTS(CATALOGUE[name], quantity, *given)
        assert found.size == results(CATALOGUE[name], quantity, 7)


@pytest.mark.parametrize(("name", "quantity"), [m for m in MAPS if m[0] in BY_KIND["rowwise"]])
def test_every_result_of_a_row_has_its_point(name: str, quantity: str) -> None:
    asked = question(name, quantity, "float16")
    for k in range(points.shards(asked, PLAN)):
        batch = points.batch(asked, PLAN, k)
        rows, length = batch["x"].shape
        given = [asked.format_of(key).encode(values) for key, values in batch.items()]
        wanted = rows * results(CATALOGUE[name], quantity, length)
        assert REFACTS(CATALOGUE[name], quantity, *given).size == points_of(asked, batch).size == wanted
        tasks = [task.args[1]["x"] for task in _tasks(asked, batch)]
        assert np.array_equal(np.concatenate(tasks), batch["x"], equal_nan=True)
        each = max(length, results(CATALOGUE[name], quantity, length))
        assert all(len(x) * each <= max(2000, each) for x in tasks)


@pytest.mark.parametrize(("name", "quantity"), [m for m in MAPS if m[0] in BY_KIND["rowwise"]])
def test_the_oracle_answers_whole_rows_as_it_answers_entries(name: str, quantity: str) -> None:
    asked = question(name, quantity, "float32")
    batch = {key: values[::40] for key, values in points.batch(asked, PLAN, 1).items()}
    whole = oracle(asked, batch)
    entries = oracle(asked, batch, np.arange(whole.rounded.size))
    for field in ("rounded", "residual", "ulp"):
        assert np.array_equal(getattr(whole, field), getattr(entries, field), equal_nan=True)


def test_a_point_of_a_jacobian_is_that_of_its_row() -> None:
    asked = question("softmax", "jacobian", "float32")
    batch = {"x": np.array([[1.0, 2.0], [3.0, 4.0]])}
    assert points_of(asked, batch).tolist() == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_cotangent_of_what_is_reduced_is_one_number() -> None:
    asked = question("logsumexp", "vjp", "float32")
    for batch in points.batches(asked, PLAN):
        assert batch["g"].shape == batch["x"].shape[:1]


@pytest.mark.parametrize("name", BY_KIND["gated"])
def test_gated_inputs_crowd_where_the_gate_changes(name: str) -> None:
    """In b; a and g are of any size, infinite and NaN too."""
    kinks = set(map(float, gate(CATALOGUE[name]).fact("kinks")))
    for quantity in quantities(CATALOGUE[name]):
        asked = question(name, quantity, "float32")
        batches = list(points.batches(asked, Plan(2000, 0, sampled=True)))
        found = {key: np.concatenate([batch[key] for batch in batches]) for key in batches[0]}
        assert kinks <= set(found["b"])
        assert all(np.array_equal(points_of(asked, b), b["b"], equal_nan=True) for b in batches)
        for other in set(found) - {"b"}:
            sizes = np.abs(found[other])
            assert 0.3 < np.mean((sizes > 0.1) & (sizes < 10)) < 0.7
            assert np.isnan(sizes).any()
            assert np.nanmin(sizes) < 1e-30
