"""Exact results of the elementwise activations, one by one or for an array."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from mpmath import libmp

from oracles.definitions import DEFINITIONS, Definition, Number
from oracles.formats import Format
from oracles.precision import START_BITS, Precision, Real, at
from oracles.rounding import Exact, Reference, collect, rational, settle, special

QUANTITIES = ("value", "derivative", "vjp")
Parameters = Mapping[str, Number]
_NONE: Parameters = {}


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
    return _exact(DEFINITIONS[name], quantity, x, fmt, parameters, cotangent)


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
    definition = DEFINITIONS[name]
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
    if quantity == "vjp":
        return _vjp(definition, x, g, fmt, parameters)
    if math.isinf(x):
        return _limit(_limits(definition, quantity, x, parameters), fmt)
    if definition.rational or x in definition.exact_points:
        zero = definition.zero(x, **parameters) if quantity == "value" else 0.0
        return rational(_fraction(definition, quantity, x, parameters), fmt, zero)
    return _settled(definition, quantity, x, 1.0, fmt, parameters)


def _limits(definition: Definition, quantity: str, x: float, parameters: Parameters) -> Number:
    limits = definition.value_limits if quantity == "value" else definition.derivative_limits
    return limits(**parameters)[x > 0]


def _limit(limit: Number, fmt: Format) -> Exact:
    if limit == 0 or not math.isfinite(limit):
        return special(float(limit), fmt)
    return rational(Fraction(limit), fmt)._replace(real=None)


def _vjp(
    definition: Definition, x: float, g: float, fmt: Format, parameters: Parameters
) -> Exact:
    if math.isinf(x):
        slope = Fraction(_limits(definition, "derivative", x, parameters))
        return _product(g, slope, fmt)._replace(real=None)
    if definition.rational or x in definition.exact_points:
        return _product(g, _fraction(definition, "derivative", x, parameters), fmt)
    if g != 0 and math.isfinite(g):
        return _settled(definition, "derivative", x, g, fmt, parameters)
    # A zero or infinite product: only the slope's sign counts, and it is never exactly 0 here.
    slope = Fraction(_settled(definition, "derivative", x, 1.0, fmt, parameters).real > 0) * 2 - 1
    return _product(g, slope, fmt)


def _product(g: float, slope: Fraction, fmt: Format) -> Exact:
    """Multiply with IEEE 754's zeros, infinities and NaN; a slope of 0 counts as +0."""
    if g == 0 or not math.isfinite(g) or slope == 0:
        return special(g * math.copysign(1.0 if slope else 0.0, slope), fmt)
    return rational(Fraction(g) * slope, fmt)


def _fraction(
    definition: Definition, quantity: str, x: float, parameters: Parameters
) -> Fraction:
    line = definition.value if quantity == "value" else definition.derivative
    if definition.rational:
        exactly = {key: Fraction(number) for key, number in parameters.items()}
        return Fraction(line(None, Fraction(x), **exactly))
    precision = at(START_BITS)
    result = line(precision, precision.number(x), **_numbers(precision, parameters))
    return Fraction(*libmp.to_rational(result._mpf_))


def _numbers(precision: Precision, parameters: Parameters) -> dict[str, Any]:
    return {key: precision.number(number) for key, number in parameters.items()}


def _settled(
    definition: Definition, quantity: str, x: float, g: float, fmt: Format, parameters: Parameters
) -> Exact:
    line = definition.value if quantity == "value" else definition.derivative
    point, factor = libmp.from_float(x), libmp.from_float(g)

    def evaluate(precision: Precision) -> tuple[Real, Real]:
        numbers = _numbers(precision, parameters)
        result: Real = line(precision, precision.real(point), **numbers)
        if g != 1.0:
            result = precision.real(factor) * result
        return result, result

    def describe() -> str:
        return f"{definition.name} {quantity} times {g!r} at x = {x!r} {dict(parameters)}"

    return settle(evaluate, fmt, describe)
