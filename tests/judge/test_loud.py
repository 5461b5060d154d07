"""A rule is said aloud if it excuses more than 1 % of the normal results, whatever it excuses of others."""

from __future__ import annotations

import numpy as np
import pytest
from refacts.oracles import FORMATS, Reference, compare
from refacts.reports.judge.judging import FALSE_ZERO, RIGHT, Judged, Rules
from refacts.reports.judge.tally import Tally

FLOAT32 = FORMATS["float32"]


@pytest.mark.parametrize(
    ("value", "excused", "loud"), [(1.0, 2, ("ftz",)), (1.0, 1, ()), (2.0**-127, 50, ())]
)
@pytest.mark.parametrize("halves", [1, 2])
def test_only_normal_results_count(value: float, excused: int, loud: tuple[str, ...], halves: int) -> None:
    """Of 100 normal results and as many as excused that are subnormal, in one tally or merged."""
    rules = Rules(frozenset(["ftz"]))
    normal = np.ones(100)
    if value == 1.0:
        rounded, codes = normal, np.arange(100) < excused
    else:
        rounded = np.concatenate([normal, np.full(excused, value)])
        codes = np.arange(rounded.size) >= 100
    got = np.where(codes, 0.0, rounded)
    exact = Reference(rounded, np.zeros(rounded.size), np.full(rounded.size, 2.0**-149))
    total = Tally(2.0, FLOAT32, FLOAT32)
    for places in np.array_split(np.arange(rounded.size), halves):
        part = Reference(exact.rounded[places], exact.residual[places], exact.ulp[places])
        judged = Judged(
            got[places],
            part,
            compare(got[places], part),
            np.where(codes[places], FALSE_ZERO, RIGHT).astype(np.int8),
            np.zeros(places.size, np.int8),
            np.where(codes[places], rules.names.index("ftz"), 0).astype(np.int8),
            rules,
        )
        one = Tally(2.0, FLOAT32, FLOAT32)
        one.add({"x": got[places]}, got[places], judged, 0)
        total.merge(one)
    assert total.excused == {"ftz": excused}
    assert total.loud() == loud
