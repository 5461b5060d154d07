"""Tiers and kernels that are wrong at the top or the bottom of a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from refacts.arithmetic.double_double import SAFE_MIN, DoubleDouble
from tests.planted import Planted


def trust_any_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Double-double calls exact what its bound says is exact, also where words overflowed."""
    settle = DoubleDouble.settle

    def trusting(self: Any, units: Any, fmt: Any) -> Any:
        answer, certain = settle(self, units, fmt)
        return answer, certain | np.equal(units, 0)

    monkeypatch.setattr(DoubleDouble, "whole", lambda self: np.abs(self.hi) >= SAFE_MIN)
    monkeypatch.setattr(DoubleDouble, "settle", trusting)


def _replaced(y: Any, size: Any, by: float) -> Any:
    return np.where(np.abs(y) == size, np.copysign(y.dtype.type(by), y), y)


def overflows_early(y: Any) -> Any:
    return _replaced(y, np.finfo(y.dtype).max, np.inf)


def flushes_the_least(y: Any) -> Any:
    return _replaced(y, np.finfo(y.dtype).smallest_subnormal, 0.0)


def flushes_the_least_normal(y: Any) -> Any:
    return _replaced(y, np.finfo(y.dtype).smallest_normal, 0.0)


def spoilt(kernel: Any, wrong: Callable[[Any], Any]) -> Planted:
    """A kernel whose every result goes through `wrong`."""
    return Planted(
        kernel,
        lambda x: wrong(kernel(x)),
        lambda x: wrong(kernel.gradient(x)),
        lambda x, g: wrong(kernel.vjp(x, g)),
    )
