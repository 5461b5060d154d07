"""Two kernels of a project, in NumPy: what `accuracy.toml` beside holds to its bounds."""

from __future__ import annotations

from typing import Any

import numpy as np


def silu(x: Any) -> Any:
    """x/(1 + e^-x), with the limit -0 at -inf; where e^-x overflows, x/inf is right to a subnormal."""
    with np.errstate(over="ignore", invalid="ignore"):
        y = x.astype(np.float64) / (1 + np.exp(-x.astype(np.float64)))
    return np.where(x == -np.inf, -0.0, y).astype(x.dtype)


def softmax(x: Any) -> Any:
    """Shifted by the largest entry, in float64; NaN and infinities as they come."""
    with np.errstate(invalid="ignore"):
        e = np.exp(x.astype(np.float64) - np.max(x, axis=-1, keepdims=True))
        return (e / np.sum(e, axis=-1, keepdims=True)).astype(x.dtype)
