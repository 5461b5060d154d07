"""How far down the tiers of arithmetic inputs go, and that hardly any reach the slow last one.

Counted on two families of inputs, by the kernel's own census; elementwise activations only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from refacts.oracles import Format
from refacts.oracles.inputs import all_values
from refacts.oracles.numbers.formats import Floats
from refacts.reports.inputs.modes import Settings
from refacts.reports.inputs.points import coverage
from refacts.reports.inputs.rows import finite_patterns, to_format
from refacts.reports.judge.rows import Reached
from refacts.reports.question import Question
from refacts.reports.targets.kernel import Census, Kernel

TIERS = ("float64", "double-double", "wide", "fractions", "mpmath")
FAMILIES = ("log-uniform", "normal")  # uniform over the finite bit patterns; N(0, 3)
CHUNK = 2**18  # inputs at a time
MOST_IN_MPMATH = {"float32": 1e-6, "float64": 1e-4}  # shares; 16-bit formats look results up


def tiers(kernel: Kernel, question: Question, settings: Settings) -> dict[str, Reached]:
    """By family, how many of its inputs reached each tier.

    Empty where the kernel has no census, for VJPs and for row-wise activations.
    """
    if kernel.census is None or question.quantity == "vjp" or question.kind != "elementwise":
        return {}
    every = coverage(question, settings.plan(question)) == "exhaustive"
    found = {}
    for family in FAMILIES:
        whole = family == "log-uniform" and every
        total: Counter[str] = Counter()
        inputs, fmt = 0, question.source
        for x in _all_finite(fmt) if whole else _drawn(family, fmt, settings):
            total.update(_counts(kernel.census, question, x))
            inputs += x.size
        reached = {tier: total[tier] for tier in TIERS if total[tier]}
        found[family] = Reached("exhaustive" if whole else "sampled", inputs, reached)
    return found


def _counts(census: Census, question: Question, x: Floats) -> dict[str, int]:
    counts = census(question.activation, question.quantity, question.source.encode(x))
    if unknown := counts.keys() - set(TIERS):
        raise ValueError(f"the census names tiers {sorted(unknown)}, want some of {', '.join(TIERS)}")
    return counts


def _all_finite(fmt: Format) -> Iterator[Floats]:
    values = all_values(fmt)
    yield values[np.isfinite(values)]


def _drawn(family: str, fmt: Format, settings: Settings) -> Iterator[Floats]:
    """The family's inputs, a chunk at a time; the same settings give the same bits."""
    rng = np.random.default_rng([settings.seed, fmt.bits, fmt.precision, FAMILIES.index(family)])
    left = settings.mode.tier_inputs[fmt.bits]
    while left:
        n = min(left, CHUNK)
        normal = family == "normal"
        yield to_format(fmt, 3 * rng.standard_normal(n)) if normal else finite_patterns(fmt, n, rng)
        left -= n


def allowed(fmt: str, inputs: int) -> int:
    """How many of ``inputs`` may reach mpmath: the share's worth, and one in a smaller sample.

    One, because a sample smaller than 1/share can hold a single such input by chance, but hardly two.
    """
    return max(int(MOST_IN_MPMATH[fmt] * inputs), 1)


def failures(fmt: str, tiers: dict[str, Reached]) -> list[str]:
    """One sentence per family of which too many inputs reach mpmath."""
    return [
        f"{found.reached['mpmath']:,} of {found.inputs:,} {family} inputs reach mpmath, "
        f"{allowed(fmt, found.inputs):,} may"
        for family, found in tiers.items()
        if fmt in MOST_IN_MPMATH and found.reached.get("mpmath", 0) > allowed(fmt, found.inputs)
    ]
