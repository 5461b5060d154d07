"""Exact results of the elementwise activations, one by one or for an array."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np
import numpy.typing as npt
from mpmath import libmp
from refacts.oracles.numbers.formats import Format
from refacts.oracles.numbers.precision import Precision
from refacts.oracles.numbers.real import Real
from refacts.oracles.numbers.rounding import Exact, Reference, beside, collect, rational, settle, special
from refacts.oracles.textbook.catalogue import DEFINITIONS, Definition, Number

QUANTITIES = ("value", "derivative", "vjp")
Parameters = Mapping[str, Number]
_NONE: Parameters = {}
ZERO = Fraction(0)


def exact(
    name: str,
    quantity: str,
    x: float,
    fmt: Format,
    parameters: Parameters = _NONE,
    cotangent: float | None = None,
) -> Exact:
    """Return f(x), f'(x) or cotangent * f'(x) of activation ``name``, rounded once to ``fmt``.

    ``quantity`` is "value", "derivative" or "vjp"; only the last takes a ``cotangent``. Every
    number is taken as the exact real it is. ValueError for an unknown name or quantity and for a
    missing or superfluous cotangent, ArithmeticError where no precision decides.
    """
    _check(name, quantity, cotangent)
    return _exact(DEFINITIONS[name], quantity, x, fmt, _unsigned(parameters), cotangent)


def reference(
    name: str,
    quantity: str,
    x: npt.ArrayLike,
    fmt: Format,
    parameters: Parameters = _NONE,
    cotangent: npt.ArrayLike | None = None,
) -> Reference:
    """Return ``exact`` for every element of a 1-d float64 array of format values.

    ``cotangent`` is a scalar or an array as long as ``x``. Equal inputs are evaluated once.
    """
    _check(name, quantity, cotangent)
    definition, parameters = DEFINITIONS[name], _unsigned(parameters)
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 1:
        raise ValueError(f"x: shape {points.shape} is not one-dimensional")
    columns = [points]
    if cotangent is not None:
        columns.append(np.broadcast_to(np.asarray(cotangent, dtype=np.float64), points.shape))
    rows = np.stack(columns, axis=1)
    patterns, places = np.unique(rows.view(np.int64), axis=0, return_inverse=True)
    found = collect(
        _exact(definition, quantity, row[0], fmt, parameters, row[-1])
        for row in patterns.view(np.float64).tolist()
    )
    places = places.reshape(-1)
    return Reference(found.rounded[places], found.residual[places], found.ulp[places])


def _unsigned(parameters: Parameters) -> Parameters:
    """A parameter is a number, and 0 has no sign."""
    return {key: number + 0 for key, number in parameters.items()}


def _check(name: str, quantity: str, cotangent: object) -> None:
    if name not in DEFINITIONS:
        raise ValueError(f"name: {name!r} is none of {', '.join(DEFINITIONS)}")
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity: {quantity!r} is none of {', '.join(QUANTITIES)}")
    if (quantity == "vjp") != (cotangent is not None):
        raise ValueError(f"cotangent: {cotangent!r} given for {quantity!r}; vjp needs one, alone")


def _exact(
    definition: Definition, quantity: str, x: float, fmt: Format, parameters: Parameters, g: Any
) -> Exact:
    if math.isnan(x):
        return special(math.nan, fmt)
    which = int(quantity != "value")
    if math.isinf(x):
        limits = definition.derivative_limits if which else definition.value_limits
        return _at_infinity(limits(**parameters)[x > 0], g if quantity == "vjp" else 1.0, fmt)
    if quantity == "vjp":
        return _vjp(definition, x, g, fmt, parameters)
    number = known(definition, which, x, parameters)
    if number is not None:
        return rational(number, fmt, 0.0 if which else definition.zero(x, **parameters))
    far = definition.far(x, **parameters)[which]
    if far is not None:
        return beside(*far, fmt)
    return settled(definition, (1 - which, which), x, fmt, parameters)


def _at_infinity(limit: Number, g: float, fmt: Format) -> Exact:
    """Multiply the limit with IEEE 754's zeros, infinities and NaN."""
    if limit == 0 or limit in (math.inf, -math.inf):
        return special(g * float(limit), fmt)
    return _product(g, Fraction(limit), fmt)._replace(real=None)


def _vjp(definition: Definition, x: float, g: float, fmt: Format, parameters: Parameters) -> Exact:
    slope = known(definition, 1, x, parameters)
    if slope is not None:
        return _product(g, slope, fmt)
    far = definition.far(x, **parameters)[1]
    if g != 0 and math.isfinite(g):
        if far is None:
            return settled(definition, (0, g), x, fmt, parameters)
        positive = 1 if g > 0 else -1
        infinite = far.limit in (math.inf, -math.inf)
        limit = positive * far.limit if infinite else Fraction(g) * Fraction(far.limit)
        return beside(limit, positive * far.side, fmt)
    # A zero or infinite product: only the slope's sign counts, and it is never exactly 0 here.
    if far is not None:
        return special(g * math.copysign(1.0, far.limit if far.limit else far.side), fmt)
    positive = settled(definition, (0, 1), x, fmt, parameters).real > 0
    return special(g * (1.0 if positive else -1.0), fmt)


def _product(g: float, slope: Fraction, fmt: Format) -> Exact:
    """Multiply with IEEE 754's zeros, infinities and NaN; a slope of 0 counts as +0."""
    if g == 0 or not math.isfinite(g) or slope == 0:
        return special(g * (0.0 if slope == 0 else 1.0 if slope > 0 else -1.0), fmt)
    return rational(Fraction(g) * slope, fmt)


def known(definition: Definition, which: int, x: float, parameters: Parameters) -> Fraction | None:
    """Return f(x), or f'(x) where ``which`` is 1, if it is rational."""
    if not definition.rational:
        return definition.known(x, **parameters)[which]
    line = definition.derivative if which else definition.value
    exactly = {key: Fraction(number) for key, number in parameters.items()}
    return Fraction(line(None, Fraction(x), **exactly))


def settled(
    definition: Definition,
    weights: tuple[Number, Number],
    x: float,
    fmt: Format,
    parameters: Parameters,
    plus: Fraction = ZERO,
) -> Exact:
    """Round ``plus`` and f(x) and f'(x), each times its weight: a sum that is irrational."""
    point = libmp.from_float(x)
    lines = (definition.value, definition.derivative)
    given = tuple(parameters.items())

    def of_line(line: Any, precision: Precision) -> Real:
        numbers = {key: precision.number(number) for key, number in given}
        return line(precision, precision.real(point), **numbers)

    def evaluate(precision: Precision) -> Real:
        terms = [precision.number(plus)] if plus else []
        for line, weight in zip(lines, weights, strict=True):
            if weight:
                key = (line, point, given)
                result = precision.remembered(key, partial(of_line, line, precision))
                terms.append(result if weight == 1 else result * precision.number(weight))
        return reduce(add, terms)

    def describe() -> str:
        return f"{definition.name} times {weights} plus {plus} at x = {x!r} {dict(parameters)}"

    return settle(evaluate, fmt, describe, -point[2] - point[3])
