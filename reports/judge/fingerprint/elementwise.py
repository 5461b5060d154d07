"""What a target of an elementwise activation may compute instead: on probes, candidate by candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.fingerprint.functions import Function, definitions, function
from refacts.reports.question import Batch, Question


@dataclass(frozen=True)
class Candidate:
    """Something a target may compute, as a sentence names it, with its exact results on the probes."""

    name: str
    values: Floats


@dataclass(frozen=True)
class Probed:
    """A question and the operands of its probes."""

    question: Question
    batch: Batch

    @property
    def x(self) -> Floats:
        """The points."""
        return self.batch["x"]

    @cached_property
    def factor(self) -> Floats:
        """The cotangents or tangents that multiply a derivative, else 1."""
        return next((v for name, v in self.batch.items() if name != "x"), np.ones_like(self.x))

    @cached_property
    def named(self) -> Function:
        """The activation asked for."""
        return function(self.question.activation)

    @property
    def letter(self) -> str:
        """The name of the factor."""
        return next((name for name in self.question.operands if name != "x"), "")

    def of(self, f: Function) -> Floats:
        """What a right target of f would give."""
        if self.question.quantity == "value":
            return f.value(self.x)
        return self.factor * f.slope(self.x)

    def called(self, name: str) -> str:
        """What that is in a sentence: "gelu", "gelu'", "g gelu'(x)"."""
        forms = {"value": "{}", "derivative": "{}'"}
        if " with " in name:  # a description
            forms = {"value": "{}", "derivative": "the derivative of {}"}
        return forms.get(self.question.quantity, f"{self.letter} times {forms['derivative']}").format(name)

    def part(self, places: Any) -> Probed:
        """The same on some of the probes."""
        return Probed(self.question, {name: values[places] for name, values in self.batch.items()})


def candidates(probed: Probed) -> Iterator[Candidate]:
    """All that has no number to be found, what is likelier first; not the named function itself."""
    with np.errstate(all="ignore"):
        for f in definitions(probed.question.activation):
            yield Candidate(probed.called(f.name), probed.of(f))
        yield from _slips(probed)


def _slips(probed: Probed) -> Iterator[Candidate]:
    """What the named function is mistaken for."""
    f, name, x, v = probed.named, probed.named.name, probed.x, probed.letter
    right, y, slope = probed.of(f), f.value(x), f.slope(x)
    made = {f"-{probed.called(name)}": -right}
    if probed.question.quantity == "value":
        made |= {
            f"the derivative of {name}": slope,
            f"{name}(-x)": f.value(-x),
            f"-{name}(-x)": -f.value(-x),
            f"1 - {name}": 1 - y,
            f"x {name}(x)": x * y,
            f"{name}(x)/x": y / x,
            f"{name}({name}(x))": f.value(y),
        }
    else:
        slopes = {
            f"the value of {name}": y,
            f"{name}'(y) at y = {name}(x)": f.slope(y),
            "y (1 - y) with x for y": x * (1 - x),
            "1 - y^2 with x for y": 1 - x * x,
            "y (1 - y)": y * (1 - y),
            "1 - y^2": 1 - y * y,
            f"{name}(x)/x": y / x,
            f"{name}'(-x)": f.slope(-x),
        }
        if probed.question.quantity == "derivative":
            made |= slopes
        else:
            g = probed.factor
            made |= {
                f"{name}'(x) without {v}": slope,
                f"x times {name}'({v})": x * f.slope(g),
                f"{v}^2 times {name}'(x)": g * right,
                f"{v} alone": g,
                f"{name}'({v}) without x": f.slope(g),
                f"{v} + {name}'(x)": g + slope,
                f"{name}'(x)/{v}": slope / g,
            }
            made |= {f"{v} times {said}": g * each for said, each in slopes.items()}
            made |= {f"the value of {name} without {v}": y}
    yield from (Candidate(said, values) for said, values in made.items())
