"""mpmath's arithmetic at a chosen precision, without its process-wide state.

``mpmath.mp`` is one context for the whole process, so its precision is too; here each thread owns
what it changes. One thing is still shared: libmp keeps ln 2 and e in caches whose value and
precision are stored one after the other, and two threads that refill one at once can leave a value
under the wrong precision for good. They are filled at import beyond any precision used here,
after which they are only read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from mpmath import MPContext, libmp

START_BITS = 128
MAX_BITS = 2**16

_ARGUMENT_BITS = 2048  # exp of a float64 needs up to 1024 bits more for its reduction
libmp.mpf_ln2(MAX_BITS + _ARGUMENT_BITS)
libmp.mpf_e(MAX_BITS + _ARGUMENT_BITS)


def _raw(number: Real | int) -> Any:
    return number._mpf_ if isinstance(number, Real) else libmp.from_int(number)


class Real:
    """A libmp number whose operators round to nearest at ``bits`` bits, like mpmath's mpf.

    Only leaner: mpf's conversions cost more than the arithmetic. Operands are Real or int.
    """

    __slots__ = ("_mpf_", "bits")

    def __init__(self, raw: Any, bits: int) -> None:
        self._mpf_ = raw
        self.bits = bits

    def __neg__(self) -> Real:
        return Real(libmp.mpf_neg(self._mpf_), self.bits)

    def __add__(self, other: Real | int) -> Real:
        return Real(libmp.mpf_add(self._mpf_, _raw(other), self.bits, "n"), self.bits)

    __radd__ = __add__

    def __sub__(self, other: Real | int) -> Real:
        return Real(libmp.mpf_sub(self._mpf_, _raw(other), self.bits, "n"), self.bits)

    def __mul__(self, other: Real | int) -> Real:
        return Real(libmp.mpf_mul(self._mpf_, _raw(other), self.bits, "n"), self.bits)

    __rmul__ = __mul__

    def __truediv__(self, other: Real | int) -> Real:
        return Real(libmp.mpf_div(self._mpf_, _raw(other), self.bits, "n"), self.bits)

    def __rtruediv__(self, other: int) -> Real:
        return Real(libmp.mpf_div(_raw(other), self._mpf_, self.bits, "n"), self.bits)

    def __pow__(self, power: int) -> Real:
        return Real(libmp.mpf_pow_int(self._mpf_, power, self.bits, "n"), self.bits)


class Precision:
    """The functions the definitions ask of a context, at ``bits`` bits.

    The last exponential is remembered: a textbook line writes e^-x more than once.
    """

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self._last: tuple[Any, Any] = (None, None)

    def real(self, raw: Any) -> Real:
        """Take over a raw libmp tuple, unrounded."""
        return Real(raw, self.bits)

    def number(self, x: float | Fraction) -> Real:
        """Convert a finite float exactly, a Fraction to ``bits`` bits."""
        if isinstance(x, Fraction):
            return self.real(libmp.from_rational(x.numerator, x.denominator, self.bits, "n"))
        return self.real(libmp.from_float(x))

    def exp(self, x: Real) -> Real:
        """Return e^x."""
        if x._mpf_ != self._last[0]:
            self._last = (x._mpf_, libmp.mpf_exp(x._mpf_, self.bits, "n"))
        return Real(self._last[1], self.bits)

    def tanh(self, x: Real) -> Real:
        """Return the hyperbolic tangent."""
        return Real(libmp.mpf_tanh(x._mpf_, self.bits, "n"), self.bits)

    def sech(self, x: Real) -> Real:
        """Return 1 / cosh x."""
        cosh = libmp.mpf_cosh(x._mpf_, self.bits + 10, "n")
        return Real(libmp.mpf_div(libmp.fone, cosh, self.bits, "n"), self.bits)

    def fsum(self, terms: Iterable[Real]) -> Real:
        """Return the sum, rounded once unless exponents lie very far apart."""
        return Real(libmp.mpf_sum([term._mpf_ for term in terms], self.bits, "n"), self.bits)


class _Own(threading.local):
    def __init__(self) -> None:
        self.precisions: dict[int, Precision] = {}
        self.context = MPContext()
        self.context.prec = MAX_BITS


_own = _Own()


def at(bits: int) -> Precision:
    """Return the calling thread's arithmetic of ``bits`` bits."""
    if bits not in _own.precisions:
        _own.precisions[bits] = Precision(bits)
    return _own.precisions[bits]


def mpf(number: Real) -> Any:
    """Return the same number as an mpf of a context that this thread owns."""
    return _own.context.make_mpf(number._mpf_)
