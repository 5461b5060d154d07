"""Tables of numbers, written by scripts/tables.py."""

from __future__ import annotations

from functools import cache
from os.path import dirname, join

import numpy as np

from refacts.formats import Float64


@cache
def table(name: str) -> Float64:
    """The columns of a table: the i-th row of the result is the i-th number of every line."""
    with open(join(dirname(__file__), f"{name}.txt"), encoding="utf-8") as file:
        rows = np.array([[float.fromhex(word) for word in line.split()] for line in file])
    columns = np.ascontiguousarray(rows.T)
    columns.flags.writeable = False
    return columns
