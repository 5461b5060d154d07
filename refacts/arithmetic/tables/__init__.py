"""Tables of numbers, written by scripts/tables.py."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from refacts.formats import Float64


@cache
def table(name: str) -> Float64:
    """The columns of a table: the i-th row of the result is the i-th number of every line."""
    lines = (Path(__file__).parent / f"{name}.txt").read_text(encoding="ascii").splitlines()
    rows = np.array([[float.fromhex(word) for word in line.split()] for line in lines])
    columns = np.ascontiguousarray(rows.T)
    columns.flags.writeable = False
    return columns
