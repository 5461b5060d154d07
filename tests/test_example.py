"""The example, run as its reader would; its claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.loading import loaded

PATH = Path(__file__).parent.parent / "examples" / "digits.py"


@pytest.fixture(scope="module")
def digits() -> Any:
    return loaded(PATH)


def test_learns_and_measures(digits: Any, capsys: pytest.CaptureFixture[str]) -> None:
    data = digits.data()
    network = digits.train(data)
    assert digits.accuracy(network, data) >= 0.95
    for name, (ours, theirs) in digits.measured(network, data).items():
        assert ours <= 0.5, f"{name}: refacts is {ours} ulp off"
        assert theirs > 0.5, f"{name}: the textbook formula is {theirs} ulp off"


def test_an_untrained_network_fails(digits: Any) -> None:
    digits.EPOCHS = 0
    data = digits.data()
    assert digits.accuracy(digits.train(data), data) < 0.95
