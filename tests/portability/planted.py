"""The control: a float64 tier that takes its results for exact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from refacts import activation
from refacts.arithmetic import double


@contextmanager
def without_a_bound() -> Iterator[None]:
    """In the block, float64 rounds what it has, and no other tier is tried unless it overflows."""
    settle = double.settle
    activation._table.cache_clear()
    try:
        with mock.patch.object(double, "settle", lambda value, units, fmt: settle(value, 0, fmt)):
            yield
    finally:
        activation._table.cache_clear()
