"""The claims of `examples/digits.py`; that it runs as shown is tried with the other examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.loading import loaded

PATH = Path(__file__).parent.parent / "examples" / "digits.py"


@pytest.fixture(scope="module")
def digits() -> Any:
    return loaded(PATH)


@pytest.fixture(scope="module")
def data(digits: Any) -> Any:
    return digits.data()


def test_learns_and_measures(digits: Any, data: Any) -> None:
    network = digits.train(data)
    assert digits.accuracy(network, data) >= 0.95
    for name, (ours, theirs) in digits.measured(network, data).items():
        assert ours <= 0.5, f"{name}: refacts is {ours} ulp off"
        assert theirs > 0.5, f"{name}: the naive formula is {theirs} ulp off"


def test_naive_formulas_learn_and_the_diagonal_does_not(digits: Any, data: Any) -> None:
    assert digits.accuracy(digits.train(data, digits.NAIVE), data, digits.NAIVE) >= 0.95
    with np.errstate(all="ignore"):
        network = digits.train(data, digits.DIAGONAL)
    assert not np.isfinite(network.output).all()
    assert digits.accuracy(network, data, digits.DIAGONAL) == 0


def test_at_a_rate_too_high_only_the_exact_network_stays_finite(digits: Any, data: Any) -> None:
    exact = digits.train(data, digits.EXACT, digits.FAST)
    with np.errstate(all="ignore"):
        naive = digits.train(data, digits.NAIVE, digits.FAST)
    assert np.isfinite(exact.hidden).all()
    assert not np.isfinite(naive.hidden).all()


def test_an_untrained_network_fails(digits: Any, data: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "EPOCHS", 0)
    assert digits.accuracy(digits.train(data), data) < 0.95
