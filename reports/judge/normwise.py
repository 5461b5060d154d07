"""The error of whole rows: relative, in the 2-norm."""

from __future__ import annotations

import numpy as np
from refacts.oracles import Format, Reference
from refacts.oracles.numbers.formats import Floats


def normwise(distances: Floats, exact: Reference, fmt: Format, rows: int) -> Floats:
    """||computed - exact||/||exact|| of equally long rows, in units of 2^-precision; (rows,).

    distances: of the results to the exact real ones, in ulp; what was rounded is not subtracted from what was
    rounded. NaN for a row in which a result has no distance to the exact one, or both are infinite.
    """
    distances = distances.reshape(rows, -1)
    ulp = exact.ulp.reshape(rows, -1)
    scale = ulp.max(axis=1, keepdims=True)  # a power of two: nothing is rounded, nothing overflows
    with np.errstate(all="ignore"):
        real = exact.rounded.reshape(rows, -1) / scale + exact.residual.reshape(rows, -1) * (ulp / scale)
        errors, sizes = _norms(distances * (ulp / scale)), _norms(real)
        relative: Floats = np.where(errors == 0, 0.0, errors / sizes) * 2.0**fmt.precision
    return np.where(np.isinf(sizes), np.nan, relative)


def _norms(rows: Floats) -> Floats:
    """2-norms of rows; their squares may underflow."""
    largest = np.max(np.abs(rows), axis=1, keepdims=True)
    largest[largest == 0] = 1
    norms: Floats = largest[:, 0] * np.sqrt(np.sum((rows / largest) ** 2, axis=1))
    return norms
