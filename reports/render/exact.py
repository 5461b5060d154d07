"""Exact results, written out: 40 digits, the nearest float, and how close a call it was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mpmath import MPContext, libmp
from refacts.oracles import Exact, Format, digits, exact, exact_gated, exact_row
from refacts.reports.literals import Number, rounded
from refacts.reports.notation import bits, decimal, hexadecimal
from refacts.reports.question import Question
from refacts.reports.render.texts import wrapped

DIGITS = 40
_LABEL = 10  # columns of the word before a number
_BITS = 192  # of which 40 digits need 133
_METHODS = {"value": "", "derivative": ".gradient"}
_PARTS = {f"{of}_{by}": (of, f" by {by}") for of in ("vjp", "derivative") for by in "ab"}
_TANGENTS = {"v_a": "g", "v_b": "v"}  # the oracle's names of them
Typed = Mapping[str, Sequence[tuple[str, Number]]]  # by operand: texts and the numbers they are


def lines(question: Question, typed: Typed) -> list[str]:
    """What `refacts exact` prints: numbers as typed, one an operand or, in rows, one an entry.

    Lines have `texts.WIDTH` columns at most. ArithmeticError where the oracle cannot decide.
    """
    indent = " " * _LABEL
    return [part.rstrip() for line in _lines(question, typed) for part in wrapped(line, indent)]


def _lines(question: Question, typed: Typed) -> list[str]:
    given = {
        name: [rounded(number, question.format_of(name)) for _, number in numbers]
        for name, numbers in typed.items()
    }
    with digits(DIGITS):
        if question.kind == "rowwise":
            return [*_heading(question), *_of_row(question, typed, given)]
        alone = {name: values[0] for name, values in given.items()}
        found = _one(question, alone)
    notes = [_operand(question, name, *typed[name][0], alone[name]) for name in question.operands]
    infinite = any(math.isinf(value) for value in alone.values())
    return [
        *_heading(question),
        *notes,
        f"exact     {_digits(found, infinite)}",
        f"rounded   {_written(found.rounded, question.result)}",
        f"distance  {_distance(found, infinite, question.result)}",
    ]


def _heading(question: Question) -> list[str]:
    method, part = _PARTS.get(question.quantity, (question.quantity, ""))
    call = question.activation.spec.name + _METHODS.get(method, f".{method}")
    parameters = "".join(f", {k}={v}" for k, v in question.activation.parameters.items())
    return [f"{call}({', '.join(question.operands)}{parameters}){part}, {question.formats}"]


def _operand(question: Question, name: str, text: str, number: Number, value: float) -> str:
    fmt = question.format_of(name)
    note = "" if value == number or math.isnan(value) else f"  ({text.strip()} rounded to {fmt.name})"
    return f"{name:<9} {_written(value, fmt)}{note}"


def _one(question: Question, given: Mapping[str, float]) -> Exact:
    name, quantity = question.activation.spec.name, question.quantity
    if question.kind == "gated":
        named = {_TANGENTS.get(key, key): value for key, value in given.items()}
        return exact_gated(name, quantity, named, question.result)
    second = given.get("g", given.get("v"))
    quantity = "vjp" if quantity == "jvp" else quantity
    return exact(name, quantity, given["x"], question.result, question.activation.parameters, second)


def _of_row(question: Question, typed: Typed, given: Mapping[str, list[float]]) -> list[str]:
    """The operands, then a line for each result: its place, 40 digits, the float, the distance."""
    notes = []
    for name in question.operands:
        fmt = question.format_of(name)
        changed = any(
            value != number and not math.isnan(value)
            for value, (_, number) in zip(given[name], typed[name], strict=True)
        )
        note = f"  (rounded to {fmt.name})" if changed else ""
        notes.append(f"{name:<9} {' '.join(decimal(value, fmt) for value in given[name])}{note}")
    x, *second = (given[name] for name in question.operands)
    found = exact_row(question.activation.spec.name, question.quantity, x, question.result, *second)
    infinite = any(math.isinf(value) for values in given.values() for value in values)
    table = [("", "exact", "rounded", "ulp to boundary")]
    for k, each in enumerate(found):
        distance = _distance(each, infinite, question.result).partition(" ulp")[0]
        shown = decimal(each.rounded, question.result)
        table.append((f"[{k}]", _digits(each, infinite), shown, distance))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in table]
    return [*notes, *("  ".join(row).rstrip() for row in padded)]


def _written(value: float, fmt: Format) -> str:
    return f"{decimal(value, fmt)} = {hexadecimal(value)} (bits {bits(value, fmt)})"


def _digits(found: Exact, infinite: bool) -> str:
    if found.real is None or (infinite and found.real == 0):
        return f"{found.rounded!r}, {_special(found.rounded, infinite)}"
    if found.real == 0:
        return "0.0"
    context = MPContext()
    context.prec = _BITS
    if isinstance(found.real, Fraction):
        real = context.mpf(found.real.numerator) / found.real.denominator
    else:
        real = context.make_mpf(found.real._mpf_)
    return str(context.nstr(real, DIGITS, strip_zeros=False))


def _special(value: float, infinite: bool) -> str:
    if math.isnan(value):
        return "not a number"
    if infinite:
        return "the limit"
    return "nearly: its magnitude is " + ("below 2^-1100" if value == 0 else "2^2200 or more")


def _distance(found: Exact, infinite: bool, fmt: Format) -> str:
    if (infinite and not found.real) or (found.real is None and found.rounded != 0):
        return "none: not rounded"
    if found.real is None:
        return "0.5 ulp from the nearest rounding boundary"
    if found.real == 0:
        return f"0.5 ulp from the nearest rounding boundary ({fmt.name} holds the result exactly)"
    ulps = boundary_distance(found, fmt)
    if ulps == 0:
        return "0 ulp: the result lies on a rounding boundary, and the tie went to the even float"
    near = f"{float(ulps):.4g}" if ulps > Fraction(2) ** -1000 else f"about 2^{_magnitude(ulps)}"
    return f"{near} ulp from the nearest rounding boundary"


def _magnitude(q: Fraction) -> int:
    return q.numerator.bit_length() - q.denominator.bit_length()


def boundary_distance(found: Exact, fmt: Format) -> Fraction:
    """From the exact result to the nearest midpoint of two neighbouring floats, in its ulp.

    Beyond the largest float its neighbour is 2^(emax+1), where overflow begins.
    """
    real = abs(_fraction(found.real))
    size = min(Fraction(fmt.max), Fraction(abs(found.rounded)) if math.isfinite(found.rounded) else real)
    above = size + Fraction(_spacing_above(float(size), fmt)) / 2
    below = size - Fraction(_spacing_below(float(size), fmt)) / 2
    return min(abs(real - above), abs(real - below)) / Fraction(found.ulp)


def _fraction(real: Any) -> Fraction:
    """The number as a Fraction; 0 for one too small for any format and for a Fraction."""
    if isinstance(real, Fraction):
        return real
    _, _, exp, bc = real._mpf_
    return Fraction(*libmp.to_rational(real._mpf_)) if exp + bc > -5000 else Fraction(0)


def _spacing_above(size: float, fmt: Format) -> float:
    """Distance from ``size`` >= 0 to the next larger value."""
    exponent = max(math.frexp(size)[1] - 1, fmt.emin) if size else fmt.emin
    return math.ldexp(1.0, exponent - fmt.precision + 1)


def _spacing_below(size: float, fmt: Format) -> float:
    """Distance from ``size`` >= 0 to the next smaller value; zero's is that of -0's mirror image."""
    fraction, exponent = math.frexp(size)
    lower = fraction == 0.5 and exponent - 1 > fmt.emin
    return _spacing_above(size, fmt) / (2 if lower else 1)
