"""How close a target's results are to a candidate's: rungs of a ladder, from strict to lenient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from refacts.oracles import FORMATS, Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.rows import to_format
from refacts.reports.judge.fingerprint.elementwise import Candidate
from refacts.reports.judge.terms import spacing


class Rung(NamedTuple):
    """What counts as explained: so many spacings of a format, at the exact value or at the size of the terms.

    The strict rungs, without terms, tell definitions apart that differ by little; only kernels that are
    accurate pass them. A kernel that cancels errs by some spacings of its terms, however small the result: it
    passes the rungs that allow this, where definitions must differ by more. terms: 0, 1, or what to scale
    terms by that were rounded to a wider format than the results.
    """

    spacings: float
    terms: float
    fmt: Format


SPACINGS = (1.0, 4.0, 16.0)
ENOUGH = 0.99  # of the probes, for a definition to be followed
MOST = 0.5  # of the probes whose result a format does not hold, for results in its precision to be off


def ladder(fmt: Format) -> tuple[Rung, ...]:
    """The rungs of results in a format, then those of results that a narrower one has rounded."""
    wide = 4 * 2.0 ** (fmt.precision - FORMATS["float32"].precision)  # 16-bit kernels compute in float32
    own = [Rung(spacings, part, fmt) for part in (0.0, wide, 1.0) if part <= 1 for spacings in SPACINGS]
    narrower = [f for f in FORMATS.values() if f.precision < fmt.precision]
    for narrow in sorted(narrower, key=lambda f: -f.precision):
        own.append(Rung(SPACINGS[-1 if narrow.bits == 32 else 1], 1.0, narrow))  # 16 of 16 bits tell little
    return tuple(own)


@dataclass(frozen=True)
class Closeness:
    """A candidate beside a target's results; terms: the size of the terms, of their shape."""

    candidate: Candidate
    got: Floats
    terms: Floats
    fmt: Format

    def misses(self, rung: Rung, times: float = 1.0) -> int:
        """How many results the candidate does not explain, with ``times`` as many spacings."""
        key = rung.terms, rung.fmt
        if key not in self._units:
            self._units[key] = self._in(rung.fmt, rung.terms)
        units = self._units[key]
        return int(np.count_nonzero(~(units <= rung.spacings * times)))  # a NaN explains nothing

    def in_precision_of(self, fmt: Format) -> bool:
        """Whether the results look computed in a narrower format; of the results' own format always.

        Nearly all of them are its numbers; or most are off that it does not hold, as they are not where
        a kernel errs in some places only.
        """
        if fmt == self.fmt:
            return True
        if np.mean(to_format(fmt, self.got) == self.got) >= ENOUGH:
            return True
        right = to_format(self.fmt, self.candidate.values)
        beyond = to_format(fmt, right) != right
        off = ~(self._in(self.fmt, 1.0) <= SPACINGS[-1])
        return bool(np.count_nonzero(off & beyond) > MOST * np.count_nonzero(beyond))

    @cached_property
    def _units(self) -> dict[tuple[float, Format], Floats]:
        return {}

    def _in(self, fmt: Format, part: float) -> Floats:
        """Distances in spacings. Zero for a subnormal or zero instead of a subnormal, and beyond the format.

        These are ways of a device, not of a definition: flushed, saturated.
        """
        want, got = self.candidate.values, self.got
        with np.errstate(all="ignore"):
            size = np.maximum(np.abs(want), part * self.terms)
            units = np.abs(got - want) / spacing(size, fmt)
        tiny = 2.0**self.fmt.emin
        flushed = (np.abs(want) < tiny) & (np.abs(got) <= tiny)
        beyond = (
            (np.abs(want) >= self.fmt.max) & (np.abs(got) >= self.fmt.max) & (np.sign(got) == np.sign(want))
        )
        return np.where(flushed | beyond, 0.0, units)
