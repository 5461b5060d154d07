"""What is measured of the tiers: exact numbers, and errors as shares of their bounds."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest

from refacts.arithmetic import double
from refacts.arithmetic.double_double import DoubleDouble
from refacts.arithmetic.wide import Wide

TIERS = {"double": double, "double-double": DoubleDouble, "wide": Wide}
KNOWN = 2.0**-150  # to which, relatively, exact results are known
MARGIN = 0.75  # of a bound; the largest share of one that was seen is below it
every_tier = pytest.mark.parametrize("tier", TIERS)


@cache
def context(bits: int = 400) -> Any:
    """mpmath at that precision. A context is shared: one is made in milliseconds, and never freed."""
    mp = mpmath.MPContext()
    mp.prec = bits
    return mp


def reals(mp: Any, value: Any) -> list[Any]:
    """The numbers an operand stands for, exactly."""
    if isinstance(value, (np.ndarray, np.float64)):
        return [mp.mpf(v) for v in np.atleast_1d(value).tolist()]
    hi, lo = np.broadcast_arrays(np.atleast_1d(value.hi), value.lo)
    exponents = np.broadcast_to(value.exponent if isinstance(value, Wide) else 0, hi.shape)
    words = zip(hi.tolist(), lo.tolist(), exponents.tolist(), strict=True)
    return [mp.ldexp(mp.mpf(hi) + mp.mpf(lo), e) for hi, lo, e in words]


def worst_share(mp: Any, arithmetic: Any, value: Any, units: Any, exact: list[Any], least: Any) -> float:
    """The largest |error| as a share of its bound, over results of at least `least` with a finite bound.

    Bounds below KNOWN are not measured: the oracle begins with 160 bits.
    """
    bounds = np.broadcast_to(np.asarray(units, float), len(exact)).tolist()
    shares = [
        float(abs(v / e - 1) / (b * mp.mpf(arithmetic.unit)))
        for v, e, b in zip(reals(mp, value), exact, bounds, strict=True)
        if b * arithmetic.unit > KNOWN and e and np.isfinite(b) and abs(e) >= least
    ]
    assert len(shares) > 300
    return max(shares)


def least_trusted(mp: Any, tier: str) -> Any:
    """Below it, a tier's results are left to the next one, or 0 in every format it serves."""
    return mp.ldexp(1, {"double": -800, "double-double": -800, "wide": -2200}[tier])


def served(tier: str) -> str:
    """The widest format whose numbers the tier meets."""
    return "float32" if tier == "double" else "float64"
