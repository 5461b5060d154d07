"""A data loader of torch calls refacts in two forked workers while a thread of the parent computes too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from torch.utils.data import DataLoader, Dataset

from refacts import activation
from refacts.rowwise import Rowwise
from tests.forks import WORK, Answer
from tests.planted_forks import locked
from tests.test_fork import alone

ITEMS = 12
# Python warns of exactly what we try.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


class Digests(Dataset[tuple[str, Answer]]):
    """Item k: what is computed, and the digests of its results."""

    def __len__(self) -> int:
        return ITEMS

    def __getitem__(self, k: int) -> tuple[str, Answer]:
        work = list(WORK)[k % len(WORK)]
        return work, WORK[work]()


class Spoilt(Digests):
    def __getitem__(self, k: int) -> tuple[str, Answer]:
        work, answer = super().__getitem__(k)
        return work, {**answer, "softmax, float64": "another"}


def loaded(dataset: Digests, compute: Callable[[threading.Event], None], timeout: float) -> list[Any]:
    """All items by two workers, forked while a thread computes until they are there."""
    over = threading.Event()
    thread = threading.Thread(target=compute, args=(over,))
    thread.start()
    loader = DataLoader(
        dataset, batch_size=None, num_workers=2, multiprocessing_context="fork", timeout=timeout
    )
    try:
        return list(loader)
    finally:
        over.set()
        thread.join()


def test_workers_and_a_thread_have_the_same_bits() -> None:
    by_thread = []

    def compute(over: threading.Event) -> None:
        while not over.is_set():
            activation._table.cache_clear()
            by_thread.extend([(work, WORK[work]()) for work in WORK])

    found = loaded(Digests(), compute, 60.0)
    assert len(found) == ITEMS
    assert by_thread
    for work, answer in [*found, *by_thread]:
        assert answer == alone(work)[0]


def test_wrong_bits_of_workers_are_seen() -> None:
    found = loaded(Spoilt(), threading.Event.wait, 60.0)
    assert [answer == alone(work)[0] for work, answer in found] == [False] * ITEMS


def test_a_lock_that_a_worker_inherits_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = threading.Lock()
    monkeypatch.setattr(Rowwise, "_rows", locked(Rowwise._rows, lock))

    def hold(over: threading.Event) -> None:
        with lock:
            over.wait()

    with pytest.raises(RuntimeError, match="timed out after 3.0 seconds"):
        loaded(Digests(), hold, 3.0)
