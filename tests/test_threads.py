"""Eight threads over rows give the bits of one."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from tests.checks import call, same_bits
from tests.rows import QUANTITIES, ROWWISE, cotangent, hard_rows

THREADS = 8
every_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=lambda fmt: fmt.name)


@pytest.fixture(autouse=True)
def _turns_are_short() -> Iterator[None]:
    """Threads take turns a thousand times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 1000)
    yield
    sys.setswitchinterval(before)


def stacks(fmt: Any) -> list[tuple[Any, Any]]:
    """Hard rows and their cotangents, those of one length together."""
    rows = hard_rows(fmt, seed=11)
    lengths = sorted({len(x) for x, _ in rows})
    alike = [[pair for pair in rows if len(pair[0]) == n] for n in lengths]
    return [(np.stack([x for x, _ in pairs]), np.stack([g for _, g in pairs])) for pairs in alike]


def quantity_of(kernel: Any, quantity: str, x: Any, g: Any) -> Any:
    if quantity == "jacobian":
        return kernel.jacobian(x)
    return call(kernel, quantity, x, cotangent(kernel, quantity, g))


def together(kernel: Any, quantity: str, x: Any, g: Any) -> Any:
    """A quantity of rows, every eighth by the same thread; all threads start at once."""
    start = threading.Barrier(THREADS)

    def share(k: int) -> Any:
        start.wait()
        return quantity_of(kernel, quantity, x[k::THREADS], g[k::THREADS])

    with ThreadPoolExecutor(THREADS) as pool:
        shares = list(pool.map(share, range(THREADS)))
    y = np.empty((len(x), *shares[0].shape[1:]), shares[0].dtype)
    for k, found in enumerate(shares):
        y[k::THREADS] = found
    return y


def differences(kernel: Any, fmt: Any) -> list[str]:
    """The quantities that eight threads give other bits of, in sentences."""
    found = []
    for x, g in stacks(fmt):
        for quantity in QUANTITIES:
            if not same_bits(together(kernel, quantity, x, g), quantity_of(kernel, quantity, x, g)):
                found.append(f"{kernel!r}.{quantity} of rows of {x.shape[-1]} in {fmt.name}")
    return found


@every_format
@pytest.mark.parametrize("kernel", ROWWISE, ids=lambda f: f.spec.name)
def test_eight_threads_give_the_bits_of_one(kernel: Any, fmt: Any) -> None:
    assert differences(kernel, fmt) == []


class Shared(refacts.Softmax):
    """A softmax that keeps the rows of a call where all threads find them."""

    kept: Any = None
    met: Any = None  # where eight threads meet, if they do

    def _map(self, quantity: str, *others: Any, x: Any) -> Any:
        Shared.kept = np.asarray(x)
        if threading.current_thread() is not threading.main_thread():
            Shared.met.wait()
        return super()._map(quantity, *others, x=Shared.kept[: len(x)])


def test_shared_rows_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: all threads compute the rows of the last one."""
    monkeypatch.setattr(Shared, "met", threading.Barrier(THREADS))
    x = np.arange(64.0).reshape(16, 4) ** 2 % 7
    assert not same_bits(together(Shared(), "value", x, x), quantity_of(Shared(), "value", x, x))
    assert same_bits(quantity_of(Shared(), "value", x, x), refacts.softmax(x))
