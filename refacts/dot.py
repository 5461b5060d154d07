"""Sums of products along rows, each rounded once."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refacts.arithmetic import magnitude, total
from refacts.arithmetic.wide import Wide
from refacts.blocks import SHORT_BLOCK
from refacts.formats import Float64, Format
from refacts.rounding import count as tier_count

Terms = Callable[[int, int], tuple[Float64, Float64]]


def rounded_dots(terms: Terms, count: int, length: int, fmt: Format) -> NDArray[Any]:
    """RN(sum_j a_j b_j) for each of `count` rows of `length` terms; infinite terms decide, 0·inf is NaN.

    `terms(start, stop)` has these factors a and b of all rows in turn; none beyond SHORT_BLOCK are asked for
    at once.
    """
    result = np.zeros(count, fmt.dtype)
    if length:
        step = max(1, SHORT_BLOCK // length)
        for first in range(0, count, step):
            last = min(first + step, count)
            result[first:last] = _dots(terms, first, last, length, fmt)
    return result


def _dots(terms: Terms, first: int, last: int, length: int, fmt: Format) -> NDArray[Any]:
    """The sums of some rows: several short ones, or one in pieces."""
    tier_count("wide", last - first)
    special = np.zeros(last - first)
    undefined = np.zeros(last - first, np.bool_)
    y = size = Wide.lift(special)
    starts = range(first * length, last * length, SHORT_BLOCK)
    for start in starts:
        a, b = (f.reshape(last - first, -1) for f in terms(start, min(start + SHORT_BLOCK, last * length)))
        odd = ~(np.isfinite(a) & np.isfinite(b))
        special += np.where(odd, a * b, 0.0).sum(-1)
        undefined |= odd.any(-1)
        products = Wide.lift(np.where(odd, 0.0, a)) * Wide.lift(np.where(odd, 0.0, b))  # each to 1 unit
        y, size = y + _total(products), size + _total(magnitude(products))
    units = 2 * min(length, SHORT_BLOCK).bit_length() + len(starts) + 2
    answer, certain = y.settle((size / magnitude(y)).to_float() * units, fmt)
    for i in np.flatnonzero(~certain & ~undefined).tolist():
        tier_count("fractions", 1)
        answer[i] = fmt.round_fraction(_exact_dot(terms, (first + i) * length, (first + i + 1) * length))
    return np.where(undefined, special, answer).astype(
        fmt.dtype
    )  # finite terms, which may overflow, count not


def _total(terms: Wide) -> Wide:
    return total(terms)[0][:, 0]


def _exact_dot(terms: Terms, start: int, stop: int) -> Fraction:
    """The sum of products, gathered as integers by the power of two they are multiples of."""
    sums: dict[int, int] = {}
    for here in range(start, stop, SHORT_BLOCK):
        for p, q in zip(*(f.tolist() for f in terms(here, min(here + SHORT_BLOCK, stop))), strict=True):
            (m, d), (n, e) = p.as_integer_ratio(), q.as_integer_ratio()
            scale = d.bit_length() + e.bit_length()
            sums[scale] = sums.get(scale, 0) + m * n
    return sum((Fraction(m, 1 << scale - 2) for scale, m in sums.items()), Fraction(0))
