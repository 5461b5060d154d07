"""Which library's arrays a callable takes, where the user does not say."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from refacts.oracles import FORMATS
from refacts.reports.targets.frameworks import NAMES, arrays_of
from refacts.reports.targets.frameworks.arrays import Arrays

ROOTS = {  # of modules
    "numpy": "numpy",
    "scipy": "numpy",
    "refacts": "numpy",
    "torch": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "flax": "jax",
    "tensorflow": "tensorflow",
}
NOUNS = {
    "numpy": "NumPy arrays",
    "torch": "torch tensors",
    "jax": "JAX arrays",
    "tensorflow": "TensorFlow tensors",
}
WITH_DEVICES = ("torch", "jax")  # that the user names
PROBE = np.array([0.5, -1.0, 2.0, 1.5])


def guessed(
    function: Any,
    root: str,
    row_call: dict[str, Any],
    device: str | None,
    probing: Callable[[str], None] = lambda likely: None,
) -> tuple[Arrays, str]:
    """The arrays, and how they were found out; ``root`` is that of the module the user named.

    The callable is called only if its module does not tell and some library beside NumPy is in use.
    ``probing`` is called before, with the name of the library to assume if nothing comes back.
    """
    for module in (root, *_modules(function)):
        if module in ROOTS:
            return arrays_of(ROOTS[module], device), f"{NOUNS[ROOTS[module]]}, since it is of {module}"
    used = _used(function)
    candidates = [name for name in NAMES[1:] if (name in sys.modules or name in used) and find_spec(name)]
    if not candidates:
        return arrays_of("numpy", device), "NumPy arrays, since it uses no other library"
    likely = next((name for name in candidates if name in used), "numpy")
    probing(likely)
    placed = sorted((name for name in candidates if name in WITH_DEVICES), key=likely.__ne__)
    for name in ("numpy", *candidates) if device is None else placed:
        arrays = arrays_of(name, device)
        if _answers(function, arrays, row_call):
            return arrays, f"{NOUNS[name]}, since it answered a probe of them"
    return arrays_of(likely, device), f"{NOUNS[likely]}, by the names in its code: it answered no probe"


def _modules(function: Any) -> Iterator[str]:
    """The roots of the modules that the object and its type are of."""
    for owner in (*type(function).__mro__, function):
        yield str(getattr(owner, "__module__", "")).partition(".")[0]


def _used(function: Any) -> set[str]:
    """The libraries whose names its code mentions, also those that it imports when called."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    function = getattr(function, "__func__", function)
    code, known = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    found = set()
    for name in code.co_names if code else ():
        thing = known.get(name, name)
        module = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", thing)
        found.add(ROOTS.get(str(module).partition(".")[0], ""))
    return found


def _answers(function: Any, arrays: Arrays, row_call: dict[str, Any]) -> bool:
    """Whether it makes arrays of such arrays: of one, of one of rows, or of two."""
    float32 = FORMATS["float32"]
    one, rows = float32.bit_patterns(PROBE), float32.bit_patterns(np.stack([PROBE, -PROBE]))
    tries: tuple[tuple[list[Any], dict[str, Any]], ...] = (([one], {}), ([rows], row_call), ([one, one], {}))
    for given, keywords in tries:
        with suppress(Exception), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if arrays.is_array(function(*(arrays.array(bits, float32) for bits in given), **keywords)):
                return True
    return False
