"""Times of calls that take turns, and lines of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Timing:
    """What both kernels take, in some unit of time."""

    subject: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times as long refacts takes."""
        return self.ours / self.theirs


def columns(first: str, others: list[str]) -> str:
    """A line of a table whose first column is words."""
    return "  ".join([f"{first:<16}", *others]).rstrip()


def timed(function: Callable[..., Any], *given: Any) -> Callable[[], float]:
    """What calls the function and returns the seconds that takes."""

    def seconds() -> float:
        start = time.perf_counter()
        function(*given)
        return time.perf_counter() - start

    return seconds


def interleaved(calls: list[Callable[[], float]], repeats: int) -> list[float]:
    """The median of what each call returns, called in turn; the first round is not counted."""
    found: list[list[float]] = [[] for _ in calls]
    with np.errstate(all="ignore"):
        for turn in range(repeats + 1):
            for call, seconds in zip(calls, found, strict=True):
                spent = call()
                if turn:
                    seconds.append(spent)
    return [median(seconds) for seconds in found]
