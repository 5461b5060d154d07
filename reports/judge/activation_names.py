"""Which activation of the catalogue a name means, in refacts or elsewhere."""

from __future__ import annotations

from typing import Any

from refacts.reports.exits import unknown
from refacts.reports.quantities import CATALOGUE

ELSEWHERE = {  # names of SciPy, torch, JAX, Keras and ONNX, in small letters without underscores
    "expit": "sigmoid",
    "logistic": "sigmoid",
    "logexpit": "log_sigmoid",
    "hardsilu": "hard_swish",
    "hardswish": "hard_swish",
    "hardshrinkage": "hardshrink",
    "softshrinkage": "softshrink",
    "thresholdedrelu": "threshold",
    "gelutanhapproximation": "gelu_tanh",
    "tanhf": "tanh",
}


def guessed(text: str) -> str:
    """The activation that the last part of a target's text names; empty where none is obvious."""
    last = text.rpartition(":")[2].rpartition(".")[2].rpartition("/")[2]
    plain = last.lower().replace("_", "")
    names = {name.replace("_", ""): name for name in CATALOGUE}
    return names.get(plain, ELSEWHERE.get(plain, ""))


def candidate(text: str) -> str:
    """The activation with the longest name that is part of a target's; empty where there is none."""
    last = text.rpartition(":")[2].rpartition("/")[2].lower().replace("_", "")
    names = {name.replace("_", ""): name for name in CATALOGUE} | ELSEWHERE
    return max(((len(plain), name) for plain, name in names.items() if plain in last), default=(0, ""))[1]


def activation_named(name: str) -> Any:
    """The activation of that name, or of that class's; UsageError, with close names, for none."""
    classes = {type(activation).__name__: key for key, activation in CATALOGUE.items()}
    found = CATALOGUE.get(name) or CATALOGUE.get(classes.get(name, "")) or CATALOGUE.get(guessed(name))
    if found is None:
        raise unknown("activation", name, CATALOGUE)
    return found
