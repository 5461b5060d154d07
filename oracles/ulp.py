"""The one error measure: distance to the exact value in units of the format's spacing there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.oracles.numbers.rounding import Reference

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Comparison:
    """Elementwise, all of the computed array's shape.

    ``ulps``: |computed - exact| / ulp(exact), a real number (inf where it exceeds float64); NaN
    where NaN or infinity do not match or infinities differ in sign, and so is no distance at all.
    ``nan_mismatch``: one is NaN and the other is not. ``inf_mismatch``: one is infinite and the
    other finite. ``sign_mismatch``: neither is NaN and the signs differ, those of zeros included.
    ``false_zero``: computed 0 where the nearest float is not. ``correct``: the same bits as the
    nearest float, any NaN for any NaN.
    """

    ulps: Floats
    nan_mismatch: Flags
    inf_mismatch: Flags
    sign_mismatch: Flags
    false_zero: Flags
    correct: Flags


def compare(computed: npt.ArrayLike, reference: Reference) -> Comparison:
    """Compare results (float64 array of format values) with their exact ones of the same shape.

    ValueError if the shapes differ. Mismatches keep their number in ``ulps`` where both are finite.
    """
    given = np.asarray(computed, dtype=np.float64)
    rounded = reference.rounded
    if given.shape != rounded.shape:
        raise ValueError(f"computed: shape {given.shape}, the reference has {rounded.shape}")
    nan, exact_nan = np.isnan(given), np.isnan(rounded)
    inf, exact_inf = np.isinf(given), np.isinf(rounded)
    signs = (np.signbit(given) != np.signbit(rounded)) & ~nan & ~exact_nan
    both_nan = nan & exact_nan
    return Comparison(
        ulps=np.where(both_nan, 0.0, _distance(given, reference)),
        nan_mismatch=nan != exact_nan,
        inf_mismatch=(inf != exact_inf) & ~nan & ~exact_nan,
        sign_mismatch=signs,
        false_zero=(given == 0) & (rounded != 0) & ~exact_nan,
        correct=both_nan | ((given == rounded) & ~signs),
    )


def _distance(given: Floats, reference: Reference) -> Floats:
    """Measure |computed - exact| / ulp.

    Both sides are divided by ulp, a power of two, before they are subtracted: the difference of two
    float64 may overflow.
    """
    finite = np.isfinite(given) & np.isfinite(reference.rounded)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        apart = given / reference.ulp - reference.rounded / reference.ulp
        ulps = np.abs(apart - reference.residual)
    same_infinity = np.isinf(given) & (given == reference.rounded)
    return np.where(finite, ulps, np.where(same_infinity, 0.0, np.nan))
