"""Row-wise results at exact ties, and beside one by as little as e^-1e308."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from refacts.oracles import FORMATS, ROWWISE, reference_row
from refacts.oracles.rows.row import Cotangent, Row
from refacts.oracles.rows.sparsemax import Sparsemax

from tests.oracles.independent import bisected, enclosed, same
from tests.oracles.test_rows import arb_results
from tests.oracles.textbook_rows import LINES, ask, reals

F64, F16 = FORMATS["float64"], FORMATS["float16"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
GAPS = (50.0, 700.0, 4000.0, 4100.0, 1e5, 1e9, 1e30, 1e308)
ON_ARB = 4000.0  # it needs more bits than it is given beyond
T, E = 5e-324, 2.0**-52

# name, quantity, x but for the last (which is the gap below 0), g, place, the result
BESIDE = [
    ("logsumexp", "jvp", [0.0, 0.0], [1.0, 1 + E, 5.0], 0, 1 + E),
    ("logsumexp", "jvp", [0.0, 0.0], [1.0, 1 + E, -5.0], 0, 1.0),
    ("logsumexp", "jvp", [0.0, 0.0], [1 + E, 1 + 2 * E, 5.0], 0, 1 + 2 * E),
    ("logsumexp", "jvp", [0.0, 0.0], [1 + E, 1 + 2 * E, 1.0], 0, 1 + E),
    ("logsumexp", "jvp", [0.0, 0.0, -1.0, -1.0], [1.0, 1 + E, 1.0, 1 + E, 5.0], 0, 1 + E),
    ("logsumexp", "jvp", [0.0, 0.0, -1.0, -1.0], [1.0, 1 + E, 1.0, 1 + E, -5.0], 0, 1.0),
    ("logsumexp", "vjp", [0.0, 0.0], [3 * T], 0, T),
    ("log_softmax", "jvp", [0.0, 0.0], [1.0, -1 - E, 1.0], 0, 1.0),
    ("log_softmax", "jvp", [0.0, 0.0], [1.0, -1 - E, -1.0], 0, 1 + E),
    ("log_softmax", "vjp", [0.0, 0.0], [1.0, -1 - E, 0.0], 0, 1.0),
    ("log_softmax", "vjp", [0.0, 0.0], [1 + 2 * E, -1.0, E], 0, 1 + E),
    ("log_softmax", "vjp", [0.0, 0.0], [-1.0, 1 + E, 0.0], 0, -1.0),
    ("softmax", "vjp", [0.0, 0.0], [6 * T, 0.0, 0.0], 0, T),
    ("softmax", "vjp", [0.0, 0.0], [-6 * T, 0.0, 0.0], 0, -T),
    ("softmax", "vjp", [0.0, 0.0], [6 * T, 0.0, 6 * T], 0, T),
    ("softmax", "vjp", [0.0, 0.0], [6 * T, 0.0, -T], 0, 2 * T),
    ("softmax", "vjp", [0.0, 0.0], [10 * T, 0.0, -T], 0, 3 * T),
    ("softmax", "vjp", [0.0, 0.0], [10 * T, 0.0, 10 * T], 0, 2 * T),
    ("softmax", "jvp", [0.0, 0.0], [0.0, 6 * T, 0.0], 0, -T),
    ("softmax", "jvp", [0.0, 0.0], [2 * T, 0.0, 0.0], 0, 0.0),
    ("softmax", "jvp", [0.0, 0.0], [2 * T, 0.0, -T], 0, T),
]  # fmt: skip


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize(("name", "quantity", "x", "g", "place", "result"), BESIDE)
def test_the_least_of_weights_decides(name, quantity, x, g, place, result, gap):
    row = [*x, -gap]
    given = g if len(g) > 1 else g * len(row)
    found = ask(name, quantity, row, F64, given)[place]
    assert same(found, result)
    if gap < ON_ARB or (gap == ON_ARB and name != "softmax"):
        assert same(found, enclosed(lambda: arb_results(name, quantity, row, given, place), F64))
    if name == "softmax":
        mirrored = ask("softmin", quantity, [-a for a in row], F64, g)[place]
        assert same(mirrored, -result)


def test_control_the_limits_alone_round_otherwise():
    wrong = 0
    for name, quantity, x, g, place, result in BESIDE:
        limit = ask(name, quantity, [*x, -math.inf], F64, g)[place]
        wrong += not same(limit, result)
    assert wrong >= len(BESIDE) // 2


@pytest.mark.parametrize("gap", [800.0, 4000.0, 4100.0, 1e9, 1e308])
def test_what_is_left_of_a_row_with_one_winner(gap):
    x, minus = [0.0, -gap, -gap], -0.0
    expected = {
        ("log_softmax", "value"): [minus, -gap, -gap],
        ("log_softmax", "derivative"): [0.0, 1.0, 1.0],
        ("logsumexp", "value"): [0.0],
        ("logsumexp", "jvp"): [minus],
        ("softmax", "derivative"): [0.0, 0.0, 0.0],
        ("softmax", "vjp"): [0.0, minus, minus],
        ("softmax", "jacobian"): [0.0, minus, minus, minus, 0.0, minus, minus, minus, 0.0],
    }
    for (name, quantity), row in expected.items():
        found = ask(name, quantity, x, F64, [0.0, -1.0, -1.0])
        assert all(map(same, found, row)), (name, quantity, found)
    derivatives = ask("softmin", "derivative", [-a for a in x], F64)
    assert all(same(a, minus) for a in derivatives)


def test_logarithms_beside_a_tie():
    """x_i - max is half-way between two floats, and what the maximum adds is e^-2049 or e^-9e15."""
    for x, fmt, result in (
        ([-1.0, 2048.0], F16, -2050.0),
        ([-5.0, 2048.0], F16, -2054.0),
        ([-3.0, 2.0**53 + 2], F64, -(2.0**53) - 6),
        ([-5.0, 2.0**53 + 4], F64, -(2.0**53) - 10),
    ):
        assert ask("log_softmax", "value", x, fmt)[0] == result
        if fmt is F16:
            assert result == enclosed(lambda x=x: arb_results("log_softmax", "value", x, x, 0), fmt)
        assert ask("logsumexp", "value", x, fmt) == [x[1]]
    assert bisected(Fraction(-2053), F16) == -2052, "control: the limit alone rounds to another"


@EVERY
def test_logsumexp_that_cancels(fmt):
    """x a float next to -log n: what is left are the float's own missing bits."""
    for n in (2, 3, 10, 1000):
        near = bisected(Fraction(-math.log(n)), fmt)
        (found,) = ask("logsumexp", "value", [near] * n, fmt)
        assert same(found, enclosed(lambda x=[near] * n: arb_results("logsumexp", "value", x, x, 0), fmt))
        assert 0 < abs(found) < 2.0 ** (3 - fmt.precision)


