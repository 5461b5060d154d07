"""The textbook formulas of rows, along the last axis: as in `reports.targets.textbook`.

A Jacobian has entry (i, j) at [..., i, j]: the derivative of result i by x_j.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def softmax(x: Any) -> Any:
    """e^x / sum e^x."""
    e = np.exp(x)
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_derivative(x: Any) -> Any:
    """p (1 - p), the Jacobian's diagonal."""
    p = softmax(x)
    return p * (1 - p)


def softmax_vjp(x: Any, g: Any) -> Any:
    """p (g - sum g p)."""
    p = softmax(x)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))


def softmax_jacobian(x: Any) -> Any:
    """diag(p) - p p^T."""
    p = softmax(x)
    return _diagonal(p) - p[..., :, np.newaxis] * p[..., np.newaxis, :]


def _diagonal(p: Any) -> Any:
    return np.eye(p.shape[-1], dtype=p.dtype) * p[..., np.newaxis, :]


def log_softmax(x: Any) -> Any:
    """The logarithm of softmax."""
    return np.log(softmax(x))


def log_softmax_derivative(x: Any) -> Any:
    """1 - p, the Jacobian's diagonal."""
    return 1 - softmax(x)


def log_softmax_vjp(x: Any, g: Any) -> Any:
    """g - p sum g."""
    return g - softmax(x) * np.sum(g, axis=-1, keepdims=True)


def log_softmax_jvp(x: Any, v: Any) -> Any:
    """v - sum p v."""
    return v - np.sum(softmax(x) * v, axis=-1, keepdims=True)


def log_softmax_jacobian(x: Any) -> Any:
    """1 - p^T."""
    p = softmax(x)
    return np.eye(p.shape[-1], dtype=p.dtype) - p[..., np.newaxis, :]


def softmin(x: Any) -> Any:
    """softmax(-x)."""
    return softmax(-x)


def softmin_derivative(x: Any) -> Any:
    """-p (1 - p)."""
    return -softmax_derivative(-x)


def softmin_vjp(x: Any, g: Any) -> Any:
    """-p (g - sum g p)."""
    return -softmax_vjp(-x, g)


def softmin_jacobian(x: Any) -> Any:
    """p p^T - diag(p)."""
    return -softmax_jacobian(-x)


def logsumexp(x: Any) -> Any:
    """log sum e^x; one result per row."""
    return np.log(np.sum(np.exp(x), axis=-1))


def logsumexp_derivative(x: Any) -> Any:
    """p."""
    return softmax(x)


def logsumexp_vjp(x: Any, g: Any) -> Any:
    """p g."""
    return softmax(x) * g[..., np.newaxis]


def logsumexp_jvp(x: Any, v: Any) -> Any:
    """sum p v."""
    return np.sum(softmax(x) * v, axis=-1)


def sparsemax(x: Any) -> Any:
    """max(x - tau, 0), where tau makes the sum 1: by sorting, as Martins and Astudillo have it."""
    z = np.sort(x, axis=-1)[..., ::-1]
    k = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    sums = np.cumsum(z, axis=-1, dtype=x.dtype)
    size = np.maximum(np.sum(1 + k * z > sums, axis=-1, keepdims=True), 1)
    tau = (np.take_along_axis(sums, size - 1, axis=-1) - 1) / size.astype(x.dtype)
    return np.maximum(x - tau, 0)


def sparsemax_derivative(x: Any) -> Any:
    """s (1 - 1/|S|), where s is 1 on the support S."""
    s, size = _support(x)
    return s * (1 - 1 / size)


def sparsemax_vjp(x: Any, g: Any) -> Any:
    """s (g - mean of g on the support)."""
    s, size = _support(x)
    return s * (g - np.sum(g * s, axis=-1, keepdims=True) / size)


def sparsemax_jacobian(x: Any) -> Any:
    """diag(s) - s s^T/|S|."""
    s, size = _support(x)
    return _diagonal(s) - s[..., :, np.newaxis] * s[..., np.newaxis, :] / size[..., np.newaxis]


def _support(x: Any) -> tuple[Any, Any]:
    """1 on the support, else 0, and how many there are."""
    s = (sparsemax(x) > 0).astype(x.dtype)
    return s, np.sum(s, axis=-1, keepdims=True)
