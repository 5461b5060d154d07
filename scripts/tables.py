"""Writes the tables in refacts/arithmetic/tables/, with mpmath: `python scripts/tables.py [DIRECTORY]`.

Every line holds hexadecimal floats. A number with two words is their unevaluated sum, to 2^-107.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
from mpmath import libmp

from refacts.arithmetic.constants import CONSTANTS
from refacts.arithmetic.logarithm import STEPS
from refacts.arithmetic.mills_ratio import DEGREE, INTERVALS, PAIRS, centres
from refacts.arithmetic.pairs import pair_of

TABLES = Path(__file__).parent.parent / "refacts" / "arithmetic" / "tables"


def context() -> Any:
    """Far more precision than any number here loses."""
    mp = mpmath.MPContext()
    mp.prec = 800
    return mp


def words(number: Any) -> tuple[float, float]:
    """An mpf as a double-double."""
    return pair_of(Fraction(*libmp.to_rational(number._mpf_)))


def mills() -> Iterator[tuple[float, ...]]:
    """Per interval, Taylor coefficients of Mills' ratio M at its centre, the first ones in two words.

    M' = x M - 1, so that (n + 1) c_(n+1) = x c_n + c_(n-1).
    """
    mp = context()
    for centre in centres().tolist():
        x = mp.mpf(centre)
        c = [mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2))]
        c.append(x * c[0] - 1)
        for n in range(1, DEGREE):
            c.append((x * c[n] + c[n - 1]) / (n + 1))
        pairs = [words(q) for q in c]
        yield tuple(w for pair in pairs[:PAIRS] for w in pair) + tuple(hi for hi, _ in pairs[PAIRS:])


def logarithm() -> Iterator[tuple[float, float]]:
    """log(1 + j/STEPS) for j = 0 ... STEPS."""
    mp = context()
    for j in range(STEPS + 1):
        yield words(mp.log1p(mp.mpf(j) / STEPS)) if j else (0.0, 0.0)


def constants() -> Iterator[tuple[float, float]]:
    """The constants, in their order."""
    mp = context()
    for constant in CONSTANTS:
        yield words(constant.exact(mp))


def written(rows: Iterator[tuple[float, ...]]) -> str:
    """The text of a table."""
    return "".join(" ".join(word.hex() for word in row) + "\n" for row in rows)


def main(directory: Path = TABLES) -> None:
    """Write all tables."""
    for table in (mills, logarithm, constants):
        (directory / f"{table.__name__}.txt").write_text(written(table()), encoding="ascii")


if __name__ == "__main__":
    assert len(centres()) == INTERVALS
    main(*map(Path, sys.argv[1:2]))
