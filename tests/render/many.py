"""As large a report as there is: 1,300 rows, half of them wrong in many ways, with random numbers."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from refacts.oracles import FORMATS, Format
from refacts.reports.judge.rows import Bin, Error, Region, Row, Worst
from refacts.reports.notation import bits, hexadecimal
from refacts.reports.verdicts import Document

import refacts
from tests.judge.made import NONE, row

ROWS = 1300
QUANTITIES = ("value", "derivative", "vjp", "jvp", "jacobian")
REGIONS = ("tail cancellation", "false zeros", "large error", "overflow")
KINDS = ("finite", "nan", "sign", "false_zero")
CODE = "import numpy as np; import kernels; print(kernels.f(np.{}(float.fromhex('{}'))).hex())"


def document(rows: int = ROWS) -> Document:
    """A target that is right everywhere, and one that is wrong everywhere."""
    rng = random.Random(0)
    names = [f.spec.name for f in refacts.CATALOGUE]
    asked = [(name, quantity, fmt) for name in names for quantity in QUANTITIES for fmt in FORMATS.values()]
    made = [_right(*each) for each in asked[: rows // 2]]
    made += [_wrong(rng, *each) for each in asked[: rows - len(made)]]
    return Document(True, {"refacts": "0.1"}, {"mode": "thorough"}, tuple(made))


def _right(name: str, quantity: str, fmt: Format) -> Row:
    return row(target="refacts", activation=name, quantity=quantity, formats=fmt.name, correct=100_000,
               within_one=100_000, error=Error(0.5, 0.5, 0.5, 0.25), worst=())  # fmt: skip


def _wrong(rng: random.Random, name: str, quantity: str, fmt: Format) -> Row:
    size = 10.0 ** rng.uniform(0, 15)
    low, high = fmt.emin - fmt.precision + 1, fmt.emax + 1
    width = 1 + (high - low) // 32
    exponents = range(low, high, width)
    bins = tuple(_bin(rng, True, each, width, size) for each in reversed(exponents))
    bins += tuple(_bin(rng, False, each, width, size) for each in exponents)
    lost = NONE | {"nan": rng.randrange(1, 90), "false_zero": rng.randrange(900)}
    return row(target="textbook", activation=name, quantity=quantity, formats=fmt.name, verdict="measured",
               correct=rng.randrange(90_000), error=Error(size, size / 2, size / 3, size / 9), bins=bins,
               mismatches=lost,
               regions=tuple(_region(rng, kind, fmt, size) for kind in REGIONS),
               worst=tuple(_worst(rng, kind, fmt, size) for kind in KINDS))  # fmt: skip


def _number(rng: random.Random, fmt: Format) -> float:
    size = 2.0 ** rng.uniform(max(fmt.emin, -20), 6)
    return float(np.asarray(rng.choice((-1, 1)) * size).astype(fmt.dtype))


def _bin(rng: random.Random, negative: bool, exponent: int, width: int, size: float) -> Bin:
    most = float(f"{size * rng.random():.3g}")
    return Bin(negative, exponent, width, 100, most, float(f"{most * rng.random():.3g}"))


def _region(rng: random.Random, kind: str, fmt: Format, size: float) -> Region:
    low, worst, high = map(hexadecimal, sorted(_number(rng, fmt) for _ in range(3)))
    return Region(kind, low, high, 5000, rng.randrange(1, 5000), size, size / 7, worst, False)


def _worst(rng: random.Random, kind: str, fmt: Format, size: float) -> Worst:
    numbers = [_number(rng, fmt) for _ in range(3)]
    x, got, want = map(hexadecimal, numbers)
    x_bits, got_bits, want_bits = (bits(each, fmt) for each in numbers)
    return replace(row().worst[0], kind=kind, operands={"x": x}, bits={"x": x_bits}, got=got, want=want,
                   got_bits=got_bits, want_bits=want_bits, ulp=size,
                   reproducer=CODE.format(fmt.name, x))  # fmt: skip
