"""The error of textbook formulas and of refacts along the input line: what the plots show.

Measured in float32 on the same inputs, which depend on nothing, and kept in `curves.json`. Elementwise
activations are measured at x; row-wise ones on the rows (x, 0), as a whole; gated ones at a = 1, b = x. The
second quantity is the derivative: of rows the VJP with the cotangent (1, 0), of gated units that by b.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from refacts.oracles import FORMATS
from refacts.reports.environment import formulas_digest
from refacts.reports.notation import ulps
from refacts.reports.targets.formulas import formula
from refacts.reports.targets.kernels import refacts_result

import refacts
from refacts import testing

FILE = Path(__file__).parent / "curves.json"
FLOAT32 = FORMATS["float32"]
SAMPLES = 200
COARSE_BELOW = (0.0, 1e-38, 1e-30, 1e-20, 1e-15, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3)
FINE = tuple(10 ** (k / 12) for k in range(-24, 37))
COARSE_ABOVE = (1e4, 1e5, 1e6, 1e8, 1e10, 1e13, 1e16, 1e19, 1e20, 1e25, 1e30, 1e35, float(FLOAT32.max))
EDGES = (*COARSE_BELOW, *FINE, *COARSE_ABOVE)
QUANTITIES = {
    "elementwise": ("value", "derivative"),
    "rowwise": ("value", "vjp"),
    "gated": ("value", "vjp_b"),
}


def points() -> Any:
    """Numbers of float32, one row a bin, from the left end of the line to the right one."""
    ends = [int(FLOAT32.bit_patterns(edge)) for edge in np.float32(EDGES).astype(float)]
    ordinals = [np.linspace(a, b, SAMPLES).astype(np.uint32) for a, b in pairwise(ends)]
    positive = np.stack(ordinals).view(np.float32)
    return np.concatenate([-positive[::-1, ::-1], positive])


def measure() -> dict[str, Any]:
    """For each activation and quantity the textbook's largest error in each bin, and ours in all of them."""
    x = points()
    found = {}
    for activation in refacts.CATALOGUE:
        for quantity in QUANTITIES[activation.spec.kind]:
            asked = operands(activation, quantity, x.ravel())
            given = list(asked.values())
            with np.errstate(all="ignore"):
                parameters = {key: float(number) for key, number in activation.parameters.items()}
                textbook = formula(activation, quantity)(*given, **parameters)
            ours = refacts_result(activation, quantity, *given)
            found[f"{activation.spec.name}/{quantity}"] = {
                "textbook": _bins(activation, quantity, textbook, asked, len(x)),
                "refacts": _bins(activation, quantity, ours, asked, 1),
            }
    return {"formulas_sha256": formulas_digest(), "curves": found}


def operands(activation: Any, quantity: str, x: Any) -> dict[str, Any]:
    """What a quantity is measured at, by the names that `refacts.testing` has for it."""
    one = np.ones_like(x)
    if activation.spec.kind == "gated":
        return {"x": one, "b": x, **({} if quantity == "value" else {"g": one})}
    if activation.spec.kind == "elementwise":
        return {"x": x}
    rows = np.stack([x, 0 * one], axis=-1)
    if quantity == "value":
        return {"x": rows}
    g = one if activation.spec.name == "logsumexp" else np.stack([one, 0 * one], axis=-1)
    return {"x": rows, "g": g}


def _bins(activation: Any, quantity: str, got: Any, operands: dict[str, Any], bins: int) -> str:
    """The largest error in each bin ; "nan" where NaN or an infinity is returned, or not, wrongly."""
    errors = testing.ulp_error(np.asarray(got, np.float32), activation, quantity=quantity, **operands)
    worst = np.max(errors.reshape(bins, -1), axis=1)
    return " ".join("nan" if math.isnan(error) else ulps(float(error)) for error in worst)


def write() -> None:
    """Measure, and write the file."""
    FILE.write_text(json.dumps(measure(), indent=1) + "\n", encoding="ascii")


def read() -> dict[str, Any]:
    """What the file holds."""
    held: dict[str, Any] = json.loads(FILE.read_text(encoding="ascii"))
    return held


def stale() -> list[str]:
    """Why the file must be measured anew, in sentences."""
    held = read()
    if held["formulas_sha256"] != formulas_digest():
        return ["scripts/documents/curves.json was measured with other formulas"]
    return []
