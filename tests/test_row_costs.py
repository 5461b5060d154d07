"""What is computed once a row and precision, however many of its results are open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS, nearest

import refacts
from refacts.exact_row import ExactRow
from refacts.rounding import census
from tests.measure import context
from tests.rows import matches_oracle
from tests.strategies import FORMAT_NAMES

LONG = 50_257  # a vocabulary


def confident(fmt: str, n: int) -> tuple[Any, Any]:
    """Ordinary logits of which one lies 100 above the rest, and a tangent."""
    rng = np.random.default_rng(n)
    x, v = rng.normal(size=(2, n)).astype(FORMATS[fmt].dtype)
    x[n // 2] = 100
    return x, v


def taught(fmt: str, n: int) -> tuple[Any, Any]:
    """Ordinary logits, and the cotangent of a cross-entropy whose target is their own softmax."""
    x = np.random.default_rng(n).normal(size=n).astype(FORMATS[fmt].dtype)
    return x, -refacts.softmax(x)


ROWS = {"jvp": confident, "vjp": taught}
rows = pytest.mark.parametrize("quantity", ROWS)
formats = pytest.mark.parametrize("fmt", FORMAT_NAMES)


@formats
@rows
@pytest.mark.parametrize("n", [2, 10, 100, 300])
def test_open_rows_match_the_oracle(quantity: str, fmt: str, n: int) -> None:
    matches_oracle(refacts.log_softmax, quantity, *ROWS[quantity](fmt, n))


def sums_taken(monkeypatch: pytest.MonkeyPatch, n: int, cached: bool = True) -> tuple[list[int], int]:
    """The precisions at which one row's sums are taken, and how many of its results need them."""
    taken: list[int] = []
    inner, init = ExactRow._sums, ExactRow.__init__

    def counted(self: Any, precision: int) -> Any:
        taken.append(precision)
        return inner(self, precision)

    def uncached(self: Any, rows: Any) -> None:
        init(self, rows)
        self.sums = self._sums

    monkeypatch.setattr(ExactRow, "_sums", counted)
    if not cached:
        monkeypatch.setattr(ExactRow, "__init__", uncached)
    with census() as counts:
        refacts.log_softmax.vjp(*taught("float64", n))
    return taken, counts["mpmath"]


def test_a_row_is_summed_once_a_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, open_results = sums_taken(monkeypatch, 500)
    assert open_results > 400
    assert len(taken) == len(set(taken)) <= 2


def test_a_sum_for_every_result_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the cache, every open result sums its row."""
    taken, open_results = sums_taken(monkeypatch, 50, cached=False)
    assert len(taken) >= open_results > 40


@formats
@rows
def test_a_long_open_row_is_answered(quantity: str, fmt: str) -> None:
    """Sixteen of its results, among them the largest entry's, match mpmath's sums over the same row."""
    x, g = ROWS[quantity](fmt, LONG)
    y = getattr(refacts.log_softmax, quantity)(x, g)
    places = np.unique(np.append(np.random.default_rng(0).integers(0, LONG, 15), np.argmax(x)))
    want = by_long_sums(x.astype(float), g.astype(float), places, quantity, FORMATS[fmt])
    assert y[places].astype(float).tolist() == want


def by_long_sums(x: Any, g: Any, places: Any, quantity: str, fmt: Any) -> list[float]:
    """g_i - sum_j s_j g_j, or g_i - s_i sum_j g_j, from mpmath's sums at 600 bits."""
    mp = context(600)
    e = [mp.exp(mp.mpf(a) - mp.mpf(x.max())) for a in x.tolist()]
    total = mp.fsum(e)
    if quantity == "jvp":
        mean = mp.fsum(a * mp.mpf(b) for a, b in zip(e, g.tolist(), strict=True)) / total
        results = [mp.mpf(g[i]) - mean for i in places]
    else:
        sum_g = mp.fsum(map(mp.mpf, g.tolist()))
        results = [mp.mpf(g[i]) - e[i] / total * sum_g for i in places]
    return [nearest(y, fmt) for y in results]
