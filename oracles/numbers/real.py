"""A number of mpmath's library that carries a bound on its own error."""

from __future__ import annotations

from typing import Any

from mpmath import libmp

WIDEST = 2**13  # summands whose magnitudes lie closer than that many bits are added exactly
EXACT = -(10**9)  # what an exact number has lost
LOST = 10**9  # what a number has lost that may be anything


class Real:
    """A number that knows how wrong it is: the exact one lies within 2^(top + lost - bits).

    ``top`` is the exponent of the power of two just above |number|, ``bits`` the precision it was
    worked out with, so that ``lost`` of its ``bits`` leading bits cannot be trusted. Only an exact
    number is ever 0: what cancels to 0 becomes a number as large as its bound. Operands are Real
    or int. Each bound below is derived for relative errors d of the operands; a rounding to
    ``bits`` bits adds at most 2^(top - bits - 1).
    """

    __slots__ = ("_mpf_", "bits", "lost")

    def __init__(self, raw: Any, bits: int, lost: int = EXACT) -> None:
        self._mpf_ = raw
        self.bits = bits
        self.lost = lost

    def _of(self, number: Real | int) -> Real:
        return number if isinstance(number, Real) else Real(libmp.from_int(number), self.bits)

    def __neg__(self) -> Real:
        return Real(libmp.mpf_neg(self._mpf_), self.bits, self.lost)

    def __gt__(self, other: int) -> bool:
        return bool(libmp.mpf_gt(self._mpf_, libmp.from_int(other)))

    def __ge__(self, other: int) -> bool:
        return bool(libmp.mpf_ge(self._mpf_, libmp.from_int(other)))

    def __add__(self, other: Real | int) -> Real:
        """Errors add, at most twice the larger, and a rounding if the two lie far apart."""
        b = self._of(other)
        _, man, exp, bc = self._mpf_
        _, other_man, other_exp, other_bc = b._mpf_
        if not man or not other_man:
            return b if not man else self
        top, other_top = exp + bc, other_exp + other_bc
        error = max(top + self.lost, other_top + b.lost)
        if -WIDEST < top - other_top < WIDEST:
            raw = libmp.mpf_add(self._mpf_, b._mpf_)
            if raw == libmp.fzero and error - max(top, other_top) > EXACT // 2:
                return unknown(error + 1 - self.bits, self.bits)
            return Real(raw, self.bits, error + 1 - raw[2] - raw[3])
        raw = libmp.mpf_add(self._mpf_, b._mpf_, self.bits, "n")
        top = raw[2] + raw[3]
        return Real(raw, self.bits, max(error, top) + 2 - top)

    __radd__ = __add__

    def __sub__(self, other: Real | int) -> Real:
        return self + -other

    def __rsub__(self, other: int) -> Real:
        return -self + other

    def __mul__(self, other: Real | int) -> Real:
        """|ab| (d_a + d_b + d_a d_b), |ab| at most 2^(top + 1): 2 (2 + 1) + 1/2 < 2^3."""
        b = self._of(other)
        lost = self.lost if self.lost > b.lost else b.lost
        raw = libmp.mpf_mul(self._mpf_, b._mpf_, self.bits, "n")
        if lost > EXACT // 2 or self._mpf_[3] + b._mpf_[3] > self.bits:
            lost = max(lost, 2 * lost - self.bits, 0) + 3
        return Real(raw, self.bits, lost if raw[1] else EXACT)

    __rmul__ = __mul__

    def __truediv__(self, other: Real | int) -> Real:
        """|a/b| (d_a + d_b) / (1 - d_b), each d at most 2^(lost + 1 - bits): 16/3 + 1/2 < 2^3."""
        b = self._of(other)
        lost = max(self.lost, b.lost, 0) + 3 if b.lost <= self.bits - 3 else LOST
        raw = libmp.mpf_div(self._mpf_, b._mpf_, self.bits, "n")
        return Real(raw, self.bits, lost if raw[1] else EXACT)

    def __rtruediv__(self, other: int) -> Real:
        return self._of(other) / self

    def __pow__(self, power: int) -> Real:
        result = self
        for _ in range(power - 1):
            result = result * self
        return result


def unknown(error: int, bits: int) -> Real:
    """Return something within 2^error of 0."""
    return Real((0, libmp.MPZ_ONE, error, 1), bits, bits)
