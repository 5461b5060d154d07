"""Parameters that say where something happens: bounds, thresholds, and the line between two bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from refacts.oracles.numbers.formats import Floats
from refacts.reports.judge.fingerprint.elementwise import Probed

import refacts

Made = tuple[Callable[..., Any], tuple[float, ...]]
_ENDS = 25  # probes farthest out on either side


def located(probed: Probed, got: Floats, tolerance: Floats) -> Iterator[Made]:
    """Activations, and the parameters that results suggest: fewer digits of them may do as well."""
    order = np.argsort(probed.x)
    x, y = probed.x[order], (got / probed.factor)[order]
    error = np.maximum(tolerance / np.abs(probed.factor), 0)[order]
    yield from (
        _of_values(x, y, error) if probed.question.quantity == "value" else _of_slopes(probed, x, y, error)
    )


def _of_values(x: Floats, y: Floats, error: Floats) -> Iterator[Made]:
    low, high = float(np.nanmedian(y[:_ENDS])), float(np.nanmedian(y[-_ENDS:]))
    if low < high:
        yield refacts.HardTanh, (low, high)
    follows = np.abs(y - x) <= 4 * error
    if follows[-_ENDS:].all() and not follows.all():
        yield refacts.Threshold, (_between(x[~follows].max(), x, follows), low)
    away = np.abs(y) > 0
    if 0 < np.count_nonzero(away) < len(x):
        lambd = _between(np.abs(x[~away]).max(), np.abs(x), away)
        yield refacts.Hardshrink, (lambd,)
        yield refacts.Shrink, (lambd, float(np.nanmedian((np.abs(x) - np.abs(y))[away])))
    inside = (y > 0.02) & (y < 0.98)
    if np.count_nonzero(inside) > _ENDS:
        slope, offset = np.polyfit(x[inside], y[inside], 1)
        yield refacts.HardSigmoid, (float(slope), float(offset))


def _of_slopes(probed: Probed, x: Floats, y: Floats, error: Floats) -> Iterator[Made]:
    one = np.abs(y - 1) <= 4 * error
    if not 0 < np.count_nonzero(one) < len(x):
        one = np.abs(y) > 4 * error
        if not 0 < np.count_nonzero(one) < len(x):
            return
    first, last = x[one].min(), x[one].max()
    if first > x[0] and last < x[-1]:
        low, high = (x[x < first].max() + first) / 2, (x[x > last].min() + last) / 2
        yield refacts.HardTanh, (float(low), float(high))
        slope = float(np.nanmedian(y[one]))
        yield refacts.HardSigmoid, (slope, float(-slope * low))
    if first > x[0] and last == x[-1]:
        given = getattr(probed.question.activation, "value", 0.0)
        yield (lambda t: refacts.Threshold(t, given)), (float((x[x < first].max() + first) / 2),)
    if not one.all() and one[0] and one[-1]:
        like = type(probed.question.activation)
        shrinks = like if like in (refacts.Softshrink, refacts.Shrink) else refacts.Hardshrink
        yield shrinks, (_between(np.abs(x[~one]).max(), np.abs(x), one),)


def _between(last: Any, sizes: Floats, beyond: Any) -> float:
    """A number between the last place before something happens and the first where it does."""
    first = sizes[beyond & (sizes > last)].min(initial=np.inf)
    return float(last if np.isinf(first) else (last + first) / 2)
