"""The row-wise activations as a textbook writes them, on any mpmath context.

``x`` is a row of n numbers and J_ij the derivative of the i-th result by x_j; logsumexp has one
result. The lines ask of ``mp`` for exp, log and fsum; those of sparsemax are for Fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

Line = Callable[..., Any]


def softmax(mp: Any, x: Sequence[Any], i: int) -> Any:
    """Entry i of the softmax of a row."""
    return mp.exp(x[i]) / mp.fsum(mp.exp(t) for t in x)


def softmax_jacobian(mp: Any, x: Sequence[Any], i: int, j: int) -> Any:
    """s_i (1 - s_i) where i = j, -s_i s_j elsewhere."""
    return softmax(mp, x, i) * ((i == j) - softmax(mp, x, j))


def softmin(mp: Any, x: Sequence[Any], i: int) -> Any:
    """Softmax of the row's negative."""
    return softmax(mp, [-t for t in x], i)


def softmin_jacobian(mp: Any, x: Sequence[Any], i: int, j: int) -> Any:
    """Chain rule."""
    return -softmax_jacobian(mp, [-t for t in x], i, j)


def log_softmax(mp: Any, x: Sequence[Any], i: int) -> Any:
    """Logarithm of softmax."""
    return x[i] - mp.log(mp.fsum(mp.exp(t) for t in x))


def log_softmax_jacobian(mp: Any, x: Sequence[Any], i: int, j: int) -> Any:
    """1 - s_j where i = j, -s_j elsewhere."""
    return (i == j) - softmax(mp, x, j)


def logsumexp(mp: Any, x: Sequence[Any], i: int = 0) -> Any:
    """Logarithm of the sum of exponentials."""
    return mp.log(mp.fsum(mp.exp(t) for t in x))


def logsumexp_jacobian(mp: Any, x: Sequence[Any], i: int, j: int) -> Any:
    """Softmax."""
    return softmax(mp, x, j)


def sparsemax_threshold(x: Sequence[Any]) -> Any:
    """What makes the sum of max(x_i - threshold, 0) 1 (Martins and Astudillo 2016, algorithm 1)."""
    z = sorted(x, reverse=True)
    size = max(k for k in range(1, len(z) + 1) if 1 + k * z[k - 1] > sum(z[:k]))
    return (sum(z[:size]) - 1) / size


def sparsemax(mp: Any, x: Sequence[Any], i: int) -> Any:
    """The point of the simplex that is nearest to the row."""
    return max(x[i] - sparsemax_threshold(x), 0)


def sparsemax_jacobian(mp: Any, x: Sequence[Any], i: int, j: int) -> Any:
    """1 - 1/k where i = j, -1/k elsewhere, for i and j among the k entries above the threshold."""
    above = [t > sparsemax_threshold(x) for t in x]
    return (i == j) - Fraction(1, sum(above)) if above[i] and above[j] else 0


def vjp(mp: Any, jacobian: Line, x: Sequence[Any], g: Sequence[Any], k: int) -> Any:
    """Entry k of g times the Jacobian."""
    return sum(g[i] * jacobian(mp, x, i, k) for i in range(len(g)))


def jvp(mp: Any, jacobian: Line, x: Sequence[Any], g: Sequence[Any], i: int) -> Any:
    """Entry i of the Jacobian times g."""
    return sum(jacobian(mp, x, i, j) * g[j] for j in range(len(x)))
