"""The time that `import refacts` takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

from refacts.reports.bench.timing import interleaved
from refacts.reports.environment import ROOT


def beside_numpy(repeats: int) -> Iterator[str]:
    """Milliseconds to import refacts, and to import numpy, each in a fresh interpreter."""
    ours, theirs = interleaved([_fresh("refacts"), _fresh("numpy")], repeats)
    yield (
        f"import in a fresh process: refacts {ours * 1e3:.0f} ms, numpy {theirs * 1e3:.0f} ms, "
        f"ratio {ours / theirs:.2f} (target: <= 1.5)"
    )


def _fresh(module: str) -> Callable[[], float]:
    """Import in a new process that finds our packages first and nothing in the working directory."""
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); start = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - start)"
    )
    command = [sys.executable, "-P", "-c", code]
    return lambda: float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
