"""Where digests come from: the machine, the versions, and the instructions that NumPy makes use of.

`python -m tests.portability.environment` prints the names to turn them off with:
NPY_DISABLE_CPU_FEATURES="$(python -m tests.portability.environment)".
"""

from __future__ import annotations

import platform
from typing import Any

import mpmath
import numpy as np
from numpy._core import _multiarray_umath


def dispatched() -> list[str]:
    """The features that NumPy chooses code by, and that this machine has."""
    has = _multiarray_umath.__cpu_features__
    return [name for name in _multiarray_umath.__cpu_dispatch__ if has[name]]


def environment() -> dict[str, Any]:
    return {
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "mpmath": mpmath.__version__,
        "features": " ".join(dispatched()) or "none",
    }


if __name__ == "__main__":
    print(*dispatched())
