"""The formulas of frameworks for rows: shifted by the largest entry so that nothing overflows.

Along the last axis, in the input's dtype. VJPs are those of automatic differentiation, from the value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from refacts.reports.targets import textbook_rowwise


def softmax(x: Any) -> Any:
    """e/sum e with e = e^(x - max x)."""
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_vjp(x: Any, g: Any) -> Any:
    """p (g - sum g p)."""
    p = softmax(x)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))


def log_softmax(x: Any) -> Any:
    """d - log sum e^d with d = x - max x."""
    d = x - np.max(x, axis=-1, keepdims=True)
    return d - np.log(np.sum(np.exp(d), axis=-1, keepdims=True))


def log_softmax_vjp(x: Any, g: Any) -> Any:
    """g - p sum g."""
    return g - softmax(x) * np.sum(g, axis=-1, keepdims=True)


def softmin(x: Any) -> Any:
    """softmax(-x)."""
    return softmax(-x)


def logsumexp(x: Any) -> Any:
    """max x + log sum e^(x - max x)."""
    top = np.max(x, axis=-1)
    return top + np.log(np.sum(np.exp(x - top[..., np.newaxis]), axis=-1))


def sparsemax(x: Any) -> Any:
    """The textbook's sparsemax of x - max x."""
    return textbook_rowwise.sparsemax(x - np.max(x, axis=-1, keepdims=True))
