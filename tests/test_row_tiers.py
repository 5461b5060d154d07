"""Every tier of row-wise activations by itself: error bounds with margin, no false certainty, any pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from refacts.oracles import FORMATS

import refacts
from refacts import oracles, rounding, rowtiers
from refacts.arithmetic import double
from refacts.columns import Pieces, Rows
from refacts.formats import FLOAT32, FLOAT64
from tests.checks import as_float64, same_bits
from tests.measure import MARGIN, TIERS, context, every_tier, least_trusted, reals
from tests.rows import ROWWISE, cotangent, hard_rows, reduces

TIERED = [refacts.softmax, refacts.log_softmax, refacts.softmin, refacts.logsumexp]
tiered = pytest.mark.parametrize("kernel", TIERED, ids=lambda f: f.spec.name)
every_quantity = pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jvp"])


def some_rows() -> tuple[Any, Any]:
    """Ordinary, wide and nearly equal logits, none of them a short number, and cotangents."""
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=(8, 40)) * s for s in (3, 1e-9)] + [rng.uniform(-300, 300, (8, 40))])
    return x, rng.normal(size=x.shape)


def textbook(mp: Any, kernel: Any, quantity: str, x: Any, g: Any) -> list[Any]:
    """A row as the textbook has it; of softmin, the row is negated already."""
    e = [mp.exp(mp.mpf(v)) for v in x.tolist()]
    g = [mp.mpf(v) for v in g.tolist()]
    total = mp.fsum(e)
    s = [v / total for v in e]
    rest = [mp.fsum(w for j, w in enumerate(s) if j != i) for i in range(len(s))]
    mean = mp.fsum(a * b for a, b in zip(s, g, strict=True))
    log = [mp.mpf(v) - mp.log(total) for v in x.tolist()]
    sign = -1 if kernel is refacts.softmin else 1
    softmax: dict[str, Callable[[], list[Any]]] = {
        "value": lambda: s,
        "derivative": lambda: [sign * a * b for a, b in zip(s, rest, strict=True)],
        "vjp": lambda: [a * (b - mean) for a, b in zip(s, g, strict=True)],
        "jvp": lambda: [a * (b - mean) for a, b in zip(s, g, strict=True)],
    }
    log_softmax: dict[str, Callable[[], list[Any]]] = {
        "value": lambda: log,
        "derivative": lambda: rest,
        "vjp": lambda: [b - a * mp.fsum(g) for a, b in zip(s, g, strict=True)],
        "jvp": lambda: [b - mean for b in g],
    }
    logsumexp: dict[str, Callable[[], list[Any]]] = {
        "value": lambda: [mp.log(total)],
        "derivative": lambda: s,
        "vjp": lambda: [g[0] * a for a in s],
        "jvp": lambda: [mean],
    }
    return {"log_softmax": log_softmax, "logsumexp": logsumexp}.get(kernel.spec.name, softmax)[quantity]()


def largest_share(kernel: Any, tier: str, quantity: str, bound: Any = lambda units: units) -> float:
    """The largest error as a share of its bound."""
    mp, arithmetic, shares = context(), TIERS[tier], []
    x, g = some_rows()
    mp.prec = 1200
    formula = getattr(kernel.spec, quantity)
    beside = g[:, :1] if reduces(kernel) and quantity == "vjp" else g
    columns = Pieces(arithmetic, Rows(x, beside, None), x.size)
    with np.errstate(all="ignore"):
        value, units = formula.result(columns.whole, *columns.sums(formula))
    n = 1 if formula.reduces else x.shape[-1]
    units = np.broadcast_to(bound(units), (len(x), n))
    for k in range(len(x)):
        exact = textbook(mp, kernel, quantity, x[k], g[k])
        for v, e, b in zip(reals(mp, value[k]), exact, units[k].tolist(), strict=True):
            if abs(e) >= least_trusted(mp, tier) and np.isfinite(b):
                shares.append(float(abs(v / e - 1) / (b * mp.mpf(arithmetic.unit))))
    assert len(shares) > (20 if n == 1 else 700)
    return max(shares)


@every_tier
@every_quantity
@tiered
def test_bounds_hold_with_margin(kernel: Any, quantity: str, tier: str) -> None:
    assert largest_share(kernel, tier, quantity) < MARGIN


@every_tier
@every_quantity
@tiered
def test_a_bound_too_small_is_seen(kernel: Any, quantity: str, tier: str) -> None:
    assert largest_share(kernel, tier, quantity, lambda units: 0.002) > 1


def test_a_shift_taken_for_exact_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double, "exp_units", lambda depth: 8.0)
    assert largest_share(refacts.softmax, "double", "value") > 1


def falsely_certain(kernel: Any, quantity: str, tier: str, spoilt: float = 1.0) -> list[str]:
    """Results that a tier calls certain and that are wrong, in sentences."""
    fmt, form = (FLOAT32, FORMATS["float32"]) if tier == "double" else (FLOAT64, FORMATS["float64"])
    found = []
    for x, g in hard_rows(form, seed=6):
        if np.isneginf(x).all():
            continue
        beside = cotangent(kernel, quantity, g)
        beside = None if beside is None else np.atleast_1d(as_float64(beside))
        turned = -as_float64(x) if kernel is refacts.softmin else as_float64(x)
        if np.isposinf(turned).any() or np.isneginf(turned).any():
            continue
        towards = -beside if kernel is refacts.softmin and beside is not None else beside
        rows = Rows(turned[np.newaxis], None if towards is None else towards[np.newaxis], None)
        with np.errstate(all="ignore"):
            y, certain = rowtiers.attempt(TIERS[tier], getattr(kernel.spec, quantity), rows, fmt)
        exact = oracles.reference_row(kernel.spec.name, quantity, as_float64(x), form, beside).rounded
        y = y[0] * spoilt
        wrong = certain[0] & ((y != exact) | (np.signbit(y) != np.signbit(exact)))
        at = f"{kernel!r}.{quantity} of {x.tolist()} in {tier}"
        found += [f"{at}, entry {i}" for i in np.flatnonzero(wrong)]
    return found


@every_tier
@every_quantity
@tiered
def test_what_a_tier_calls_certain_is_right(kernel: Any, quantity: str, tier: str) -> None:
    assert falsely_certain(kernel, quantity, tier) == []


@every_tier
def test_false_certainty_is_seen(tier: str) -> None:
    assert falsely_certain(refacts.softmax, "value", tier, spoilt=1 + 2.0**-20)


@pytest.mark.parametrize("fmt", ["float32", "float64"])
@pytest.mark.parametrize("kernel", ROWWISE, ids=lambda f: f.spec.name)
def test_pieces_of_any_size_give_the_same_bits(
    kernel: Any, fmt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    x, g = (rng.normal(size=(2, 5, 97)) * 9).astype(fmt)
    x[1, 3:90] = np.array(-np.inf, fmt)
    x[2] = 1.0
    before = [call(kernel, q, x, g) for q in ("value", "derivative", "vjp", "jvp")]
    for size in (1, 7, 96, 200):
        monkeypatch.setattr(rowtiers, "ROW_BLOCK", size)
        monkeypatch.setattr(rowtiers, "SHORT_ROW_BLOCK", size)
        after = [call(kernel, q, x, g) for q in ("value", "derivative", "vjp", "jvp")]
        assert all(map(same_bits, after, before)), size


@tiered
def test_few_results_of_realistic_rows_reach_mpmath(kernel: Any) -> None:
    """Ordinary and wide logits, some far below the rest, and the gradient of a cross entropy."""
    rng = np.random.default_rng(0)
    for fmt, width in (("float32", 80), ("float64", 700)):
        far = np.where(rng.random((30, 50)) < 0.3, -1e9, rng.normal(size=(30, 50)))
        for x in (rng.normal(size=(30, 50)), rng.uniform(-width, width, (30, 50)), far):
            for g in (rng.normal(size=x.shape), np.eye(50)[:30], np.zeros(x.shape)):
                with rounding.census() as counts:
                    for quantity in ("value", "derivative", "vjp", "jvp"):
                        call(kernel, quantity, x.astype(fmt), g.astype(fmt))
                assert counts.get("mpmath", 0) <= 0.025 * 4 * x.size, counts


def test_mpmath_is_seen() -> None:
    """The control: a sum that cancels."""
    with rounding.census() as counts:
        refacts.logsumexp.jvp(np.array([0.0, 2.0**-60, 3.0]), np.array([1.0, -1.0, 5e-324]))
    assert counts["mpmath"] == 1


def call(kernel: Any, quantity: str, x: Any, g: Any) -> Any:
    method = {"value": kernel, "derivative": kernel.gradient}.get(quantity)
    return method(x) if method else getattr(kernel, quantity)(x, cotangent(kernel, quantity, g))
