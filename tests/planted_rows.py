"""Row-wise kernels that are wrong on purpose: every gate must reject some of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import refacts


class Wrong:
    """Formulas of p, the softmax, and of x, without a `where`; the seed's unless overridden."""

    axis = -1
    kernel: Any = refacts.softmax
    parameters: dict[str, Any] = {}  # noqa: RUF012

    @property
    def spec(self) -> Any:
        return self.kernel.spec

    def p(self, x: Any) -> Any:
        with np.errstate(all="ignore"):
            e = np.exp(x)
            return e / e.sum(-1, keepdims=True)

    def __call__(self, x: Any, out: Any = None) -> Any:
        return self.p(x)

    def gradient(self, x: Any, out: Any = None) -> Any:
        p = self.p(x)
        return p * (1 - p)

    def jacobian(self, x: Any) -> Any:
        p = self.p(x)
        return np.eye(p.shape[-1]) * p[..., np.newaxis] - p[..., np.newaxis] * p[..., np.newaxis, :]

    def vjp(self, x: Any, g: Any, out: Any = None) -> Any:
        p = self.p(x)
        return p * (g - (g * p).sum(-1, keepdims=True))

    def jvp(self, x: Any, v: Any, out: Any = None) -> Any:
        return self.vjp(x, v)


class SeedSoftmax(Wrong):
    """exp(x)/sum(exp(x)), p(1 - p), diag(p) - p p^T, as the post has them: no shift."""


class RoundedShift(Wrong):
    """Shifts by the maximum in the input's format."""

    def p(self, x: Any) -> Any:
        return super().p(np.asarray(x) - np.max(x, axis=-1, keepdims=True))


class Unshifted(Wrong):
    """Wrong by more with every shift."""

    def p(self, x: Any) -> Any:
        return super().p(np.asarray(x) * (1 + 1e-9 * np.max(x)))


class NaiveSum(Wrong):
    """Adds in the order given."""

    def p(self, x: Any) -> Any:
        with np.errstate(all="ignore"):
            e = np.exp(x)
            return e / np.add.accumulate(e, -1)[..., -1:] if e.size else e


class WrongAxis(Wrong):
    """Normalises over everything but the row."""

    def p(self, x: Any) -> Any:
        return np.ones_like(x)


class OneMinus(Wrong):
    """Exact values, but 1 - s in the diagonal."""

    def p(self, x: Any) -> Any:
        return refacts.softmax(x)


class Skewed(OneMinus):
    """A Jacobian that is not symmetric, and a JVP that is not the VJP."""

    def jacobian(self, x: Any) -> Any:
        return np.triu(super().jacobian(x))

    def jvp(self, x: Any, v: Any, out: Any = None) -> Any:
        return 2 * self.vjp(x, v)


class Twice(OneMinus):
    """Out of range, with a mask that is not looked at."""

    def __call__(self, x: Any, out: Any = None, where: Any = None) -> Any:
        return 2 * refacts.softmax(x)


class LogOfSoftmax(Wrong):
    """log(p), which loses the winner, and the diagonal 1 - p."""

    kernel = refacts.log_softmax

    def __call__(self, x: Any, out: Any = None) -> Any:
        return np.log(self.p(x))

    def gradient(self, x: Any, out: Any = None) -> Any:
        return 1 - self.p(x)

    def jacobian(self, x: Any) -> Any:
        p = self.p(x)
        return np.eye(p.shape[-1]) - p[..., np.newaxis, :]

    def vjp(self, x: Any, g: Any, out: Any = None) -> Any:
        return g - self.p(x) * g.sum(-1, keepdims=True)

    def jvp(self, x: Any, v: Any, out: Any = None) -> Any:
        return v - (self.p(x) * v).sum(-1, keepdims=True)


class ShiftedLog(LogOfSoftmax):
    """x - max x - log(sum), in the input's format."""

    def __call__(self, x: Any, out: Any = None) -> Any:
        d = x - x.max(-1, keepdims=True)
        return d - np.log(np.exp(d).sum(-1, keepdims=True))


class Transposed(LogOfSoftmax):
    """The VJP of log_softmax taken for its JVP."""

    def __call__(self, x: Any, out: Any = None) -> Any:
        return refacts.log_softmax(x)

    def gradient(self, x: Any, out: Any = None) -> Any:
        return refacts.log_softmax.gradient(x)

    def vjp(self, x: Any, g: Any, out: Any = None) -> Any:
        return refacts.log_softmax.jvp(x, g)


class Softmin(Wrong):
    """Softmax of -x with the sign of softmax's derivative."""

    kernel = refacts.softmin

    def __call__(self, x: Any, out: Any = None) -> Any:
        return refacts.softmin(x)

    def gradient(self, x: Any, out: Any = None) -> Any:
        return -refacts.softmin.gradient(x)


class LogOfSum(Wrong):
    """log(sum(exp(x))) with neither shift nor care for what lies far below."""

    kernel = refacts.logsumexp

    def __call__(self, x: Any, out: Any = None) -> Any:
        x = np.asarray(x)
        return x.max(-1) + np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1))

    def gradient(self, x: Any, out: Any = None) -> Any:
        return self.p(x)

    def jvp(self, x: Any, v: Any, out: Any = None) -> Any:
        return (self.p(x) * v).sum(-1)


class RoundedThreshold(Wrong):
    """Sparsemax with tau rounded."""

    kernel = refacts.sparsemax

    def __call__(self, x: Any, out: Any = None) -> Any:
        z = np.sort(x, axis=-1)[..., ::-1]
        sums, k = z.cumsum(-1), np.arange(1, x.shape[-1] + 1)
        size = (1 + k * z > sums).sum(-1, keepdims=True)
        tau = (np.take_along_axis(sums, size - 1, -1) - 1) / size
        return np.maximum(x - tau, 0)

    def gradient(self, x: Any, out: Any = None) -> Any:
        return self(x) * (1 - self(x))


WRONG = [
    SeedSoftmax(),
    RoundedShift(),
    NaiveSum(),
    WrongAxis(),
    OneMinus(),
    Skewed(),
    LogOfSoftmax(),
    ShiftedLog(),
    Transposed(),
    Softmin(),
    LogOfSum(),
    RoundedThreshold(),
]
