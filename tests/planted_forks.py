"""Processes that are bad neighbours on purpose: what tests/forks.py must tell of them."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from refacts import Softmax
from refacts.activation import Elementwise
from refacts.arithmetic import exact
from refacts.rowwise import Rowwise

SLOWNESS = 0.5  # seconds that a slow import takes longer


def lock_rows() -> None:
    """Rows are computed under a lock."""
    Rowwise._rows = locked(Rowwise._rows, threading.Lock())  # type: ignore[method-assign]


def lock_tables() -> None:
    """Tables are filled and read under a lock."""
    Elementwise._look_up = locked(Elementwise._look_up, threading.Lock())  # type: ignore[method-assign]


def locked(function: Callable[..., Any], lock: threading.Lock) -> Callable[..., Any]:
    """A function that nobody else may be in."""

    def alone(*args: Any) -> Any:
        with lock:
            return function(*args)

    return alone


def slow_import() -> None:
    """The import of mpmath takes long: nothing is wrong with that."""
    sys.meta_path.insert(0, _Slow())


def slow_import_unguarded() -> None:
    """The import of mpmath takes long, and forks happen meanwhile."""
    slow_import()
    exact._importing = threading.RLock()  # the one that forks wait for is never taken


class _Slow:
    """A finder that finds nothing, and takes its time in the middle of mpmath."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "mpmath.libmp":
            time.sleep(SLOWNESS)


def _textbook(_: Softmax, x: Any) -> Any:
    e = np.exp(x)
    return e / e.sum(-1, keepdims=True)


def wrong_in_children() -> None:
    """Children have the textbook's softmax; the thread has the right one."""
    os.register_at_fork(after_in_child=lambda: setattr(Softmax, "__call__", _textbook))


def wrong_in_the_thread() -> None:
    """The thread has the textbook's softmax; children have the right one."""
    right = Softmax.__call__
    Softmax.__call__ = _textbook  # type: ignore[method-assign,assignment]
    os.register_at_fork(after_in_child=lambda: setattr(Softmax, "__call__", right))


def death_in_children() -> None:
    """Children end before they answer."""
    os.register_at_fork(after_in_child=lambda: os._exit(3))


PLANTED: dict[str, Callable[[], None]] = {
    f.__name__.replace("_", " "): f
    for f in (
        *(lock_rows, lock_tables, slow_import, slow_import_unguarded),
        *(wrong_in_children, wrong_in_the_thread, death_in_children),
    )
}