@EVERY
@pytest.mark.parametrize("name", ROWWISE)
@pytest.mark.parametrize("quantity", ["value", "derivative", "vjp", "jvp", "jacobian"])
def test_a_row_of_equals_is_rational(fmt, name, quantity):
    if quantity == "value" and name in ("log_softmax", "logsumexp"):
        return

    class Rational:
        """exp is not needed where all are equal: shares are 1/n."""

        exp, fsum = staticmethod(lambda a: Fraction(1)), sum

    for n in (1, 2, 3, 7):
        x, g = [0.5] * n, [fmt.smallest_subnormal * (k % 5) for k in range(n)]
        exact = reals(name, quantity, LINES[name], x, g, Fraction, Rational)
        assert all(map(same, ask(name, quantity, x, fmt, g), (bisected(Fraction(a), fmt) for a in exact)))


@EVERY
def test_means_that_are_equal_are_rational(fmt):
    """With more than one power of e, and ties nonetheless."""
    x, t = [0.0, 0.0, 1.0, 1.0, -1e30, -1e30], fmt.smallest_subnormal
    for steps in (1, 3, 5):
        v = [0.0, steps * t] * 3
        tie = bisected(Fraction(steps * t) / 2, fmt)
        assert ask("logsumexp", "jvp", x, fmt, v) == [tie]
        assert all(map(same, ask("log_softmax", "jvp", x, fmt, v), [-tie, tie] * 3))
        found = reference_row("logsumexp", "jvp", x, fmt, v)
        assert abs(found.residual[0]) == 0.5
    g = [3.0, -3.0, 1.0, -1.5, 0.5, 0.0]
    assert ask("log_softmax", "vjp", x, fmt, g) == g
    control = ask("log_softmax", "vjp", x, fmt, [*g[:-1], 0.25])
    assert control != [*g[:-1], 0.25]


def test_exact_zeros_are_positive():
    for name in ROWWISE:
        for quantity in ("vjp", "jvp"):
            for g in (-3.0, 3.0):
                found = ask(name, quantity, [0.0, 0.0, 1.0], F64, [g] * 3)
                zeros = {"logsumexp": False, "log_softmax": quantity == "jvp"}.get(name, True)
                assert not zeros or all(same(a, 0.0) for a in found), (name, quantity)
    assert all(same(a, 0.0) for a in ask("logsumexp", "vjp", [0.0, 1.0], F64, [-0.0]))


@pytest.mark.parametrize("seed", range(4))
def test_sparsemax_of_any_bits(seed):
    """The threshold makes the sum 1, exactly; what lies above it is the support."""
    rng = np.random.default_rng(seed)
    x = F64.decode(rng.integers(0, 2**64, 300, dtype=np.uint64))
    x = np.where(np.isfinite(x), x, -0.0)
    if seed % 2:
        x = np.ldexp(np.frexp(x)[0], rng.integers(-1070, 1, x.size).astype(np.int32))
    solver = Sparsemax(Row(x, np.ones(300, bool)), Cotangent([0.0] * 300, []), F64)
    support, threshold = solver._solved
    apart = [Fraction(a) - threshold for a in x.tolist()]
    assert sum(a for a in apart if a > 0) == 1
    assert support == {k for k, a in enumerate(apart) if a > 0}
    found = ask("sparsemax", "value", x, F64)
    assert all(map(same, found, (bisected(max(a, Fraction(0)), F64) for a in apart)))


def test_sparsemax_at_the_edge_of_its_support():
    """At exactly 1 below the other an entry is outside, a hair nearer inside."""
    assert ask("sparsemax", "value", [1.0, 0.0], F64) == [1.0, 0.0]
    assert ask("sparsemax", "derivative", [1.0, 0.0], F64) == [0.0, 0.0]
    assert ask("sparsemax", "value", [1.0, T], F64) == [1.0, 0.0]
    assert ask("sparsemax", "derivative", [1.0, T], F64) == [0.5, 0.5]
    assert ask("sparsemax", "vjp", [1.0, T, T], F64, [1.0, 0.0, 0.0]) == [2 / 3, -1 / 3, -1 / 3]
    assert ask("sparsemax", "derivative", [0.0, -1.0, -1.0 + E], F64) == [0.5, 0.0, 0.5]
