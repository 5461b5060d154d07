"""The libraries whose arrays a target can take: made from bits, read as bits, differentiated."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from refacts.reports.exits import UsageError
from refacts.reports.targets.frameworks.arrays import Arrays

CLASSES = {  # imported only when used
    "numpy": "NumpyArrays",
    "torch": "TorchArrays",
    "jax": "JaxArrays",
    "tensorflow": "TensorflowArrays",
}
NAMES = tuple(CLASSES)


def arrays_of(name: str, device: str | None = None) -> Arrays:
    """The arrays of a library, on a device; UsageError if the library is missing or has no such device."""
    if name not in CLASSES:
        raise UsageError(f"--arrays must be one of {', '.join(NAMES)} (got {name!r})")
    if find_spec(name) is None:
        raise UsageError(missing(name))
    module = import_module(f"refacts.reports.targets.frameworks.{name}_arrays")
    made: Arrays = getattr(module, CLASSES[name])(device)
    return made


def missing(name: str) -> str:
    """The sentence for a library that is not installed."""
    return f"{name} is missing: pip install {name}"
