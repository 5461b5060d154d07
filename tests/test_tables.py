"""The committed tables are what scripts/tables.py writes; other tables are what mpmath says."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from refacts.arithmetic.exponential import _exp_constants
from refacts.arithmetic.mills_ratio import _intervals, centres
from tests.loading import loaded

SCRIPT = Path(__file__).parent.parent / "scripts" / "tables.py"


@pytest.fixture(scope="module")
def script() -> Any:
    return loaded(SCRIPT)


def differing(written: Path, committed: Path) -> list[str]:
    """The names of the files of `committed` that `written` has not got, byte for byte."""
    return [
        path.name
        for path in sorted(committed.glob("*.txt"))
        if not (written / path.name).exists() or (written / path.name).read_bytes() != path.read_bytes()
    ]


def test_the_script_writes_what_is_committed(script: Any, tmp_path: Path) -> None:
    script.main(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
    stale = differing(tmp_path, script.TABLES)
    assert not stale, f"run python {SCRIPT.name}: {stale} are not what it writes"
    line = tmp_path / "logarithm.txt"  # the control: one digit changed
    line.write_text(line.read_text().replace("a", "b", 1))
    assert differing(tmp_path, script.TABLES) == ["logarithm.txt"]


def test_powers_of_two_are_those_of_mpmath() -> None:
    mp = mpmath.MPContext()
    mp.prec = 300
    constants = _exp_constants()
    for j, (hi, lo) in enumerate(zip(*(word.tolist() for word in constants.powers), strict=True)):
        exact = mp.mpf(2) ** (mp.mpf(j) / 1024)
        assert abs(mp.mpf(hi) + mp.mpf(lo) - exact) < exact * mp.mpf(2) ** -107
    step = sum(map(Fraction, constants.step))
    assert abs(mp.mpf(step.numerator) / step.denominator - mp.ln(2) / 1024) < mp.mpf(2) ** -126


def test_every_interval_holds_its_centre() -> None:
    middle = centres()
    assert (_intervals(middle) == np.arange(middle.size)).all()
    x = np.random.default_rng(0).uniform(0, 70, 100_000)
    assert (np.abs(middle[_intervals(x)] - x) <= (x + 2) / 128).all()
