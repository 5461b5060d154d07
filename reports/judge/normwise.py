"""The error of a whole row: relative, in the 2-norm."""

from __future__ import annotations

import numpy as np
from refacts.oracles import Format, Reference, compare
from refacts.oracles.numbers.formats import Floats


def normwise(computed: Floats, exact: Reference, fmt: Format, rows: int) -> float:
    """The largest ||computed - exact||/||exact|| among equally long rows, in units of 2^-precision.

    The difference is that to the exact real results, each one's distance in ulp times its ulp: what was
    rounded is not subtracted from what was rounded. NaN where a result has no distance to the exact one.
    """
    distances = compare(computed, exact).ulps.reshape(rows, -1)
    ulp = exact.ulp.reshape(rows, -1)
    scale = ulp.max(axis=1, keepdims=True)  # a power of two: nothing is rounded, nothing overflows
    real = exact.rounded.reshape(rows, -1) / scale + exact.residual.reshape(rows, -1) * (ulp / scale)
    errors, sizes = _norms(distances * (ulp / scale)), _norms(real)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(errors == 0, 0.0, errors / sizes)
    return float(relative.max()) * 2.0**fmt.precision


def _norms(rows: Floats) -> Floats:
    """2-norms of rows; their squares may underflow."""
    largest = np.max(np.abs(rows), axis=1, keepdims=True)
    largest[largest == 0] = 1
    norms: Floats = largest[:, 0] * np.sqrt(np.sum((rows / largest) ** 2, axis=1))
    return norms
