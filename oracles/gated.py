"""Exact results of the gated units a f(b), f being the sigmoid, silu, gelu or relu.

Every quantity is a sum of terms, and each term a product of operands and f(b) or f'(b). In such
products an exact 0 times an infinity is NaN, wherever in it they are; no other product is
infinite. Zeros have the sign of the product, that of f(b) being what f returns and f' = 0 counting
as +0 but in its limits; a sum of two terms that is exactly 0 is +0.

What is far out rests on the reflections f(b) = 1 - f(-b), f'(b) = f'(-b) of the sigmoid s and
f(b) = b + f(-b), f'(b) = 1 - f'(-b) of silu and gelu, and for b = -t far below 0 on

    p s + q s'        = s (p + q - q s)
    p silu + q silu'  = s (p b + q (1 + b) - q b s)
    p gelu + q gelu'  = phi(t) ((q - p t) m - q t)    phi the density, m = 1/(t + 1/(t + 2/(t + ...)))

where s < 2^-7800: next to weights p < 2^1024 and q < 2^2048, multiples of 2^-1074 and 2^-2148, it
decides only what is 0 without it. So all of it is less than 2^-3400 of any limit other than 0. The
fraction m is Mills' ratio (Laplace 1805); its convergents lie above it and below it in turn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from refacts.oracles.elementwise import exact, known, settled
from refacts.oracles.numbers.formats import FORMATS, Floats, Format
from refacts.oracles.numbers.rounding import Exact, Reference, beside, collect, rational, special
from refacts.oracles.textbook.catalogue import DEFINITIONS, Definition, Number

GATES = {"glu": "sigmoid", "swiglu": "silu", "geglu": "gelu", "reglu": "relu"}
GATED = tuple(GATES)
# The terms of a quantity: the operands, and 1 where f' stands for f
TERMS: dict[str, tuple[tuple[str, int], ...]] = {
    "value": (("a", 0),),
    "vjp_a": (("g", 0),),
    "vjp_b": (("ga", 1),),
    "derivative_a": (("", 0),),
    "derivative_b": (("a", 1),),
    "jvp": (("g", 0), ("va", 1)),
}
FAR = {"sigmoid": 5408, "silu": 5408, "gelu": 104}  # gelu falls as e^(-b^2 / 2)
F64 = FORMATS["float64"]
Weights = tuple[Fraction, Fraction]


def reference_gated(
    name: str,
    quantity: str,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    fmt: Format,
    g: npt.ArrayLike | None = None,
    v: npt.ArrayLike | None = None,
) -> Reference:
    """Return exact results of unit ``name`` for 1-d float64 arrays of format values, elementwise.

    ``quantity``: "value", a f(b); "derivative_a", f(b); "derivative_b", a f'(b); "vjp_a" and "vjp_b",
    g times those; "jvp", g f(b) + v a f'(b), g and v being the tangents of a and b. Equal inputs are
    evaluated once. ValueError for an unknown name or quantity, missing or superfluous operands and
    shapes that do not fit, ArithmeticError where no precision decides.
    """
    used = _used(name, quantity)
    columns = _columns(quantity, used, {"a": a, "b": b, "g": g, "v": v})
    patterns, places = np.unique(columns.view(np.int64), axis=0, return_inverse=True)
    letters = sorted(used)
    found = collect(
        exact_gated(name, quantity, dict(zip(letters, row, strict=True)), fmt)
        for row in patterns.view(np.float64).tolist()
    )
    places = places.reshape(-1)
    return Reference(found.rounded[places], found.residual[places], found.ulp[places])


def exact_gated(name: str, quantity: str, operands: Mapping[str, float], fmt: Format) -> Exact:
    """Return one result with its exact real, for operands by name: those that count must be there."""
    _used(name, quantity)
    return _exact(DEFINITIONS[GATES[name]], quantity, operands, fmt)


def _used(name: str, quantity: str) -> set[str]:
    """The operands that count."""
    if name not in GATES:
        raise ValueError(f"name: {name!r} is none of {', '.join(GATED)}")
    if quantity not in TERMS:
        raise ValueError(f"quantity: {quantity!r} is none of {', '.join(TERMS)}")
    return {letter for letters, _ in TERMS[quantity] for letter in letters} | {"b"}


def _columns(quantity: str, used: set[str], given: Mapping[str, npt.ArrayLike | None]) -> Floats:
    """The operands that count, one a column, in the alphabet's order."""
    arrays = {key: np.asarray(x, dtype=np.float64) for key, x in given.items() if x is not None}
    needed = sorted(used | {"a", "b"})
    if needed != sorted(arrays):
        raise ValueError(f"{quantity} takes {', '.join(needed)}, not {', '.join(arrays)}")
    for key, array in arrays.items():
        if array.ndim != 1 or array.shape != arrays["a"].shape:
            raise ValueError(
                f"{key}: shape {array.shape}, a has {arrays['a'].shape}, one dimension is needed"
            )
    return np.stack([arrays[letter] for letter in sorted(used)], axis=1)


