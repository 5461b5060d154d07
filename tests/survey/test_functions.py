"""The table of what frameworks call each activation."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from refacts.reports.quantities import CATALOGUE
from refacts.reports.survey import functions
from refacts.reports.survey.frameworks import FRAMEWORKS
from refacts.reports.survey.functions import Entry, entries

NOBODYS = {"prelu", "quick_gelu", "swiglu", "geglu", "reglu"}  # prelu's alpha is an array everywhere


def test_the_table_covers_the_catalogue() -> None:
    assert {each.activation for each in entries()} == set(CATALOGUE) - NOBODYS


def test_an_activation_stands_once_in_each_framework() -> None:
    counts = Counter((each.activation, each.framework) for each in entries())
    assert [key for key, count in counts.items() if count > 1] == []
    assert {framework for _, framework in counts} == set(FRAMEWORKS)


def test_refacts_stands_beside_each_activation() -> None:
    ours = [each for each in entries() if each.framework == "refacts"]
    assert [each.function for each in ours] == [f"refacts:{each.activation}" for each in ours]
    assert {each.activation for each in ours} == {each.activation for each in entries()}


def test_parameters_are_those_of_the_activation() -> None:
    for each in entries():
        made = each.made
        assert {name: made.parameters[name] for name in each.parameters} == {
            name: float.fromhex(text) if "0x" in text else float(text)
            for name, text in each.parameters.items()
        }
    by_function = {each.function: each for each in entries()}
    assert by_function["tensorflow.nn:leaky_relu"].made.parameters == {"alpha": 0.2}
    assert by_function["torch.nn.functional:leaky_relu"].made.parameters == {"alpha": 0.01}
    assert by_function["torch.nn.functional:hardsigmoid"].made.parameters["slope"] == Fraction(1, 6)
    assert by_function["jax.nn:hard_sigmoid"].target.arrays is None
    assert by_function["keras.activations:hard_sigmoid"].target.arrays == "tensorflow"


def test_the_two_gelus_of_a_function_are_told_apart() -> None:
    found = {(each.activation, each.target.title) for each in entries() if each.function == "jax.nn:gelu"}
    assert found == {("gelu", "jax.nn:gelu (approximate=False)"), ("gelu_tanh", "jax.nn:gelu")}


@pytest.mark.parametrize("line", ["gelu", "gelu |", "| torch:gelu", "gelu | a | b | c | d"])
def test_a_line_that_is_none_is_quoted(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "TABLE", f"\nactivation | function\n{line}\n")
    with pytest.raises(ValueError, match="a line must be activation | function"):
        entries()


def test_a_call_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "TABLE", "\nactivation | function\ngelu | torch:gelu | tanh\n")
    with pytest.raises(Exception, match=r"must be name=value \(got 'tanh'\)"):
        entries()


def test_an_entry_is_a_target() -> None:
    entry = Entry("gelu_tanh", {}, "torch.nn.functional:gelu", {"approximate": "tanh"})
    assert entry.target.title == "torch.nn.functional:gelu (approximate='tanh')"
    assert entry.made == CATALOGUE["gelu_tanh"]
