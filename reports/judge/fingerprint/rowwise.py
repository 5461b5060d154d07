"""What a target of a row-wise activation may compute instead."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.fingerprint.elementwise import Candidate
from refacts.reports.question import Batch, Question

import refacts

ROWWISE = (refacts.softmax, refacts.log_softmax, refacts.softmin, refacts.logsumexp, refacts.sparsemax)
LOG2 = float(np.log(2))


def named(question: Question, batch: Batch) -> Candidate:
    """The activation asked for."""
    return Candidate(
        _called(question, question.activation.spec.name), _of(question, question.activation, batch)
    )


def _called(question: Question, name: str) -> str:
    quantity = {"derivative": "the Jacobian's diagonal of ", "value": ""}
    return quantity.get(question.quantity, f"the {question.quantity} of ") + name


def _of(question: Question, f: Any, batch: Batch) -> Floats:
    if question.quantity == "value":
        return f(batch["x"])
    if question.quantity == "derivative":
        return f.gradient(batch["x"])
    second = batch["g" if question.quantity == "vjp" else "v"]
    return getattr(f, question.quantity)(batch["x"], second)


def candidates(question: Question, batch: Batch) -> Iterator[Candidate]:
    """All but the named activation itself; those that have as many results as it."""
    shape = _of(question, question.activation, batch).shape
    with np.errstate(all="ignore"):
        for name, values in _all(question, batch):
            if values.shape != shape and values.ndim == len(shape) == 2 and values.shape[1] == 1:
                values = np.broadcast_to(values, shape)
            if values.shape == shape:
                yield Candidate(name, values)


def _all(question: Question, batch: Batch) -> Iterator[tuple[str, Floats]]:
    """Names and results, of whatever shape."""
    f, x = question.activation, batch["x"]
    own = f.spec.name
    called = partial(_called, question)
    others = [h for h in ROWWISE if h != f and _takes(question, h)]
    for h in others:
        yield called(h.spec.name), _column(question, _of(question, h, batch))
    for h in [f, *others]:
        if h.spec.name != "logsumexp":
            yield called(f"{h.spec.name} over axis 0"), _of(question, type(h)(axis=0), batch)
            yield called(f"{h.spec.name} over all entries"), _over_all(question, h, batch)
        yield called(f"{h.spec.name} with base 2 for e"), _base_two(question, h, batch)
    yield f"-{called(own)}", -_of(question, f, batch)
    yield called(f"{own} of -x"), _of(question, f, {**batch, "x": -x})
    yield from _values(question, x) if question.quantity == "value" else _slopes(question, batch)


def _takes(question: Question, h: Any) -> bool:
    """Whether the cotangents of the named activation fit another."""
    reduces = "logsumexp" in (h.spec.name, question.activation.spec.name)
    return question.quantity != "vjp" or not reduces


def _column(question: Question, values: Floats) -> Floats:
    """One result of a row, where the named activation has one of each entry, beside them all."""
    return values[:, np.newaxis] if values.ndim == 1 and not question.reduces else values


def _base_two(question: Question, h: Any, batch: Batch) -> Floats:
    """Powers of 2, and logarithms to base 2, for those of e."""
    logarithmic = h.spec.name in ("log_softmax", "logsumexp")
    scale = LOG2 if question.quantity != "value" else 1.0
    values = _of(question, h, {**batch, "x": batch["x"] * LOG2})
    return _column(question, values) * scale / (LOG2 if logarithmic else 1.0)


def _over_all(question: Question, h: Any, batch: Batch) -> Floats:
    flat = {name: values.reshape(1, -1) for name, values in batch.items()}
    return _of(question, h, flat).reshape(batch["x"].shape)


def _values(question: Question, x: Floats) -> Iterator[tuple[str, Floats]]:
    top = x.max(axis=-1, keepdims=True)
    total = np.exp(x).sum(axis=-1, keepdims=True)
    p = refacts.softmax(x)
    made: dict[str, Floats] = {
        "e^x, not divided by its sum": np.exp(x),
        "e^(x - max x), not divided by its sum": np.exp(x - top),
        "softmax with 1 more in the denominator": np.exp(x) / (1 + total),
        "softmax divided by the row's length": p / x.shape[-1],
        "softmax without the last entry": np.append(refacts.softmax(x[:, :-1]), np.zeros_like(top), axis=1),
        "softmax of softmax": refacts.softmax(p),
        "log_softmax of softmax": refacts.log_softmax(p),
        "sigmoid": refacts.sigmoid(x),
        "log_sigmoid": refacts.log_sigmoid(x),
        "log_softmax to base 10": refacts.log_softmax(x) / np.log(10),
        "x - max x": x - top,
        "x/sum x": x / x.sum(axis=-1, keepdims=True),
        "one-hot argmax": (x == top).astype(np.float64),
        "max x": top[:, 0],
        "sum e^x": total[:, 0],
        "log mean e^x": refacts.logsumexp(x) - np.log(x.shape[-1]),
        "log sum e^(x - max x)": refacts.logsumexp(x - top),
        "log(1 + sum e^x)": np.log1p(total[:, 0]),
    }
    yield from made.items()


def _slopes(question: Question, batch: Batch) -> Iterator[tuple[str, Floats]]:
    f, x = question.activation, batch["x"]
    own, y, p = f.spec.name, f(x), refacts.softmax(x)
    made: dict[str, Floats] = {f"the value of {own}": y}
    if question.quantity == "derivative":
        made |= {"s (1 - s)": p * (1 - p), "1 - s": 1 - p, "s": p}
        if y.ndim == 2:
            made["y (1 - y)"] = y * (1 - y)
    else:
        made |= _products(question, batch, y, p)
    yield from made.items()


def _by_row(values: Floats) -> Floats:
    return values if values.ndim == 2 else values[:, np.newaxis]


def _products(question: Question, batch: Batch, y: Floats, p: Floats) -> dict[str, Floats]:
    """Slips with cotangents or tangents; y is the value, s in names and p here the softmax."""
    f, x = question.activation, batch["x"]
    name, given = next((name, values) for name, values in batch.items() if name != "x")
    g, again = _by_row(given), f"the {question.quantity}"
    made = {
        f"{name} times the Jacobian's diagonal alone": g * f.gradient(x),
        f"{name} alone": g * np.ones_like(x),
        f"{name} s": g * p,
        f"{name} s (1 - s)": g * p * (1 - p),
        f"{name} - s": g - p,
        f"{name} - {name} s": g - g * p,
        f"s ({name} - mean {name})": p * (g - g.mean(axis=-1, keepdims=True)),
        f"s ({name} - sum {name})": p * (g - g.sum(axis=-1, keepdims=True)),
        f"{name} - mean {name}": g - g.mean(axis=-1, keepdims=True),
        f"{name} - sum s {name}": g - (g * p).sum(axis=-1, keepdims=True),
        f"{name} - s sum {name}": g - p * g.sum(axis=-1, keepdims=True),
        f"sum {name}": g.sum(axis=-1),
        f"sum s {name}": (g * p).sum(axis=-1),
        f"{f.spec.name} times {name}": _by_row(y) * g,
        f"softmax without {name}": p,
        f"the Jacobian's diagonal without {name}": f.gradient(x),
        f"{again} of ones": _of(question, f, {**batch, name: np.ones_like(given)}),
    }
    if y.ndim == 2:
        made[f"{again} at y for x"] = _of(question, f, {**batch, "x": y})
        made[f"x and {name} swapped"] = _of(question, f, {"x": given, name: x})
    return made
