"""The last tier: one number at a time, in mpmath at any precision (Fractions need no class here)."""

from __future__ import annotations

import os
import threading
from fractions import Fraction
from functools import cache
from typing import Any

from refacts.arithmetic.constants import Constant

LAST_PRECISION = 1 << 16
_local = threading.local()
_importing = threading.RLock()  # held while mpmath is imported, and nothing is computed
if hasattr(os, "register_at_fork"):  # a child forked during an import could never import again
    os.register_at_fork(
        before=_importing.acquire, after_in_parent=_importing.release, after_in_child=_importing.release
    )


def context(precision: int) -> Any:
    """This thread's own mpmath context, set to `precision` bits; the global one is never touched."""
    if not hasattr(_local, "context"):
        _local.context = _new_context()
    _local.context.prec = precision
    return _local.context


def _new_context() -> Any:
    with _importing:
        from mpmath.ctx_mp import MPContext
    _fill_caches()
    return MPContext()


@cache
def _fill_caches() -> None:
    """Fill the caches of ln 2, e and pi beyond any precision used here, after which they are only read.

    mpmath shares them among all threads. Two that fill them at once write the same, and so do the oracles,
    which fill them as far.
    """
    from mpmath import libmp

    for constant in (libmp.mpf_ln2, libmp.mpf_e, libmp.mpf_pi):
        constant(LAST_PRECISION + 2**14)


class Real:
    """An mpmath number with the operators and functions formulas use; errors below 1 unit."""

    __slots__ = ("context", "value")
    held = True

    def __init__(self, context: Any, value: Any):
        self.context, self.value = context, value

    @classmethod
    def of(cls, q: float | Fraction | Constant, context: Any) -> Real:
        """A float exactly, others to 1 unit."""
        if isinstance(q, Constant):
            with context.extraprec(30):
                return cls(context, q.exact(context))
        q = Fraction(q)
        return cls(context, context.fdiv(q.numerator, q.denominator))

    def _new(self, value: Any) -> Real:
        return Real(self.context, value)

    @staticmethod
    def _raw(other: Any) -> Any:
        return other.value if isinstance(other, Real) else other

    def __neg__(self) -> Real:
        return self._new(-self.value)

    def __abs__(self) -> Real:
        return self._new(abs(self.value))

    def __add__(self, other: Any) -> Real:
        return self._new(self.value + self._raw(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Real:
        return self._new(self.value - self._raw(other))

    def __rsub__(self, other: Any) -> Real:
        return self._new(self._raw(other) - self.value)

    def __mul__(self, other: Any) -> Real:
        return self._new(self.value * self._raw(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Real:
        return self._new(self.value / self._raw(other))

    def __rtruediv__(self, other: Any) -> Real:
        return self._new(self._raw(other) / self.value)

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= self._raw(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < self._raw(other))

    def __eq__(self, other: object) -> bool:
        return bool(self.value == self._raw(other))

    __hash__ = None  # type: ignore[assignment]

    def exp(self) -> Real:
        """e^x."""
        return self._new(self.context.exp(self.value))

    def expm1(self) -> tuple[Real, int]:
        """e^x - 1 and its error in units."""
        return self._new(self.context.expm1(self.value)), 8

    def log1p(self) -> Real:
        """log(1 + x)."""
        return self._new(self.context.log1p(self.value))

    def sqrt(self) -> Real:
        """The square root."""
        return self._new(self.context.sqrt(self.value))

    def mills(self) -> tuple[Real, int]:
        """Mills' ratio for x in [0, 70] and its error: x^2 < 2^12.3 magnifies that of each argument."""
        mp, x = self.context, self.value
        return self._new(mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2))), 2**14

    def clamped(self, limit: float) -> Real:
        """x, or the nearer of ±limit where x lies beyond."""
        return self._new(min(max(self.value, -limit), limit))

    def tanh(self) -> tuple[Real, int]:
        """tanh x and its error in units."""
        return self._new(self.context.tanh(self.value)), 8
