"""Parameters as a user types them: alpha=0.1 is the float64 nearest to 0.1, slope=1/6 the fraction."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from refacts.oracles import FORMATS
from refacts.reports.exits import UsageError
from refacts.reports.literals import Number, read, rounded

_FRACTION = re.compile(r"[-+]?[0-9]{1,1000}/0*[1-9][0-9]{0,1000}")


def with_parameters(activation: Any, given: Iterable[str]) -> Any:
    """The activation with the parameters given as "name=number"; UsageError where it takes none such."""
    found: dict[str, Number] = {}
    for text in given:
        name, equals, number = (part.strip() for part in text.partition("="))
        if not equals:
            raise UsageError(f"--param must be name=number (got {text!r})")
        if name not in activation.parameters:
            known = ", ".join(activation.parameters) or "none"
            raise UsageError(f"{activation.spec.name} has no parameter {name!r}: it has {known}")
        if name in found:
            raise UsageError(f"--param {name} is given twice")
        found[name] = _number(name, number)
    try:
        return replace(activation, **found)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{activation.spec.name}: {error}") from error


def _number(name: str, text: str) -> Number:
    if _FRACTION.fullmatch(text):
        return Fraction(text)
    try:
        return rounded(read(text), FORMATS["float64"])
    except ValueError as error:
        raise UsageError(f"--param {name} must be a number or a fraction: {error}") from error
