"""Sums of products along rows, each rounded once."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import magnitude, total
from refacts.arithmetic.wide import Wide
from refacts.formats import Float64, Format
from refacts.rounding import count

BLOCK = 8192  # products at a time, which bounds the memory


def rounded_dots(a: Float64, b: Float64, fmt: Format) -> NDArray[Any]:
    """RN(sum_j a_ij b_ij) for every row i; infinite terms decide, and 0·inf is NaN."""
    result = np.zeros(len(a), fmt.dtype)
    special = ~(np.isfinite(a) & np.isfinite(b))
    ordinary = np.flatnonzero(~special.any(-1))
    if a.shape[-1]:
        step = max(1, BLOCK // a.shape[-1])
        for k in range(0, ordinary.size, step):
            rows = ordinary[k : k + step]
            result[rows] = _finite_dots(a[rows], b[rows], fmt)
    for i in np.flatnonzero(special.any(-1)):  # finite terms, which may overflow, count for nothing
        result[i] = (a[i][special[i]] * b[i][special[i]]).sum()
    return result


def _finite_dots(a: Float64, b: Float64, fmt: Format) -> NDArray[Any]:
    count("wide", len(a))
    sums = [
        (_total(terms), _total(magnitude(terms)))
        for terms in (
            Wide.lift(a[:, k : k + BLOCK]) * Wide.lift(b[:, k : k + BLOCK])  # each to 1 unit
            for k in range(0, a.shape[-1], BLOCK)
        )
    ]
    y, size = _added([part for part, _ in sums]), _added([part for _, part in sums])
    units = 2 * min(a.shape[-1], BLOCK).bit_length() + len(sums) + 2
    answer, certain = y.settle((size / magnitude(y)).to_float() * units, fmt)
    for i in np.flatnonzero(~certain):
        count("fractions", 1)
        answer[i] = fmt.round_fraction(_exact_dot(a[i].tolist(), b[i].tolist()))
    return answer


def _total(terms: Wide) -> Wide:
    return total(terms)[0][:, 0]


def _added(parts: list[Wide]) -> Wide:
    y = parts[0]
    for part in parts[1:]:
        y = y + part
    return y


def _exact_dot(a: list[float], b: list[float]) -> Fraction:
    """The sum of products, gathered as integers by the power of two they are multiples of."""
    sums: dict[int, int] = {}
    for p, q in zip(a, b, strict=True):
        (m, d), (n, e) = p.as_integer_ratio(), q.as_integer_ratio()
        scale = d.bit_length() + e.bit_length()
        sums[scale] = sums.get(scale, 0) + m * n
    return sum((Fraction(m, 1 << scale - 2) for scale, m in sums.items()), Fraction(0))
