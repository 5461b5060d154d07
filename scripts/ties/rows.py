"""Rows: the sum of exponentials that puts a result at a tie comes first, then entries that make it up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from refacts.oracles import Format

from refacts import oracles
from scripts.ties.found import CLOSENESS, Found, to_tie
from scripts.ties.integers import Integers

ROWS = 10  # of each activation, quantity and format


class Row:
    """Entries of a row, largest first, and the cotangents of all.

    The entries that are still to come share the last cotangent.
    """

    def __init__(self, mp: Any, x: list[float], g: list[float], size: int, element: int):
        self.mp, self.x, self.g, self.size, self.element = mp, x, g, size, element
        self.e = [mp.exp(mp.mpf(t) - x[0]) for t in x]

    def mean(self, total: Any) -> Any:
        """The mean of g by weight, if the exponentials of the whole row have this sum."""
        known = self.mp.fsum(a * b for a, b in zip(self.e, self.g, strict=False))
        return (known + (total - self.mp.fsum(self.e)) * self.g[-1]) / total

    def share(self, total: Any) -> Any:
        """The softmax of the element."""
        return self.e[self.element] / total

    @property
    def own(self) -> float:
        """The cotangent of the element."""
        return self.g[self.element]


RESULTS: dict[tuple[str, str], Any] = {  # of a row, given the sum of its exponentials
    ("softmax", "value"): lambda r, s: r.share(s),
    ("softmax", "gradient"): lambda r, s: r.share(s) * (1 - r.share(s)),
    ("softmax", "vjp"): lambda r, s: r.share(s) * (r.own - r.mean(s)),
    ("log_softmax", "value"): lambda r, s: r.mp.log(r.share(s)),
    ("log_softmax", "gradient"): lambda r, s: 1 - r.share(s),
    ("log_softmax", "vjp"): lambda r, s: r.own - r.share(s) * r.mp.fsum(r.g),
    ("log_softmax", "jvp"): lambda r, s: r.own - r.mean(s),
    ("logsumexp", "value"): lambda r, s: r.x[0] + r.mp.log(s),
    ("logsumexp", "vjp"): lambda r, s: r.g[0] * r.share(s),
    ("logsumexp", "jvp"): lambda r, s: r.mean(s),
}
LENGTHS = {"float16": 12, "bfloat16": 20, "float32": 7}  # enough for the last entries to reach 2^-54


def rows(name: str, quantity: str, fmt: Format) -> Iterator[Found]:
    """Rows with a result beside a tie."""
    mp = mpmath.MPContext()
    mp.prec = 300
    integers, count = Integers(f"{name}.{quantity}.{fmt.name}"), 0
    while count < ROWS:
        found = _row(mp, name, quantity, fmt, integers)
        if found is not None and distance(found) <= CLOSENESS:
            count += 1
            yield found


def _row(mp: Any, name: str, quantity: str, fmt: Format, integers: Integers) -> Found | None:
    n = LENGTHS[fmt.name]
    top = integers.number(fmt, -3, 1)
    lower = (fmt_below(top - 2.0 ** -integers.below(4), fmt) for _ in range(2))
    main = [top, *sorted(lower, reverse=True)]
    g = [integers.number(fmt, -1, 0) for _ in range(4)]
    row = Row(mp, main, [*g, *g[-1:] * (n - 4)], n, 0 if name == "logsumexp" else integers.below(3))
    result = RESULTS[name, quantity]
    start = mp.fsum(row.e) * (1 + mp.mpf(1 + integers.below(2**20)) / 2**22)
    y = result(row, start)
    if abs(y) < 2.0**-10:
        return None
    tie = tie_beside(mp, y, fmt)
    total = root(lambda s: result(row, s) - tie, start)
    filled = None if total is None else fill(row, total, fmt)
    if filled is None:
        return None
    operands = [filled]
    if quantity in ("vjp", "jvp"):
        operands.append(row.g[:1] if (name, quantity) == ("logsumexp", "vjp") else row.g)
    return Found(name, quantity, fmt, row.element, tuple(map(tuple, operands)))


def tie_beside(mp: Any, y: Any, fmt: Format) -> Any:
    """The middle of the two numbers of the format that y lies between."""
    spacing = mp.mpf(2) ** (mp.floor(mp.log(abs(y), 2)) + 1 - fmt.precision)
    return (mp.floor(y / spacing) + 0.5) * spacing


def root(f: Callable[[Any], Any], start: Any) -> Any:
    """A root near the start by the secant method; None where 40 steps do not reach it."""
    a, b = start, start * (1 + start.context.ldexp(1, -20))
    for _ in range(40):
        rise = f(b) - f(a)
        if rise == 0 or abs(b / start - 1) > 0.25:
            break
        a, b = b, b - f(b) * (b - a) / rise
    return b if abs(b - a) < abs(b) * 2.0**-200 else None


def fill(row: Row, total: Any, fmt: Format) -> list[float] | None:
    """The row's entries and further ones, each the largest that keeps the exponentials below the total."""
    x, rest = list(row.x), total - row.mp.fsum(row.e)
    while len(x) < row.size:
        if rest <= 0:
            return None
        x.append(fmt_below(float(row.x[0] + row.mp.log(rest)), fmt))
        rest -= row.mp.exp(row.mp.mpf(x[-1]) - row.x[0])
    return x


def fmt_below(real: float, fmt: Format) -> float:
    """The largest number of the format that is not above a real."""
    rounded = oracles.nearest(Fraction(real), fmt)
    if rounded <= real:
        return rounded
    pattern = int(fmt.bit_patterns(np.array(rounded)))
    down = -1 if rounded > 0 else 1
    return float(fmt.decode(np.array(pattern + down)))


def distance(found: Found) -> Fraction:
    """From the result to the nearest tie, relative to the result, by the oracle."""
    x, *g = (np.array(o) for o in found.operands)
    quantity = "derivative" if found.quantity == "gradient" else found.quantity
    exact = oracles.reference_row(found.name, quantity, x, found.fmt, *g, only=[found.element])
    return to_tie(exact)
