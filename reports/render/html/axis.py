"""Where numbers lie in a plot of errors: the whole line of inputs, and errors in ulp, in points."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from refacts.oracles import Format
from refacts.reports.judge.rows import Bin

_STRETCH = 2.0  # binades around |x| = 1 that are drawn about as wide as each other
_ZERO = 0.035  # half of the gap for 0, in halves of the line
_INFINITE, _NAN = 1.06, 1.15  # where those stand, in halves of the line
_MINUS = "\N{MINUS SIGN}"
_SPECIAL = ((-math.inf, f"{_MINUS}inf"), (0.0, "0"), (math.inf, "inf"), (math.nan, "NaN"))
FLOOR = 0.05  # ulp: smaller errors are drawn here
_DECADES = (0, 3, -3, 10, -10, 100, -100, 1, -1, 30, -30)  # labelled where there is room, in this order


@dataclass(frozen=True)
class Line:
    """The inputs of a format from -inf to inf, and NaN, between two abscissas.

    |x| is on a logarithmic axis that is stretched around 1: its place is asinh(log2 |x| / 2), from the
    least subnormal number to the largest. 0 has a gap of its own.
    """

    fmt: Format
    left: float
    right: float

    def place(self, x: float) -> float:
        """The abscissa of x."""
        if math.isnan(x):
            return self._at(_NAN)
        if math.isinf(x):
            return self._at(math.copysign(_INFINITE, x))
        return self._at(0.0) if x == 0 else self._finite(x < 0, math.log2(abs(x)))

    def edge(self, negative: bool, exponent: float) -> float:
        """The abscissa of ±2^exponent, at most the line's end."""
        return self._finite(negative, exponent)

    def _finite(self, negative: bool, exponent: float) -> float:
        least, most = self.fmt.emin - self.fmt.precision + 1, self.fmt.emax + 1
        low, high = _stretched(least), _stretched(most)
        inner = (_stretched(min(max(exponent, least), most)) - low) / (high - low)
        size = _ZERO + (1 - _ZERO) * inner
        return self._at(-size if negative else size)

    def _at(self, place: float) -> float:
        """From halves of the line, which reach from -_INFINITE to _NAN."""
        return self.left + (place + _INFINITE) / (_INFINITE + _NAN) * (self.right - self.left)

    def marks(self) -> list[tuple[float, str]]:
        """Abscissas that are labelled, and how: as many as there is room for."""
        found = [(self.place(x), label) for x, label in _SPECIAL]
        for decade in _DECADES:
            written = f"{10.0**decade:g}" if abs(decade) <= 3 else f"1e{decade}"
            exponent = decade * math.log2(10)
            if not self.fmt.emin <= exponent <= self.fmt.emax:
                continue
            for negative, minus in ((True, _MINUS), (False, "")):
                x = self._finite(negative, exponent)
                label = minus + written
                if all(abs(x - other) >= 2.7 * (len(label) + len(told)) + 5 for other, told in found):
                    found.append((x, label))
        return sorted(found)


def _stretched(exponent: float) -> float:
    return math.asinh(exponent / _STRETCH)


@dataclass(frozen=True)
class Scale:
    """Errors in ulp on a logarithmic axis between two ordinates, up to ``most``, a power of 10."""

    most: float
    bottom: float
    top: float

    @staticmethod
    def up_to(ulp: float) -> float:
        """The end of a scale that holds a finite error, and never less than 10 ulp."""
        return 10.0 ** max(1, math.ceil(math.log10(max(ulp, 1.0))))

    def place(self, ulp: float) -> float:
        """The ordinate of an error; of a smaller one than FLOOR that of FLOOR."""
        inside = min(max(ulp, FLOOR), self.most)
        share = (math.log10(inside) - math.log10(FLOOR)) / (math.log10(self.most) - math.log10(FLOOR))
        return self.bottom + share * (self.top - self.bottom)

    def marks(self) -> Iterator[tuple[float, str]]:
        """Ordinates that are labelled, and how: 0.5, and a few powers of 10."""
        last = round(math.log10(self.most))
        step = max(1, math.ceil(last / 4))
        low = (-1, 0) if last <= 2 else ()
        yield self.place(0.5), "0.5"
        for decade in (*low, *range(last, 0, -step)):
            yield self.place(10.0**decade), f"{10.0**decade:g}" if decade <= 3 else f"1e{decade}"


@dataclass(frozen=True)
class Column:
    """What a plot shows of neighbouring bins: the largest of their errors and of their percentiles."""

    left: float
    right: float
    max: float
    p99: float


def columns(bins: Sequence[Bin], line: Line, least: float) -> list[list[Column]]:
    """Runs of columns that touch, from left to right; bins narrower than ``least`` points are joined."""
    runs: list[list[Column]] = []
    for each in bins:
        ends = (each.exponent, each.exponent + each.width)
        left, right = sorted(line.edge(each.negative, end) for end in ends)
        last = runs[-1][-1] if runs else None
        if last is not None and left - last.right < 0.5:
            if last.right - last.left < least:
                runs[-1][-1] = Column(last.left, right, max(last.max, each.max), max(last.p99, each.p99))
            else:
                runs[-1].append(Column(last.right, right, each.max, each.p99))
        elif last is not None and last.right - last.left < least and left - last.left < least:
            runs[-1][-1] = Column(last.left, right, max(last.max, each.max), max(last.p99, each.p99))
        else:
            runs.append([Column(left, right, each.max, each.p99)])
    return runs
