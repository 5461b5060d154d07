"""Jacobians of rows times cotangents with infinities or NaN among them, in extended real arithmetic."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refacts.formats import Float64

Mask = NDArray[np.bool_]


class Signs(NamedTuple):
    """The signs of the entries of each row's matrix A that is to be multiplied, all masks of one shape.

    A_ii > 0 where `own`, else 0; beside the diagonal A_ij < 0 where i `receives` and j `sends`, else 0.
    """

    own: Mask
    receives: Mask
    sends: Mask


def product(signs: Signs, g: Float64) -> Float64:
    """A g for rows of g that are not all finite: infinite terms decide, 0·inf and inf - inf are NaN."""
    own, receives, sends = signs
    infinite, up, down = np.isinf(g), g == np.inf, g == -np.inf
    rises = own & up | receives & (_elsewhere(sends & down) > 0)  # some term of the sum is +inf
    falls = own & down | receives & (_elsewhere(sends & up) > 0)
    y = np.where(rises, np.inf, -np.inf)
    zero = infinite & ~own  # some term is 0 times an infinity
    zero |= np.where(receives, _elsewhere(infinite & ~sends), _elsewhere(infinite)) > 0
    return np.where(rises & falls | zero | np.isnan(g).any(-1, keepdims=True), np.nan, y)


def _elsewhere(mask: Mask) -> NDArray[np.intp]:
    """In how many other places of its row each entry finds the mask set."""
    return mask.sum(-1, keepdims=True) - mask
