"""What targets print: the first lines of a run reach stderr, the others are left out, and that is said."""

from __future__ import annotations

import contextlib
import os
import threading
from multiprocessing import get_context
from typing import Any

MOST = 20  # lines of a run
_LONGEST = 1000  # bytes of a line
_REST = b"refacts: ... more lines of the target's output were left out\n"
_shared: list[Any] = []  # how many lines may still be shown, one number for all processes of a run


def left() -> Any:
    """The number that the processes of a run share; for those that are begun."""
    if not _shared:
        _shared.append(get_context("spawn").Value("i", MOST))
    return _shared[0]


def share(number: Any) -> None:
    """Take the number of the process that began this one."""
    _shared[:] = [number]


def forwarded() -> tuple[int, threading.Thread]:
    """A descriptor for a process to print to, which is the caller's to close, and what reads it."""
    source, target = os.pipe()
    reader = threading.Thread(target=_forward, args=(source, left()), daemon=True)
    reader.start()
    return target, reader


def _forward(source: int, number: Any) -> None:
    with open(source, "rb") as lines:
        while line := lines.readline(_LONGEST):
            with number.get_lock():
                allowed, number.value = number.value, max(number.value - 1, -1)
            if allowed >= 0:
                with contextlib.suppress(OSError):
                    os.write(2, line if allowed else _REST)
