"""Parameters of every kind of number: the exact one, or refused; never a rounded one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest

import refacts
from refacts import exact_numbers
from tests.checks import same_bits

MANY = mpmath.MPContext()
MANY.prec = 200

EXACT: list[tuple[Any, Any]] = [
    (3, 3.0),
    (2**70 + 1, Fraction(2**70 + 1)),
    (0.1, 0.1),
    (-0.0, 0.0),
    (Fraction(1, 3), Fraction(1, 3)),
    (Fraction(3, 4), 0.75),
    (Decimal("0.1"), Fraction(1, 10)),
    (Decimal("0.5"), 0.5),
    (Decimal("0e999999999"), 0.0),
    *((kind(7), 7.0) for kind in (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32)),
    (np.int64(2**60 + 1), Fraction(2**60 + 1)),
    (np.uint64(2**64 - 1), Fraction(2**64 - 1)),
    (np.float16(0.1), float(np.float16(0.1))),
    (np.float32(0.1), float(np.float32(0.1))),
    (np.float64(0.1), 0.1),
    (ml_dtypes.bfloat16(0.1), 0.10009765625),
    (np.longdouble(1) / 3, Fraction(*map(int, (np.longdouble(1) / 3).as_integer_ratio()))),
    (mpmath.mpf("0.5"), 0.5),
    (MANY.mpf("0.1"), Fraction(round(Fraction(2**203, 10)), 2**203)),
    (mpmath.mpf(2) ** -1050, 2.0**-1050),
]
REFUSED: list[tuple[Any, type[Exception], str]] = [
    *((wrong, TypeError, "must be a real number") for wrong in (True, np.bool_(True), "0.1", b"1", None, 1j)),
    *((wrong, TypeError, "must be a real number") for wrong in ([0.1], (1,), {1}, object())),
    *(
        (wrong, TypeError, "must be a real number")
        for wrong in (np.array(0.1), np.array([1]), np.complex64(1))
    ),
    *((np.timedelta64(5, unit), TypeError, "must be a real number") for unit in ("ns", "s", "Y")),
    (mpmath.mpc(1), TypeError, "must be a"),
    (mpmath.pi, TypeError, "must be a number with an exact value, binary or rational"),
    (mpmath.mpi(0, 1), TypeError, "must be a"),
    *((wrong, ValueError, "must be finite") for wrong in (float("nan"), np.float32("inf"), Decimal("nan"))),
    *((wrong, ValueError, "must be finite") for wrong in (Decimal("inf"), mpmath.inf, mpmath.nan)),
    *((wrong, ValueError, "must be finite") for wrong in (np.longdouble("inf"), np.longdouble("nan"))),
    (mpmath.mpf("1e-400"), ValueError, "must be a float64 of magnitude below"),
    (mpmath.mpf("1e400"), ValueError, "must be a float64 of magnitude below"),
    (mpmath.mpf("1e999999999"), ValueError, "must be of moderate size"),
    (Decimal("1e-400"), ValueError, "must be a float64 of magnitude below"),
    (Decimal("1e999999999"), ValueError, "must be of moderate size"),
    (Fraction(1, 10**400), ValueError, "must be a float64 of magnitude below"),
    pytest.param(10**5000, ValueError, "must be a float64 of magnitude below", id="huge"),
]


def takes_exactly(make: Any, given: Any, want: float | Fraction) -> None:
    taken = make(given)
    assert taken == want, f"{given!r} became {taken!r}, want {want!r}"
    assert type(taken) is type(want)


@pytest.mark.parametrize(("given", "want"), EXACT)
def test_numbers_are_taken_exactly(given: Any, want: Any) -> None:
    takes_exactly(lambda q: refacts.ELU(alpha=q).alpha, given, want)
    x = np.linspace(-3, 3, 7)
    assert same_bits(refacts.ELU(alpha=given)(x), refacts.ELU(alpha=want)(x))


def test_a_rounded_number_is_seen() -> None:
    """The control: whatever is a real number goes through float()."""
    with pytest.raises(AssertionError, match="became"):
        takes_exactly(float, Decimal("0.1"), Fraction(1, 10))


@pytest.mark.parametrize(("given", "error", "said"), REFUSED)
def test_others_are_refused(given: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=f"alpha {said}"):
        refacts.ELU(alpha=given)


@pytest.mark.parametrize(("given", "want"), EXACT)
def test_weights_are_taken_exactly_or_refused(given: Any, want: Any) -> None:
    for weight in (given, [given, given]):
        if isinstance(want, Fraction):
            with pytest.raises(ValueError, match="weight must be float64 numbers"):
                refacts.PReLU(weight)
        else:
            assert np.all(refacts.PReLU(weight).weight == want)


def test_numbers_of_no_library_that_is_known() -> None:
    class Roughly:
        def __float__(self) -> float:
            return 0.1

    with pytest.raises(TypeError, match="q must be a number with an exact value"):
        exact_numbers.exact_number(Roughly(), "q")


class Metres(np.ndarray):
    """Lengths, which say what ufuncs make of them."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(a) if isinstance(a, Metres) else a for a in inputs]
        return getattr(ufunc, method)(*plain, **options).view(Metres)


class Quiet(np.ndarray):
    """A subclass that leaves ufuncs alone."""


@pytest.mark.parametrize("f", refacts.CATALOGUE, ids=lambda f: f.spec.name)
def test_units_are_not_lost_silently(f: Any) -> None:
    x, lengths = np.ones((2, 4)), np.ones((2, 4)).view(Metres)
    calls = [lambda: f(lengths), lambda: f.gradient(lengths), lambda: f(x, out=lengths)]
    if f.spec.kind == "gated" and f is not refacts.glu:
        calls = [lambda: f(lengths, x), lambda: f(x, lengths), lambda: f.vjp(x, x, lengths)]
    elif f is not refacts.logsumexp:
        calls += [lambda: f.vjp(x, lengths), lambda: f.jvp(x, lengths)]
    for call in calls:
        with pytest.raises(TypeError, match=r"Metres, which has ufuncs of its own.*pass np.asarray"):
            call()
    assert (lengths == 1).all()


class OptsOut:
    """A number holder that wants no ufuncs."""

    __array_ufunc__ = None

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.ones(3)


def test_what_opts_out_of_ufuncs_and_masks_in_lists_are_refused() -> None:
    with pytest.raises(TypeError, match="OptsOut, which has ufuncs of its own"):
        refacts.sigmoid(OptsOut())
    with pytest.raises(TypeError, match="x must not be a masked array"):
        refacts.sigmoid([np.ma.array([1.0, 2.0], mask=[1, 0])])


def test_other_subclasses_are_plain_arrays() -> None:
    x = np.linspace(-3, 3, 8)
    for same in (x.view(Quiet), x.view(np.recarray)):
        assert same_bits(refacts.tanh(same), refacts.tanh(x))
