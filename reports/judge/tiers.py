"""How far down the tiers of arithmetic inputs go, and that hardly any reach the slow last one.

Counted on two families of inputs, by the kernel's own census; elementwise activations only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from refacts.oracles import Format
from refacts.oracles.inputs import all_values
from refacts.oracles.numbers.formats import Floats
from refacts.reports.document import Document
from refacts.reports.inputs.modes import Settings
from refacts.reports.inputs.plan import Shard, exhaustive
from refacts.reports.inputs.rows import finite_patterns, to_format
from refacts.reports.notation import upper_percent
from refacts.reports.targets.kernel import Census, Kernel

TIERS = ("float64", "double-double", "wide", "fractions", "mpmath")
FAMILIES = ("log-uniform", "normal")  # uniform over the finite bit patterns; N(0, 3)
CHUNK = 2**18  # inputs at a time
MOST_IN_MPMATH = {"float32": 1e-6, "float64": 1e-4}  # shares; 16-bit formats look results up


def tiers(kernel: Kernel, shard: Shard, settings: Settings) -> dict[str, Any]:
    """By family: coverage, inputs, and by tier how many of them reached it and the percentage.

    Empty where the kernel has no census, for VJPs and for row-wise activations.
    """
    if kernel.census is None or shard.quantity == "vjp" or shard.activation.spec.kind != "elementwise":
        return {}
    found = {}
    for family in FAMILIES:
        whole = family == "log-uniform" and exhaustive(shard, settings)
        total, inputs = Counter(dict.fromkeys(TIERS, 0)), 0
        for x in _all_finite(shard.fmt) if whole else _drawn(family, shard.fmt, settings):
            total.update(_counts(kernel.census, shard, x))
            inputs += x.size
        found[family] = {
            "coverage": "exhaustive" if whole else "sampled",
            "inputs": inputs,
            "reached": dict(total),
            "percent": {tier: upper_percent(count, inputs) for tier, count in total.items()},
        }
    return found


def _counts(census: Census, shard: Shard, x: Floats) -> dict[str, int]:
    counts = census(shard.activation, shard.quantity, shard.fmt.encode(x))
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


def failures(document: Document, kernels: Sequence[Kernel]) -> list[str]:
    """One sentence per row and family in which too many of a strict kernel's inputs reach mpmath."""
    return [
        f"{row['format']} {row['activation']} {row['quantity']}: {found['reached']['mpmath']} of "
        f"{found['inputs']} {family} inputs of {kernel.name} reach mpmath, "
        f"{allowed(row['format'], found['inputs'])} may"
        for row in document["rows"].values()
        for kernel in kernels
        if kernel.strict and row["format"] in MOST_IN_MPMATH
        for family, found in row["kernels"][kernel.name]["tiers"].items()
        if found["reached"]["mpmath"] > allowed(row["format"], found["inputs"])
    ]
