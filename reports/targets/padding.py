"""Rows made longer by entries that leave the exact results of the others as they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question
from refacts.reports.targets.returned import to_format

PADDED = ("softmax", "log_softmax", "logsumexp", "softmin", "sparsemax")


def padded(question: Question, batch: Batch, entries: int) -> Batch:
    """The rows with more entries at their end, of weight 0; cotangents and tangents get zeros there.

    -inf for softmax, log_softmax and logsumexp, +inf for softmin. sparsemax, whose threshold is at least
    max - 1, gets finite numbers at or below that: max - 2 - |max|.
    """
    return {name: _longer(question, name, values, entries) for name, values in batch.items()}


def can_be_padded(question: Question, x: Floats) -> npt.NDArray[np.bool_]:
    """Which rows: those without NaN whose largest entry (of softmin the smallest) is finite."""
    top = x.min(axis=-1) if question.activation.spec.name == "softmin" else x.max(axis=-1)
    return np.isfinite(top)


def _longer(question: Question, name: str, values: Floats, entries: int) -> Floats:
    if values.ndim == 1:  # a cotangent of rows that have one result
        return values
    end = np.zeros((len(values), entries))
    if name == "x":
        end[...] = _weightless(question, values)[:, np.newaxis]
    return np.concatenate([values, end], axis=1)


def _weightless(question: Question, x: Floats) -> Floats:
    name = question.activation.spec.name
    if name == "softmin":
        return np.full(len(x), np.inf)
    if name != "sparsemax":
        return np.full(len(x), -np.inf)
    top = x.max(axis=1)
    return to_format(top - 2 - np.abs(top), question.source)
