"""How large the terms are that a formula adds up, and what a format makes of numbers of that size.

A formula may lose its result in the rounding of its terms: 1 + erf(x/sqrt 2) in a far tail, 1 - tanh^2.
Its error is then some spacings at the size of the terms, however small the result is.
"""

from __future__ import annotations

import numpy as np
from refacts.oracles import Format
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question


def terms(question: Question, batch: Batch) -> Floats:
    """The size of the largest term of ordinary formulas, of the results' shape.

    Of an elementwise activation the larger of 1 and |x|: 1 and erf, 1 and tanh, x and tanh x, x and
    sqrt(x^2 + b). Of rows the larger of 1 and the largest |x_j|, which is subtracted first. Both times the
    cotangents and tangents that multiply them; in a gated unit a f(b), times |a| too.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if question.kind == "rowwise":
            return _of_rows(question, batch)
        sizes = {name: np.abs(values) for name, values in batch.items()}
        if question.kind == "elementwise":
            own = np.maximum(sizes.pop("x"), 1.0)
            return own * next(iter(sizes.values()), 1.0)
        own = np.maximum(sizes["b"], 1.0)
        if question.quantity == "value":
            return sizes["a"] * own
        if question.quantity == "jvp":
            return (sizes["v_a"] + sizes["v_b"] * sizes["a"]) * own
        return sizes["g"] * own * (sizes["a"] if question.quantity == "vjp_b" else 1.0)


def _of_rows(question: Question, batch: Batch) -> Floats:
    finite = np.where(np.isfinite(batch["x"]), np.abs(batch["x"]), 0.0)
    own = np.maximum(finite.max(axis=-1, keepdims=True, initial=0.0), 1.0)
    second = next((np.abs(values) for name, values in batch.items() if name != "x"), np.ones_like(own))
    second = second.reshape(len(own), -1)
    sizes: Floats = own * np.where(np.isfinite(second), second, 0.0).max(axis=-1, keepdims=True, initial=0.0)
    rows, length = batch["x"].shape
    return sizes[:, 0] if question.reduces else np.broadcast_to(sizes, (rows, question.results(length)))


def spacing(values: Floats, fmt: Format) -> Floats:
    """The format's spacing at real numbers: that of subnormals below, of the top binade beyond."""
    exponents = np.clip(np.frexp(values)[1] - 1, fmt.emin, fmt.emax)
    gaps: Floats = np.ldexp(1.0, exponents - fmt.precision + 1)
    return np.where(np.abs(values) < 2.0**fmt.emin, fmt.smallest_subnormal, gaps)
