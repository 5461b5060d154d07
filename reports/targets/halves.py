"""Gated units of one array, as glu: a and b are its halves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from refacts.oracles.numbers.formats import Bits
from refacts.reports.question import Question

T = TypeVar("T")


def joined(question: Question) -> bool:
    """Whether a and b are the halves of one array."""
    return question.kind == "gated" and hasattr(question.activation, "axis")


def halves_joined(operands: dict[str, T], join: Callable[[T, T], T]) -> dict[str, T]:
    """Instead of a and b one x, instead of their tangents one v; g as it is. In the order x, g, v."""
    found = dict(operands)
    for whole, first, second in (("x", "a", "b"), ("v", "v_a", "v_b")):
        if first in found:
            found[whole] = join(found.pop(first), found.pop(second))
    return {name: found[name] for name in ("x", "g", "v") if name in found}


def end_to_end(first: Bits, second: Bits) -> Bits:
    """One array of both, along the last axis."""
    return np.concatenate([first, second], axis=-1)
