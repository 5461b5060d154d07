"""Other libraries' floating-point environments: the same bits, and the environment put back."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import refacts
from refacts import activation, environment
from tests.checks import remainder
from tests.environments import CHANGES, WRONG, changed, control_words
from tests.layouts import calls, operands_of, parts
from tests.strategies import FORMAT_NAMES
from tests.variants import VARIANTS

ROOT = Path(__file__).parent.parent
every = pytest.mark.parametrize("kernel", refacts.CATALOGUE, ids=lambda f: f.spec.name)
every_change = pytest.mark.parametrize("change", [name for name in CHANGES if name != "nothing"])
DTYPES = {name: np.dtype(getattr(ml_dtypes if name == "bfloat16" else np, name)) for name in FORMAT_NAMES}


def operands(kernel: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Every call of a kernel in every format, on ordinary numbers, tiny ones and subnormal ones."""
    found = []
    for dtype in DTYPES.values():
        bits = np.dtype(f"u{dtype.itemsize}")
        for call in calls(kernel):
            made = operands_of(call, dtype)
            codes = np.arange(1, made[call.names[0]].size // 2 + 1, dtype=bits) * 37
            made[call.names[0]].flat[: codes.size] = codes.view(dtype)  # subnormal
            found.append((call, made))
    return found


def digest(work: list[tuple[Any, dict[str, Any]]]) -> str:
    """The bits of all results."""
    total = hashlib.sha256()
    for call, made in work:
        for y in parts(call(made)):
            total.update(y.tobytes())
    return total.hexdigest()


@every_change
@every
def test_the_same_bits_in_any_environment(kernel: Any, change: str) -> None:
    work = operands(kernel)
    want = digest(work)
    activation._table.cache_clear()  # 16-bit tables are filled in the other environment
    with changed(change):
        before = control_words()
        found = digest(work)
        assert control_words() == before
    assert found == want
    assert digest(work) == want  # what was cached meanwhile is right


@pytest.mark.parametrize("change", WRONG)
def test_an_environment_not_noticed_is_seen(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: results that are computed in the environment as it is."""
    work = [each for f in (refacts.gelu, refacts.elu, refacts.prelu) for each in operands(f)]
    want = digest(work)
    monkeypatch.setattr(environment, "is_standard", lambda: True)
    activation._table.cache_clear()
    with changed(change):
        found = digest(work)
    activation._table.cache_clear()
    assert found != want


@every_change
def test_results_of_other_formats_and_remainders(change: str) -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=40), np.arange(1, 40) * 5e-324, rng.normal(size=40) * 1e-40])
    g = rng.permutation(x)
    cotangents = (g, g.astype(np.float32))

    def bits() -> list[bytes]:
        found = [
            kernel.vjp(x, a, dtype=dtype)
            for kernel in (refacts.gelu, refacts.celu, refacts.softmax)
            for a in cotangents
            for dtype in ("float16", "float32", "float64")
        ]
        found += [remainder(refacts.gelu, "vjp", x, g), remainder(refacts.softmax, "value", x)]
        return [y.tobytes() for y in found]

    with np.errstate(all="ignore"):
        want = bits()
        with changed(change):
            assert bits() == want


@every_change
def test_in_another_thread_and_between_two_calls(change: str) -> None:
    work = [each for f in (refacts.mish, refacts.softmax, refacts.geglu) for each in operands(f)]
    want = digest(work)

    def elsewhere() -> str:
        with changed(change):
            return digest(work)

    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(elsewhere)
        here = [digest(work) for _ in range(3)]
        assert [*here, there.result()] == [want] * 4
    for _ in range(2):
        with changed(change):
            assert digest(work) == want
        assert digest(work) == want


@every_change
def test_changed_inside_an_operand(change: str) -> None:
    """An object whose `__array__` leaves another environment behind, and integers to be converted."""

    class Careless:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            CHANGES[change]()
            return np.array([2**53, 3, -7])

    x = np.array([2.0**53, 3.0, -7.0])
    want = refacts.elu.vjp(x, x).tolist(), refacts.softmax(x).tolist()
    for call, wanted in zip((lambda a: refacts.elu.vjp(a, x), refacts.softmax), want, strict=True):
        with changed(change):
            left = control_words()
        with changed("nothing"):  # puts back what the object changes
            found = call(Careless()).tolist()
            assert control_words() == left  # as any call of NumPy would leave it
        assert found == wanted


@every_change
def test_put_back_when_something_raises(change: str) -> None:
    with changed(change):
        before = control_words()
        with pytest.raises(ArithmeticError):
            refacts.CELU(Fraction(2**53 + 1, 2**53) * (1 + Fraction(1, 2**70000)))(-1e5)
        assert control_words() == before


@every_change
def test_objects_are_the_same(change: str) -> None:
    with changed(change):
        made = [type(f)(**f.parameters) for f in VARIANTS]
        facts = [f.fact("limits") for f in VARIANTS]
    assert list(map(repr, made)) == list(map(repr, VARIANTS))
    assert facts == [f.fact("limits") for f in VARIANTS]


@every_change
@pytest.mark.parametrize("weight", [Fraction(1, 2**1074), Fraction(3, 4), 2**60, 5e-324, 0.1])
def test_weights_are_the_same(weight: Any, change: str) -> None:
    want = refacts.PReLU(weight)._weights(())[0].tobytes()
    with changed(change):
        made = refacts.PReLU(weight)
        with pytest.raises(ValueError, match="weight must be float64 numbers"):
            refacts.PReLU(Fraction(1, 3))
    assert made._weights(())[0].tobytes() == want


IMPORTING = """
import sys
import numpy as np  # a library that is there already
from tests import environments
x = np.array([1e-310, -0.3, 2.5, -700.0, 1e-5])
short = x.astype(np.float16)
environments.CHANGES.get(sys.argv[1], int)()
import refacts
before = environments.control_words()
found = [f(x) for f in refacts.CATALOGUE if f.spec.kind == "elementwise"]
found += [refacts.softmax.vjp(x, x), refacts.HardSigmoid()(short)]
assert environments.control_words() == before
print([y.tobytes().hex() for y in found])
"""


def imported_under(change: str, cache: Path) -> str:
    """What a process prints that compiles and imports refacts in an environment."""
    run = subprocess.run(
        [sys.executable, "-c", IMPORTING, change],
        cwd=ROOT,
        env={**os.environ, "PYTHONPYCACHEPREFIX": str(cache), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@every_change
def test_before_the_first_import(change: str, tmp_path: Path) -> None:
    """Literals are rounded when a module is compiled; what is compiled then serves later processes too."""
    want = imported_under("none", tmp_path / "sane")
    assert imported_under(change, tmp_path / "other") == want
    assert any((tmp_path / "other").rglob("elu*.pyc"))
    assert imported_under("none", tmp_path / "other") == want


def test_unmasked_exceptions_kill_what_does_not_mask_them() -> None:
    """The control: the process dies of the first exception."""
    code = (
        "from tests.environments import CHANGES; import refacts, numpy as np;"
        "refacts.environment.is_standard = lambda: True; CHANGES['exceptions unmasked']();"
        "refacts.sigmoid(np.array([-800.0, 1e-310]))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert run.returncode == -signal.SIGFPE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("flush-to-zero", "subnormal numbers are flushed to zero in this thread"),
        ("towards 0", "results are not rounded to nearest in this thread"),
        ("towards -inf", "results are not rounded to nearest in this thread"),
        ("towards +inf", "results are not rounded to nearest in this thread"),
        ("exceptions unmasked", "floating-point exceptions are unmasked in this thread"),
    ],
)
def test_where_the_c_library_cannot_change_it(
    change: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "_default_environment", lambda: None)
    activation._table.cache_clear()
    with changed(change):
        for call in (lambda: refacts.sigmoid(1.0), lambda: refacts.ELU(0.5), lambda: refacts.softmax([1.0])):
            with pytest.raises(FloatingPointError, match=said) as raised:
                call()
            assert "fesetround" in str(raised.value)
    assert activation._table.cache_info().currsize == 0
    assert refacts.sigmoid(0.0) == 0.5


def test_arithmetic_that_rounds_twice_is_refused() -> None:
    """Sums rounded to 64 bits first, made of integers, as the x87 unit has them."""
    environment.require_single_rounding()
    with pytest.raises(ImportError, match="NumPy rounds float64 sums twice here"):
        environment._refuse_two_roundings("NumPy", [1.0])
