"""What the lines of rowwise.py, right or wrong ones, yield for a row, rounded."""

from __future__ import annotations

import functools
from fractions import Fraction
from types import SimpleNamespace

import mpmath
from refacts.oracles import nearest, reference_row
from refacts.oracles.textbook import rowwise

from tests.oracles.independent import bisected, same

BITS = 12000
QUANTITIES = ("value", "derivative", "vjp", "jvp", "jacobian")
LINES = {
    name: (getattr(rowwise, name), getattr(rowwise, f"{name}_jacobian"))
    for name in ("softmax", "softmin", "log_softmax", "logsumexp", "sparsemax")
}


@functools.cache
def at(bits):
    mp = mpmath.MPContext()
    mp.prec = bits
    return mp


def context():
    """mpmath at BITS bits, which works out an exponential once."""
    mp = at(BITS)
    exp, log = functools.cache(mp.exp), functools.cache(mp.log)
    return SimpleNamespace(exp=exp, log=log, fsum=mp.fsum, mpf=mp.mpf)


def reals(name, quantity, lines, x, g, number, mp=None):
    """The results of the lines; ``g`` is cut to what the quantity takes."""
    value, jacobian = lines
    row, cotangent = [number(a) for a in x], [number(a) for a in g]
    entries = range(len(x))
    outputs = range(1) if name == "logsumexp" else entries
    if quantity == "value":
        return [value(mp, row, i) for i in outputs]
    if quantity == "derivative":
        return [jacobian(mp, row, i, i) for i in entries]
    if quantity == "jacobian":
        return [jacobian(mp, row, i, j) for i in outputs for j in entries]
    if quantity == "vjp":
        return [rowwise.vjp(mp, jacobian, row, [cotangent[i] for i in outputs], k) for k in entries]
    return [rowwise.jvp(mp, jacobian, row, cotangent, i) for i in outputs]


def rounded(real, fmt):
    """Round; what is but the rounding of BITS bits away from a rational is taken for it."""
    if isinstance(real, int | Fraction):
        return bisected(Fraction(real), fmt)
    return nearest(at(BITS - 2500).mpf(real), fmt) if abs(real) > mpmath.mpf(2) ** (2500 - BITS) else 0.0


def textbook(name, quantity, x, g, fmt, lines=None):
    """The rounded results."""
    lines = lines or LINES[name]
    if name == "sparsemax":
        found = reals(name, quantity, lines, x, g, Fraction)
    else:
        mp = context()
        found = reals(name, quantity, lines, x, g, mp.mpf, mp)
    return [rounded(real, fmt) for real in found]


def ask(name, quantity, x, fmt, g=(), **options):
    """The oracle, with a cotangent where the quantity takes one."""
    given = {"vjp": g[:1] if name == "logsumexp" else g, "jvp": g}
    return reference_row(name, quantity, x, fmt, given.get(quantity), **options).rounded.tolist()


def agrees(name, quantity, x, g, fmt, lines=None):
    """Whether the oracle gives the bits of the lines."""
    found = ask(name, quantity, x, fmt, g)
    expected = textbook(name, quantity, x, g, fmt, lines)
    return len(found) == len(expected) and all(map(same, found, expected))
