"""The exact answers to a batch: from refacts' kernels in bulk, or from the mpmath oracle.

A float64 result is correctly rounded, so for the shorter formats it is the exact value to 2^-29 ulp and
better. Its rounding to the format is the exact value's, except where it lies halfway between two
numbers of the format: there the kernel rounds to the format itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from refacts.oracles import Format, Reference, reference, reference_gated, reference_row
from refacts.oracles.numbers.formats import Floats
from refacts.reports.question import Batch, Question
from refacts.reports.targets.kernels import refacts_result

from refacts.formats import REMAINDER

_TANGENTS = {"v_a": "g", "v_b": "v"}  # the oracle's names of them


def truth(question: Question, batch: Batch) -> Reference:
    """The exact results, flat: those of refacts."""
    fmt = question.result
    fine = _results(question, batch).ravel()
    if fmt.name == "float64":
        rest = _remainder(question, batch)
        return Reference(fine, rest, _spacing(fine, rest, fmt))
    with np.errstate(all="ignore"):
        rounded = _nearest(fine, fmt)
        ulp = _spacing(fine, None, fmt)
        halfway = np.abs(fine - rounded) == ulp / 2
        halfway |= np.abs(fine) == fmt.max + 2.0 ** (fmt.emax - fmt.precision)
    if halfway.any():
        rounded = _settled(question, batch, rounded, halfway)
    with np.errstate(all="ignore"):
        residual = np.where(np.isfinite(rounded), (fine - rounded) / ulp, np.nan)
    return Reference(rounded, residual, ulp)


def sharpened(question: Question, batch: Batch, exact: Reference, computed: Floats) -> Reference:
    """The same with the spacing just below a power of two where the exact value lies there.

    It makes a difference only to results that are not the rounded ones. What is nearer to the power than
    2^-84 of it counts as it.
    """
    if question.result.name == "float64":
        return exact
    with np.errstate(all="ignore"):
        fine = exact.rounded + exact.residual * exact.ulp
        power = np.abs(np.frexp(fine)[0]) == 0.5
    places = np.flatnonzero(power & (computed != exact.rounded) & (np.abs(fine) > 2.0**question.result.emin))
    if not places.size:
        return exact
    if question.kind == "rowwise":
        rest = _remainder(question, batch)[places]
    else:
        rest = _remainder(question, {name: values[places] for name, values in batch.items()})
    below = places[rest * fine[places] < 0]
    residual, ulp = exact.residual.copy(), exact.ulp.copy()
    residual[below] *= 2
    ulp[below] /= 2
    return Reference(exact.rounded, residual, ulp)


def oracle(question: Question, batch: Batch, places: Any = None) -> Reference:
    """The oracle's results at some places, in order; by default at all."""
    name, fmt = question.activation.spec.name, question.result
    if question.kind == "rowwise":
        return _of_whole_rows(question, batch) if places is None else _of_rows(question, batch, places)
    places = slice(None) if places is None else places
    chosen = {key: values[places] for key, values in batch.items()}
    if question.kind == "gated":
        named = {_TANGENTS.get(key, key): values for key, values in chosen.items()}
        return reference_gated(name, question.quantity, fmt=fmt, **named)
    quantity = "vjp" if question.quantity == "jvp" else question.quantity
    second = chosen.get("g", chosen.get("v"))
    return reference(name, quantity, chosen["x"], fmt, question.activation.parameters, second)


def _of_rows(question: Question, batch: Batch, places: Any) -> Reference:
    """Entries of rows, each row answered once."""
    each = question.results(batch["x"].shape[1])
    columns = np.empty((3, len(places)))
    for row in np.unique(places // each):
        here = places // each == row
        x, *others = (np.atleast_1d(values[row]) for values in batch.values())
        second = others[0] if others else None
        name, entries = question.activation.spec.name, places[here] % each
        found = reference_row(name, question.quantity, x, question.result, second, only=entries)
        columns[:, here] = found.rounded, found.residual, found.ulp
    return Reference(*columns)


def _of_whole_rows(question: Question, batch: Batch) -> Reference:
    name, fmt = question.activation.spec.name, question.result
    rows = zip(*batch.values(), strict=True)
    return joined(
        [reference_row(name, question.quantity, x, fmt, *map(np.atleast_1d, others)) for x, *others in rows]
    )


def joined(parts: Sequence[Reference]) -> Reference:
    """References one after the other."""
    columns = ([getattr(part, f.name) for part in parts] for f in fields(Reference))
    return Reference(*map(np.concatenate, columns))


def _results(question: Question, batch: Batch, **options: Any) -> Floats:
    found = refacts_result(question.activation, question.quantity, *batch.values(), **options)
    return np.asarray(found).astype(np.float64)


def _remainder(question: Question, batch: Batch) -> Floats:
    """What rounding to float64 leaves of each exact value, in its ulp; NaN where it is infinite."""
    rest = _results(question, batch, dtype=REMAINDER).ravel()
    return np.where(np.isinf(rest), np.nan, rest)


def _settled(question: Question, batch: Batch, rounded: Floats, halfway: Any) -> Floats:
    rounded = rounded.copy()
    rows = len(batch["x"]) if question.kind == "rowwise" else rounded.size
    chosen = halfway.reshape(rows, -1).any(-1)
    part = {name: values[chosen] for name, values in batch.items()}
    settled = _results(question, part, dtype=question.result.dtype)
    rounded.reshape(rows, -1)[chosen] = settled.reshape(np.count_nonzero(chosen), -1)
    return rounded


def _nearest(values: Floats, fmt: Format) -> Floats:
    """Each value rounded to the format, ties to even."""
    if fmt.name != "bfloat16":
        return values.astype(fmt.dtype).astype(np.float64)
    ulp = _spacing(values, None, fmt)
    rounded = np.copysign(np.rint(values / ulp) * ulp, values)
    return np.where(np.abs(rounded) > fmt.max, np.copysign(np.inf, values), rounded)


def _spacing(rounded: Floats, rest: Floats | None, fmt: Format) -> Floats:
    """The format's spacing at the exact value: ``rounded`` and ``rest`` of its units."""
    exponents = np.frexp(rounded)[1] - 1
    if rest is not None:  # just below a power of two the spacing is that below
        towards_zero = np.sign(rest) * np.sign(rounded) < 0
        exponents = exponents - ((np.abs(np.frexp(rounded)[0]) == 0.5) & towards_zero)
    exponents = np.where(rounded == 0, fmt.emin, np.where(np.isinf(rounded), fmt.emax, exponents))
    spacing = np.ldexp(1.0, np.clip(exponents, fmt.emin, fmt.emax) - fmt.precision + 1)
    return np.where(np.isnan(rounded), np.nan, spacing)
