"""Products, and sums of two, of float32 numbers: the mantissa of one factor solves a modular inequality."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from refacts.oracles import FORMATS

from refacts import oracles
from scripts.ties.found import CLOSENESS, Found
from scripts.ties.integers import Integers

PRODUCTS = 60  # of each activation
SMOOTH = (
    *("sigmoid", "log_sigmoid", "tanh", "tanhshrink", "softplus", "silu", "swish", "quick_gelu", "gelu"),
    *("gelu_tanh", "mish", "elu", "selu", "celu"),
)
DEFAULTS: dict[str, dict[str, Any]] = {
    "swish": {"beta": 1.0},
    "softplus": {"beta": 1.0},
    "elu": {"alpha": 1.0},
    "celu": {"alpha": 1.0},
}
GATES = {"glu": "sigmoid", "swiglu": "silu", "geglu": "gelu"}
F32, F64 = FORMATS["float32"], FORMATS["float64"]
DIGITS = 2**100  # integers stand for reals times this


def first_within(a: int, modulus: int, low: int, high: int) -> int | None:
    """The least x >= 0 with low <= a x mod modulus <= high, for 0 <= low <= high < modulus."""
    if low == 0:
        return 0
    if a == 0:
        return None
    if 2 * a > modulus:
        a, low, high = modulus - a, modulus - high, modulus - low
    x = -(-low // a)
    if a * x <= high:
        return x
    turns = first_within(-modulus % a, a, low % a, high % a)
    return None if turns is None else -(-(low + modulus * turns) // a)


def factor(slope: Fraction, constant: Fraction) -> int | None:
    """A 24-bit G for which G·slope + constant lies beside a tie of float32, if there is one.

    slope is in [1, 2), and |constant| < 2^22, so that the result has 23 to 26 bits before its point.
    """
    for top in (22, 23, 24, 25):  # the exponent of the result
        low, high = ((Fraction(2**e) - constant) / slope for e in (top, top + 1))
        first, last = max(-(-low // 1), 2**23), min(high // 1, 2**24 - 1)
        spacing = Fraction(2) ** (top - 23)
        a = round(slope / spacing * DIGITS)
        start = round((slope * first + constant) / spacing * DIGITS)
        half, width = DIGITS // 2, round(CLOSENESS * 2**23 * DIGITS)
        ends = (half - width - start) % DIGITS, (half + width - start) % DIGITS
        step = 0 if ends[0] > ends[1] else first_within(a % DIGITS, DIGITS, *ends)
        if step is not None and first + step <= last:
            return first + step
    return None


def normalised(real: Fraction) -> Fraction:
    """|real| times the power of two that brings it to [1, 2)."""
    size = abs(real)
    scale = Fraction(2) ** (size.denominator.bit_length() - size.numerator.bit_length())
    size *= scale
    return size * 2 if size < 1 else size


def slope_at(name: str, quantity: str, x: float) -> Fraction | None:
    """f(x) or f'(x) to some 100 bits; None where it is rational, or products with it may be subnormal."""
    real = oracles.exact(name, quantity, x, F64, DEFAULTS.get(name, {})).real
    if real is None or isinstance(real, Fraction) or abs(real) < 2.0**-100:
        return None
    _, mantissa, exponent, _ = real._mpf_
    signed = int(mantissa) * (1 if real > 0 else -1)
    return signed * Fraction(2) ** exponent


def products(name: str) -> Iterator[Found]:
    """(x, g) with g f'(x) beside a tie."""
    integers, count = Integers(name), 0
    while count < PRODUCTS:
        x = integers.number(F32, -4, 3)
        slope = slope_at(name, "derivative", x)
        found = None if slope is None else factor(normalised(slope), Fraction(0))
        if found is not None:
            count += 1
            yield Found(name, "vjp", F32, 0, ((x,), (found / 2.0**23,)))


def gated(name: str) -> Iterator[Found]:
    """Values, VJPs and JVPs of a gated unit beside a tie."""
    integers, counts = Integers(name), dict.fromkeys(("value", "vjp", "jvp"), 0)
    f = GATES[name]
    while min(counts.values()) < PRODUCTS:
        b, g = integers.number(F32, -4, 3), integers.number(F32, 0, 0)
        value, slope = slope_at(f, "value", b), slope_at(f, "derivative", b)
        if value is None or slope is None:
            continue
        quantity = min(counts, key=lambda q: counts[q])
        operands = {"value": _value, "vjp": _vjp, "jvp": _jvp}[quantity](value, slope, b, g, integers)
        if operands is not None:
            counts[quantity] += 1
            element = int(quantity == "vjp")  # the cotangent of b
            yield Found(name, quantity, F32, element, tuple((each,) for each in operands))


def _value(value: Fraction, slope: Fraction, b: float, g: float, integers: Integers) -> Any:
    """A value a f(b)."""
    a = factor(normalised(value), Fraction(0))
    return None if a is None else (a / 2.0**23, b)


def _vjp(value: Fraction, slope: Fraction, b: float, g: float, integers: Integers) -> Any:
    """A cotangent g a f'(b)."""
    a = factor(normalised(slope * Fraction(g)), Fraction(0))
    return None if a is None else (a / 2.0**23, b, g)


def _jvp(value: Fraction, slope: Fraction, b: float, g: float, integers: Integers) -> Any:
    """A sum v f(b) + w a f'(b), whose second term is g f'(b) and less than the first."""
    a, w = integers.number(F32, 0, 0), g
    unit = normalised(value) / value  # a power of two, with the sign of f(b)
    other = Fraction(w) * Fraction(a) * slope * unit * 2**23
    while abs(other) >= 2**22:
        w, other = w / 2, other / 2
    v = factor(normalised(value), other)
    return None if v is None else (a, b, v / 2.0**23, w)
