"""The textbook formulas are those of the catalogue's functions, and may be wrong in bits only."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, compare, reference
from refacts.reports.quantities import CATALOGUE, operands, quantities
from refacts.reports.targets.formulas import formula
from refacts.reports.targets.kernels import TEXTBOOK

ELEMENTWISE = {name: f for name, f in CATALOGUE.items() if f.spec.kind == "elementwise"}
X = np.array([-6.5, -3.0, -2.25, -1.0, -0.75, -0.5, -0.125, 0.0, 0.125, 0.5, 0.75, 1.0, 2.25, 3.0, 6.5])


def errors(name: str, quantity: str, evaluate: Callable[[Any], Any]) -> Any:
    """Distances of a formula's results at X to the exact ones, relative to the largest exact one."""
    exact = reference(name, quantity, X, FORMATS["float64"], ELEMENTWISE[name].parameters)
    scale = np.max(np.abs(exact.rounded))
    return compare(np.asarray(evaluate(X), float), exact).ulps * exact.ulp / scale


def agrees(name: str, quantity: str, evaluate: Callable[[Any], Any]) -> bool:
    """Whether it is the function at all: a textbook formula loses digits, never half of them here."""
    return bool(np.max(errors(name, quantity, evaluate)) < 2.0**-26)


@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_formula_is_that_function(name: str, quantity: str) -> None:
    activation = ELEMENTWISE[name]
    assert agrees(name, quantity, lambda x: TEXTBOOK.evaluate(activation, quantity, x))


@pytest.mark.parametrize("quantity", ["value", "derivative"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_formula_slightly_off_is_seen(name: str, quantity: str) -> None:
    activation = ELEMENTWISE[name]
    assert not agrees(name, quantity, lambda x: TEXTBOOK.evaluate(activation, quantity, x) + 1e-7)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_defaults_are_those_of_the_catalogue(name: str) -> None:
    """Reproducers call the formula with x alone."""
    signature = inspect.signature(formula(CATALOGUE[name], "value"))
    defaults = {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}
    assert defaults == {key: float(number) for key, number in CATALOGUE[name].parameters.items()}


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
def test_every_quantity_has_a_formula_in_every_format(name: str, fmt: Any) -> None:
    x = fmt.encode(np.linspace(-3, 3, 13))
    for quantity in quantities(CATALOGUE[name]):
        given = [x for _ in operands(CATALOGUE[name], quantity)]
        assert np.isfinite(TEXTBOOK(CATALOGUE[name], quantity, *given)).all(), quantity


@pytest.mark.parametrize("name", CATALOGUE)
def test_float32_stays_float32(name: str) -> None:
    """A float64 in between would make the formula better than what people run."""
    activation = CATALOGUE[name]
    x = np.linspace(-3, 3, 13, dtype=np.float32)
    parameters = {key: float(number) for key, number in activation.parameters.items()}
    given = [x for _ in operands(activation, "value")]
    assert formula(activation, "value")(*given, **parameters).dtype == np.float32
