"""mpmath's arithmetic at a chosen precision, with a bound on what is wrong and no shared state.

``mpmath.mp`` is one context for the whole process, so its precision is too; here each thread owns
what it changes. One thing is still shared: libmp keeps ln 2, e and pi in caches whose value and
precision are stored one after the other, and a thread that reads one while another refills it can
take a value for one of another precision. They are filled before the first use, beyond any
precision used here, after which they are only read. Threads that fill them at once store the same;
no lock is held, so that a process may fork meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from typing import Any

from mpmath import MPContext, libmp
from refacts.oracles.numbers.real import LOST, Real, unknown

__all__ = ["MAX_BITS", "START_BITS", "Precision", "Real", "at", "mpf"]

START_BITS = 160
MAX_BITS = 2**16

_GUARD = 16  # libmp's functions work with so many bits more; they may err by 2^16 of their last place
_MEMORY = 64
_CONSTANT_BITS = MAX_BITS + 2**14  # reductions of huge arguments and logarithms near 1 need more


@cache
def _fill_constants() -> None:
    for constant in (libmp.mpf_ln2, libmp.mpf_e, libmp.mpf_pi):
        constant(_CONSTANT_BITS)


class Precision:
    """The functions the definitions ask of a context, at ``bits`` bits.

    The last results are remembered: a textbook line writes e^-x more than once, constants come back
    at every point, and one slope is multiplied by many cotangents. Each bound: what an error
    d = 2^(top + lost - bits) of x does, and 2^(top - bits) for the function itself.
    """

    def __init__(self, bits: int) -> None:
        _fill_constants()
        self.bits = bits
        self._memory: dict[tuple[Any, ...], Any] = {}

    def real(self, raw: Any) -> Real:
        """Take over a raw libmp tuple, exact as it is."""
        return Real(raw, self.bits)

    def number(self, x: float | Fraction) -> Real:
        """Convert a finite float or a binary Fraction exactly, another Fraction to ``bits`` bits."""
        if isinstance(x, float):
            return self.real(libmp.from_float(x))
        if not x.denominator & (x.denominator - 1):
            return self.real(libmp.from_man_exp(x.numerator, 1 - x.denominator.bit_length()))
        return Real(libmp.from_rational(x.numerator, x.denominator, self.bits, "n"), self.bits, 0)

    @property
    def pi(self) -> Real:
        """The constant."""
        return Real(libmp.mpf_pi(self.bits + _GUARD, "n"), self.bits, 0)

    def remembered(self, key: tuple[Any, ...], result: Callable[[], Any]) -> Any:
        """Return the result that was found for this key not long ago, else find it."""
        if key not in self._memory:
            found = result()
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            self._memory[key] = found
        return self._memory[key]

    def _raw(self, function: Callable[..., Any], x: Real) -> Any:
        return self.remembered((function, x._mpf_), lambda: function(x._mpf_, self.bits + _GUARD, "n"))

    def _argument(self, x: Real | int) -> tuple[Real, int, int]:
        """Return x, its top and the exponent of the bound on its error."""
        number = x if isinstance(x, Real) else self.real(libmp.from_int(x))
        _, _, exp, bc = number._mpf_
        return number, exp + bc, exp + bc + number.lost - self.bits

    def _result(self, raw: Any, lost: int, known: bool = True) -> Real:
        return Real(raw, self.bits, max(lost, 0) + 1 if known else LOST)

    def exp(self, x: Real | int) -> Real:
        """Return e^x; e^d - 1 <= 2 d for d <= 1/2."""
        number, _, error = self._argument(x)
        return self._result(self._raw(libmp.mpf_exp, number), error + self.bits + 1, error < 0)

    def log(self, x: Real | int) -> Real:
        """Return the natural logarithm; x is off by a factor 1 + e, |e| <= 1/4: by 2 e or less."""
        number, _, _ = self._argument(x)
        raw, lost = self._raw(libmp.mpf_log, number), number.lost + 2
        if not raw[1]:
            return unknown(lost - self.bits, self.bits)
        return self._result(raw, lost - raw[2] - raw[3], number.lost <= self.bits - 3)

    def log1p(self, x: Real) -> Real:
        """Return log(1 + x) for x >= 0; x off by a factor 1 + e makes it off by a factor 1 + e or less."""
        number, _, _ = self._argument(x)
        raw = libmp.mpf_log(libmp.mpf_add(libmp.fone, number._mpf_), self.bits + _GUARD, "n")
        return self._result(raw, number.lost + 1, number.lost <= self.bits - 3)

    def sqrt(self, x: Real | int) -> Real:
        """Return the square root; x is off by a factor 1 + e, |e| <= 1/4: by a factor 1 + e or less."""
        number, _, _ = self._argument(x)
        raw = self._raw(libmp.mpf_sqrt, number)
        return self._result(raw, number.lost + 1, number.lost <= self.bits - 3)

    def tanh(self, x: Real | int) -> Real:
        """Return the hyperbolic tangent, which is nowhere steeper than 1."""
        number, top, _ = self._argument(x)
        raw = self._raw(libmp.mpf_tanh, number)
        return self._result(raw, top + number.lost - raw[2] - raw[3])

    def sech(self, x: Real | int) -> Real:
        """Return 1 / cosh x, which changes by a factor e^d or less; e^d - 1 <= 2 d for d <= 1/2."""
        number, _, error = self._argument(x)
        cosh = self._raw(libmp.mpf_cosh, number)
        raw = libmp.mpf_div(libmp.fone, cosh, self.bits + _GUARD, "n")
        return self._result(raw, error + self.bits + 1, error < 0)

    def erfc(self, x: Real | int) -> Real:
        """Return 1 - erf x, whose logarithm has a slope of 2 |x| + 2 or less; e^y - 1 <= 2 y."""
        number, top, error = self._argument(x)
        error += max(top + 2, 3)
        return self._result(self._raw(libmp.mpf_erfc, number), error + self.bits + 1, error < 0)

    def fsum(self, terms: Iterable[Real]) -> Real:
        """Return the sum of n terms; n times the largest error, and mpf_sum's own of the largest term."""
        given = list(terms)
        raw = libmp.mpf_sum([term._mpf_ for term in given], self.bits, "n")
        error = max(t._mpf_[2] + t._mpf_[3] + max(t.lost, 0) for t in given) + len(given).bit_length() + 1
        if not raw[1]:
            return unknown(error - self.bits, self.bits)
        return Real(raw, self.bits, error - raw[2] - raw[3])


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
