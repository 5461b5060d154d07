"""As large a report as there is: 1,300 rows made of a few, of numbers that no compression foresees."""

from __future__ import annotations

import random
from dataclasses import replace

from refacts.reports.judge.rows import Bin, Error, Region, Row, Worst
from refacts.reports.verdicts import Document

import refacts
from tests.judge.made import NONE, row

ROWS = 1300
QUANTITIES = ("value", "derivative", "vjp", "jvp", "jacobian")
FORMATS = {"float16": (-24, 15), "bfloat16": (-133, 127), "float32": (-149, 127), "float64": (-1074, 1023)}
KINDS = ("tail cancellation", "false zeros", "large error", "overflow")


def document(rows: int = ROWS) -> Document:
    """A target that is right everywhere, and one that is wrong nearly everywhere."""
    rng = random.Random(0)
    names = [f.spec.name for f in refacts.CATALOGUE]
    asked = [(name, quantity, formats) for name in names for quantity in QUANTITIES for formats in FORMATS]
    made = [_right(*each) for each in asked[: rows // 2]]
    made += [_wrong(rng, *each) for each in asked[: rows - len(made)]]
    return Document(True, {"refacts": "0.1"}, {"mode": "thorough"}, tuple(made))


def _right(name: str, quantity: str, formats: str) -> Row:
    return row(target="refacts", activation=name, quantity=quantity, formats=formats, correct=100_000,
               within_one=100_000, error=Error(0.5, 0.5, 0.5, 0.25), worst=())  # fmt: skip


def _wrong(rng: random.Random, name: str, quantity: str, formats: str) -> Row:
    low, high = FORMATS[formats]
    size = 10.0 ** rng.uniform(0, 15)

    def number() -> float:
        return rng.choice((-1, 1)) * 2.0 ** rng.uniform(max(low, -20), min(high, 6))

    exponents = range(low, high, 1 + (high - low) // 250)
    bins = tuple(_bin(rng, sign, each, size) for sign in (True, False) for each in exponents)
    regions = tuple(_region(rng, kind, number(), size) for kind in KINDS)
    worst = tuple(_worst(rng, kind, number(), size) for kind in ("finite", "nan", "sign", "false_zero"))
    lost = NONE | {"nan": rng.randrange(1, 90), "false_zero": rng.randrange(900)}
    error = Error(size, size / 2, size / 3, size / 9)
    return row(target="textbook", activation=name, quantity=quantity, formats=formats, verdict="measured",
               correct=rng.randrange(90_000), error=error, bins=bins, worst=worst, regions=regions,
               mismatches=lost)  # fmt: skip


def _bin(rng: random.Random, negative: bool, exponent: int, size: float) -> Bin:
    most = size * rng.random()
    return Bin(negative, exponent, 100, most, most * rng.random())


def _region(rng: random.Random, kind: str, x: float, size: float) -> Region:
    ends = sorted((x, x * 3))
    low, high = (end.hex() for end in ends)
    return Region(kind, low, high, 5000, rng.randrange(1, 5000), size, size / 7, x.hex(), False)


def _worst(rng: random.Random, kind: str, x: float, size: float) -> Worst:
    bits = [f"0x{rng.getrandbits(32):08x}" for _ in range(3)]
    code = f"import kernels; print(kernels.f(float.fromhex('{x.hex()}')).hex())"
    return replace(row().worst[0], kind=kind, operands={"x": x.hex()}, bits={"x": bits[0]}, got=(x / 3).hex(),
                   got_bits=bits[1], want=(x / 7).hex(), want_bits=bits[2], ulp=size,
                   reproducer=code)  # fmt: skip
