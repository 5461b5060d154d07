"""How far a run is: a bar on a terminal, elsewhere a line now and then, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Protocol

from refacts.reports.exits import say

EVERY = 30.0  # seconds between lines


class Progress(Protocol):
    """Where a run stands."""

    def update(self, n: int) -> Any:
        """``n`` more are done."""
        ...


class Lines:
    """Progress as lines, for logs."""

    def __init__(self, total: int, unit: str) -> None:
        self.total, self.unit = total, unit
        self.done, self.told = 0, time.monotonic()

    def update(self, n: int) -> None:
        """``n`` more are done."""
        self.done += n
        now = time.monotonic()
        if now - self.told >= EVERY:
            self.told = now
            say(f"{self.done:,} of {self.total:,} {self.unit} done")


@contextmanager
def progress(total: int, unit: str) -> Iterator[Progress]:
    """Progress of a run of ``total`` units, such as "rows" or "results"."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    if terminal and find_spec("tqdm") is None:
        say("tqdm is missing, so there is no progress bar: pip install tqdm")
        terminal = False
    if not terminal:
        yield Lines(total, unit)
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=f" {unit}", unit_scale=total > 10_000, file=sys.stderr) as bar:
        yield bar
