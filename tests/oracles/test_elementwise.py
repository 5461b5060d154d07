from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import mpmath
import numpy as np
import pytest
from refacts.oracles import DEFINITIONS, FORMATS, exact, inputs, reference

from refacts import oracles
from tests.oracles.catalogue import SMOOTH, defaults
from tests.oracles.enclosures import enclosure
from tests.oracles.independent import arb, enclosed, same

ROOT = Path(__file__).parents[2]
F64 = FORMATS["float64"]
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
CASES = json.loads((Path(__file__).parent / "data" / "regressions.json").read_text())["cases"]


def source(case):
    return f"{case['activation']}-{case['quantity']}-{case['x']}-{case['source']}"


@pytest.mark.parametrize("case", CASES, ids=source)
def test_reported_wrong_elsewhere(case):
    fmt, x = FORMATS[case["dtype"]], float.fromhex(case["x"])
    found = exact(case["activation"], case["quantity"], x, fmt, defaults(case["activation"]))
    assert found.rounded.hex() == float.fromhex(case["exact"]).hex()


@EVERY
@pytest.mark.parametrize("name", SMOOTH)
def test_vjp_against_arb(fmt, name):
    rng = np.random.default_rng(0)
    for x in rng.uniform(-12, 12, 40).tolist():
        g = float(fmt.decode(rng.integers(1, int(fmt.bit_patterns(fmt.max)))))
        found = exact(name, "vjp", x, fmt, defaults(name), g)
        slope = enclosure(name, "derivative", x, defaults(name))
        assert same(found.rounded, enclosed(lambda g=g, slope=slope: arb(g) * slope(), fmt))


@pytest.mark.parametrize("x", [1e308, -1e308, 5e-324, -5e-324, 1e-200])
def test_residual_and_ulp_where_nothing_is_left(x):
    for name in ("sigmoid", "tanh"):
        for quantity in ("value", "derivative"):
            found = exact(name, quantity, x, F64)
            assert found.residual == 0
            assert found.ulp == np.spacing(max(abs(found.rounded), 5e-324))


@EVERY
@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("quantity", oracles.QUANTITIES)
def test_arrays_are_what_scalars_are(fmt, name, quantity):
    x = inputs.hard(fmt, 1200, seed=2)[::7]
    x = np.concatenate([x, x[:30]])
    g = np.roll(x, 5) if quantity == "vjp" else None
    parameters = defaults(name)
    found = reference(name, quantity, x, fmt, parameters, g)
    for k, point in enumerate(x.tolist()):
        one = exact(name, quantity, point, fmt, parameters, None if g is None else float(g[k]))
        row = (found.rounded[k], found.residual[k], found.ulp[k])
        assert all(same(a, b) for a, b in zip(one[:3], row, strict=True))
    fmt.bit_patterns(found.rounded)
    assert np.nanmax(np.abs(found.residual)) <= 0.5


def test_empty_and_broadcast():
    assert reference("tanh", "value", [], F64).rounded.shape == (0,)
    found = reference("tanh", "vjp", [0.0, 0.0], F64, {}, 3.0)
    assert found.rounded.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nope", "value", 1.0, F64), "name: 'nope'"),
        (("tanh", "slope", 1.0, F64), "quantity: 'slope'"),
        (("tanh", "vjp", 1.0, F64), "vjp needs one"),
        (("tanh", "value", 1.0, F64, {}, 2.0), "vjp needs one"),
    ],
)
def test_bad_requests(arguments, text):
    with pytest.raises(ValueError, match=text):
        exact(*arguments)
    with pytest.raises(ValueError, match=text):
        reference(*arguments)


def test_only_one_dimension():
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        reference("tanh", "value", [[1.0, 2.0]], F64)


def test_several_threads_get_the_same_bits_and_mpmath_is_left_alone():
    before = (mpmath.mp.prec, mpmath.mp.dps, mpmath.mp.pretty)
    x = inputs.hard(FORMATS["float32"], 900, seed=1)
    rows = [None] * 4

    def work(k):
        found = [
            reference(name, "vjp", x, FORMATS["float32"], defaults(name), np.roll(x, 1))
            for name in ("sigmoid", "selu", "gelu", "gelu_tanh", "mish", "softplus")
        ]
        found.append(oracles.reference_row("softmax", "vjp", x[-30:], F64, np.arange(30.0)))
        rows[k] = np.concatenate([array for one in found for array in (one.rounded, one.residual, one.ulp)])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(rows))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(0)
    for row in rows[1:]:
        np.testing.assert_array_equal(rows[0].view(np.int64), row.view(np.int64))
    assert (mpmath.mp.prec, mpmath.mp.dps, mpmath.mp.pretty) == before


def constants():
    """How many bits libmp's memory holds of ln 2, e and pi."""
    functions = [getattr(mpmath.libmp.libelefun, name) for name in ("ln2_fixed", "e_fixed", "pi_fixed")]
    return [next(cell.cell_contents for cell in f.__closure__).memo_prec for f in functions]


def test_the_shared_constants_are_never_refilled():
    """What makes threads safe: libmp's constants are known to more bits than anything asks for."""
    cap = oracles.numbers.precision.MAX_BITS
    at_cap = oracles.numbers.precision.at(cap)
    before = constants()
    assert min(before) >= cap + 8192
    for number in (-1e308, 100.0, -0.75):
        at_cap.exp(at_cap.number(number))
        at_cap.tanh(at_cap.number(number))
    at_cap.log(1 + at_cap.exp(at_cap.number(-4000.0)))
    at_cap.erfc(at_cap.number(75.0))
    assert at_cap.pi.lost == 0
    assert constants() == before


USES = {"kernels": "refacts.arithmetic.exact.context(160)", "oracles": "Precision(160)"}


@pytest.mark.parametrize(("first", "second"), [("kernels", "oracles"), ("oracles", "kernels")])
def test_kernels_and_oracles_fill_the_constants_at_the_first_use_and_as_far(first, second):
    """A second fill, to other bits, would disturb threads that read."""
    code = f"""
import refacts
from refacts.oracles.numbers.precision import Precision
from tests.oracles.test_elementwise import constants

print(constants())
{USES[first]}
print(constants())
{USES[second]}
print(constants())
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    untouched, filled, again = map(json.loads, run.stdout.splitlines())
    assert max(untouched) < 100
    assert min(filled) >= oracles.numbers.precision.MAX_BITS + 8192
    assert again == filled
