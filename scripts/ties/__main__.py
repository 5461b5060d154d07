"""Finds inputs whose exact results lie beside ties: `python -m scripts.ties [FILE]`.

A result within 2^-54 of a boundary between two floats, relative to itself, is one that the last bit of a
float64 exponential decides. Random inputs come so close once in 2^29 results of float32; here they are
solved for, from random integers and the oracles:

- products: g such that g f'(x) is beside a tie, x given, by a modular inequality that the mantissa of g
  solves; gated units have such a factor too, and their JVP a term beside it;
- rows: the sum of exponentials that puts a result at a tie is found first, then entries that make it up,
  each the largest that still fits in.

Products of two 16-bit numbers and the like do not come so close: there are fewer than 2^26 of them, to
within powers of two. Rows of 16 bits do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from refacts.oracles import FORMATS

from scripts.ties.found import Found
from scripts.ties.products import GATES, SMOOTH, gated, products
from scripts.ties.rows import LENGTHS, RESULTS, rows

FILE = Path(__file__).parent.parent.parent / "tests" / "portability" / "beside_ties.txt"


def entries() -> Iterator[Found]:
    """All that the file holds, in its order."""
    for name in SMOOTH:
        yield from products(name)
    for name in GATES:
        yield from gated(name)
    for fmt in LENGTHS:
        for name, quantity in RESULTS:
            yield from rows(name, quantity, FORMATS[fmt])


def main(file: Path = FILE) -> None:
    """Write the file."""
    file.write_text("".join(f"{found.line()}\n" for found in entries()), encoding="ascii")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
