"""The elementwise functions a target may follow: the catalogue, other parameters, rounded constants."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from refacts.oracles import FORMATS, nearest
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Question

import refacts

Map = Callable[[Floats], Floats]
NARROWER = ("float32", "bfloat16", "float16")  # than the float64 that constants are written in
ELEMENTWISE = tuple(f for f in refacts.CATALOGUE if f.spec.kind == "elementwise")
CONVENTIONS = (  # of frameworks: see the activations' docstrings
    *(refacts.LeakyReLU(alpha) for alpha in (0.01, 0.1, 0.2, 0.3, Fraction(1, 3))),
    refacts.HardSigmoid(slope=0.2),
    refacts.HardTanh(0, 1),
    refacts.HardTanh(0, 6),
    refacts.Threshold(0, 0),
    refacts.Squareplus(1),
    refacts.Swish(1.702),
)
_GELU_TANH = (math.sqrt(2 / math.pi), 0.044715)
_SELU = (1.0507009873554805, 1.6732632423543772)  # lambda, alpha


@dataclass(frozen=True)
class Function:
    """A function of float64 arrays and its derivative, good to a few ulp. name: as in a sentence."""

    name: str
    value: Map
    slope: Map


def remembered(f: Function) -> Function:
    """The same, which computes no array's results twice while the array lives."""
    known: dict[tuple[str, int], tuple[Floats, Floats]] = {}

    def once(which: str) -> Map:
        def results(x: Floats) -> Floats:
            key = which, id(x)
            if key not in known:
                known[key] = x, getattr(f, which)(x)  # x is held, so that its id stays its own
            return known[key][1]

        return results

    return Function(f.name, once("value"), once("slope"))


def function(activation: Any, name: str = "") -> Function:
    """An elementwise activation, named as a user writes it."""
    return Function(name or subject(activation), activation, activation.gradient)


def subject(activation: Any) -> str:
    """An activation as a user writes it."""
    return Question(activation, "value", FORMATS["float64"], FORMATS["float64"]).subject


def definitions(named: Any) -> Iterator[Function]:
    """Other functions than the named activation, what is nearest to it first."""
    yield from (function(f) for f in CONVENTIONS if type(f) is type(named) and f != named)
    yield from rounded_parameters(named)
    yield from rounded_constants(named)
    yield from (function(f) for f in ELEMENTWISE if f != named)
    yield from (function(f) for f in CONVENTIONS if type(f) is not type(named))
    yield linear_above(named.beta if isinstance(named, refacts.Softplus) else 1)
    yield Function("x", lambda x: x, np.ones_like)
    yield Function("0", np.zeros_like, np.zeros_like)


def rounded_parameters(named: Any) -> Iterator[Function]:
    """The activation with its parameters as numbers of narrower formats."""
    given = named.parameters
    for fmt in NARROWER:
        numbers = {name: as_held(number, fmt) for name, number in given.items()}
        if numbers == given or not np.isfinite(list(numbers.values())).all():
            continue
        changed = [name for name in given if numbers[name] != given[name]]
        said = ", ".join(f"{name} = {given[name]}" for name in changed)
        yield function(replace(named, **numbers), f"{named.spec.name} with {said} rounded to {fmt}")


def as_held(number: float | Fraction, fmt: str) -> float:
    """The nearest value of a format."""
    return nearest(Fraction(float(number)), FORMATS[fmt])


def rounded_constants(named: Any) -> Iterator[Function]:
    """The activation with the constants of its formula rounded to narrower formats or to short decimals."""
    name = named.spec.name
    for fmt in NARROWER:
        held = partial(as_held, fmt=fmt)
        if name == "gelu":
            yield _scaled(f"gelu with 1/sqrt 2 rounded to {fmt}", named, math.sqrt(2) * held(math.sqrt(0.5)))
        if name == "quick_gelu":
            yield function(refacts.Swish(held(1.702)), f"quick_gelu with 1.702 rounded to {fmt}")
        if name == "gelu_tanh":
            peak, cubic = map(held, _GELU_TANH)
            yield gelu_tanh(f"gelu_tanh with its constants rounded to {fmt}", peak, cubic)
            yield gelu_tanh(f"gelu_tanh with sqrt(2/pi) rounded to {fmt}", peak, _GELU_TANH[1])
            yield gelu_tanh(f"gelu_tanh with 0.044715 rounded to {fmt}", _GELU_TANH[0], cubic)
        if name == "selu":
            yield selu(f"selu with its constants rounded to {fmt}", *map(held, _SELU))
        if name == "hard_swish":
            yield _times(f"hard_swish with 1/6 rounded to {fmt}", named, 6 * held(1 / 6))
    if name == "selu":
        yield selu("selu with 1.0507 and 1.67326", 1.0507, 1.67326)
    if name == "gelu_tanh":
        for digits in (4, 5, 8, 10):
            peak = round(_GELU_TANH[0], digits)
            yield gelu_tanh(f"gelu_tanh with {peak} for sqrt(2/pi)", peak, _GELU_TANH[1])


def _scaled(name: str, f: Any, t: float) -> Function:
    """x/2 (1 + erf(t x/sqrt 2)) = gelu(t x)/t."""
    return Function(name, lambda x: f(t * x) / t, lambda x: f.gradient(t * x))


def _times(name: str, f: Any, c: float) -> Function:
    return Function(name, lambda x: c * f(x), lambda x: c * f.gradient(x))


def gelu_tanh(name: str, peak: float, cubic: float) -> Function:
    """x sigmoid(2u), where u = peak (x + cubic x^3)."""

    def gate(x: Floats) -> Floats:
        return 2 * peak * (x + cubic * x**3)

    def slope(x: Floats) -> Floats:
        s, rest = refacts.sigmoid(gate(x)), refacts.sigmoid(-gate(x))
        return s + x * s * rest * 2 * peak * (1 + 3 * cubic * x**2)

    return Function(name, lambda x: x * refacts.sigmoid(gate(x)), slope)


def selu(name: str, scale: float, alpha: float) -> Function:
    """scale elu(x; alpha)."""
    return _times(name, refacts.ELU(alpha), scale)


def linear_above(beta: Any, threshold: float = 20.0) -> Function:
    """Softplus as PyTorch has it: x itself where beta x > 20."""
    f = refacts.Softplus(beta)
    return Function(
        f"{subject(f)} with x itself where beta x > {threshold:g}",
        lambda x: np.where(float(beta) * x > threshold, x, f(x)),
        lambda x: np.where(float(beta) * x > threshold, 1.0, f.gradient(x)),
    )