def _exact(definition: Definition, quantity: str, operands: Mapping[str, float], fmt: Format) -> Exact:
    b, terms = operands["b"], []
    weights = [Fraction(0), Fraction(0)]
    for letters, which in TERMS[quantity]:
        factors = [operands[letter] for letter in letters]
        term = _special(definition, which, b, factors)
        if abs(term) == 1:
            weights[which] = math.prod(map(Fraction, factors), start=Fraction(1))
        terms.append(term)
    infinite = [term for term in terms if not math.isfinite(term)]
    if infinite:
        return special(sum(infinite), fmt)
    if not any(weights):
        return special(terms[0] if len(terms) == 1 else 0.0, fmt)
    return _sum(definition, (weights[0], weights[1]), b, fmt)


def _at(definition: Definition, which: int, b: float) -> Number | None:
    """f(b), or f'(b) where ``which`` is 1, if it is rational, infinite or NaN; zeros have signs."""
    if math.isnan(b):
        return b
    if math.isinf(b):
        return (definition.derivative_limits if which else definition.value_limits)()[b > 0]
    number = known(definition, which, b, {})
    return (0.0 if which else definition.zero(b)) if number == 0 else number


def _special(definition: Definition, which: int, b: float, factors: list[float]) -> float:
    """The product where it is NaN, infinite or exactly 0, elsewhere 1 or -1."""
    number = _at(definition, which, b)
    if number is None:
        needed = any(factor == 0 or math.isinf(factor) for factor in factors)
        number = exact(definition.name, ("value", "derivative")[which], b, F64).rounded if needed else 1.0
        number = math.copysign(1.0, number)
    return math.prod(_sign(factor) for factor in (*factors, number))


def _sign(number: Number) -> float:
    if isinstance(number, float) and (number == 0 or not math.isfinite(number)):
        return number
    return 1.0 if number > 0 else -1.0


def _sum(definition: Definition, weights: Weights, b: float, fmt: Format) -> Exact:
    """Round the sum of f(b) and f'(b), each times its weight; neither product is special."""
    numbers = [_at(definition, which, b) for which, weight in enumerate(weights) if weight]
    products = [
        weight * Fraction(number)
        for weight, number in zip(filter(None, weights), numbers, strict=True)
        if number is not None
    ]
    if len(products) == len(numbers):
        return rational(sum(products, Fraction(0)), fmt)
    far = abs(b) > FAR[definition.name]
    if b < 0:
        return (
            beside(0, _side(definition, weights, b), fmt) if far else settled(definition, weights, b, fmt, {})
        )
    p, q = weights
    limit, mirrored = (p, (-p, q)) if definition.name == "sigmoid" else (p * Fraction(b) + q, (p, -q))
    if far:
        return beside(limit, _side(definition, mirrored, -b), fmt, 3400)
    return settled(definition, mirrored, -b, fmt, {}, limit)


def _side(definition: Definition, weights: Weights, b: float) -> int:
    """The sign of the sum for b far below 0."""
    p, q = weights
    point = Fraction(b)
    if definition.name == "gelu":
        return _side_of_gelu(p, q, -point)
    first = p + q if definition.name == "sigmoid" else p * point + q * (1 + point)
    second = -q if definition.name == "sigmoid" else -q * point
    return 1 if (first or second) > 0 else -1


def _side_of_gelu(p: Fraction, q: Fraction, t: Fraction) -> int:
    """The sign of (q - p t) m - q t, on which two convergents of m agree."""
    sides = [0, 0]
    before, last = (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))
    for step in itertools.count():
        top, bottom = (t * y + max(step, 1) * x for x, y in zip(before, last, strict=True))
        before, last = last, (top, bottom)
        number = (q - p * t) * top - q * t * bottom
        sides = [sides[1], (number > 0) - (number < 0)]
        if sides[0] == sides[1] != 0:
            break
    return sides[0]
