"""Questions and numbers for tests of targets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.reports.quantities import CATALOGUE, reduces
from refacts.reports.question import Batch, Question, pair
from refacts.reports.targets.incidents import hexes
from refacts.reports.targets.returned import to_format

ROOT = Path(__file__).parents[2]
PLANTED = Path(__file__).parent / "planted.py"
METHODS = {"value": "__call__", "derivative": "gradient", "vjp_a": "vjp", "vjp_b": "vjp"}
SHAPES = {"rowwise": (4, 6)}


def question(name: str, quantity: str = "value", formats: str = "float32") -> Question:
    """Of an activation of the catalogue."""
    return Question(CATALOGUE[name], quantity, *pair(formats))


def numbers(asked: Question, n: int = 40, seed: int = 0) -> Batch:
    """Operands, n elements or 4 rows, moderate and distinct."""
    random = np.random.default_rng(seed)
    found = {}
    for operand in asked.operands:
        shape: tuple[int, ...] = SHAPES.get(asked.kind, (n,))
        if operand == "g" and asked.kind == "rowwise" and reduces(asked.activation, "value"):
            shape = shape[:1]
        found[operand] = to_format(random.normal(0, 2, shape), asked.format_of(operand))
    return found


def arrays(asked: Question, batch: Batch) -> list[npt.NDArray[Any]]:
    """The operands in their formats, the halves of glu in one."""
    given = [asked.format_of(operand).encode(values) for operand, values in batch.items()]
    if asked.kind == "gated" and hasattr(asked.activation, "axis"):
        pairs = 2 if asked.quantity == "jvp" else 1
        joined = [np.concatenate(given[2 * k : 2 * k + 2]) for k in range(pairs)]
        return [*joined, *given[2 * pairs :]]
    return given


def by_refacts(asked: Question, batch: Batch) -> Floats:
    """What refacts answers."""
    method: Callable[..., Any] = getattr(asked.activation, METHODS.get(asked.quantity, asked.quantity))
    found = method(*arrays(asked, batch), dtype=asked.result.dtype)
    if asked.quantity in ("vjp_a", "vjp_b"):
        halves = found if isinstance(found, tuple) else np.split(found, 2)
        found = halves["ab".index(asked.quantity[-1])]
    return np.asarray(found).astype(np.float64)


def first(batch: Batch) -> Batch:
    """The first element or row."""
    return {name: values[:1] for name, values in batch.items()}


def operands(batch: Batch) -> dict[str, list[str]]:
    """As hex floats, for a reproducer."""
    return hexes({name: np.ravel(values).tolist() for name, values in batch.items()})


def run_line(line: str) -> list[float]:
    """The numbers that a line of Python prints, in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [float.fromhex(word) for word in done.stdout.split()]
