"""Sums of powers of e with exact coefficients."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from mpmath import libmp
from refacts.oracles.numbers.precision import Precision
from refacts.oracles.numbers.real import Real, unknown
from refacts.oracles.rows.powers import GUARD, OFF, powers


class ExponentialSum:
    """``unit`` times the sum of c_a e^(a - origin), every c_a an integer and none of them 0.

    By Lindemann and Weierstrass powers of e at distinct floats are linearly independent over the
    rationals: the sum is 0 only where it has no terms, and then it is false. ``lead`` is its
    largest a.
    """

    def __init__(self, coefficients: Mapping[float, int], origin: float, unit: Fraction) -> None:
        self.coefficients = {a: c for a, c in coefficients.items() if c}
        self.origin = origin
        self.unit = unit
        self.lead = max(self.coefficients, default=-math.inf)
        self._known: dict[int, Real] = {}

    def __bool__(self) -> bool:
        return bool(self.coefficients)

    def real(self, precision: Precision) -> Real:
        """Evaluate the sum, once at every precision."""
        if precision.bits not in self._known:
            distance = precision.number(self.lead) - precision.number(self.origin)
            scale = precision.exp(distance) * precision.number(self.unit)
            self._known[precision.bits] = self._from_lead(precision) * scale
        return self._known[precision.bits]

    def _from_lead(self, precision: Precision) -> Real:
        """The sum of c_a e^(a - lead), off by OFF units of 2^-bits times the sum of |c_a|."""
        if len(self.coefficients) == 1:
            return precision.real(libmp.from_int(self.coefficients[self.lead]))
        bits = precision.bits + GUARD
        found = powers(self.coefficients, self.lead, bits)
        total = sum(c * power for c, power in zip(self.coefficients.values(), found, strict=True))
        error = (OFF * sum(map(abs, self.coefficients.values()))).bit_length()
        if not total:
            return unknown(error - bits, precision.bits)
        lost = error - total.bit_length() + precision.bits
        return Real(libmp.from_man_exp(total, -bits), precision.bits, lost)
