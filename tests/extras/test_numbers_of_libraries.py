"""Numbers of gmpy2 and sympy as parameters: the exact one, or refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import gmpy2
import pytest
import sympy

import refacts
from tests.test_parameters import takes_exactly

gmpy2.get_context().precision = 200
TENTH = Fraction(round(Fraction(2**203, 10)), 2**203)

EXACT: list[tuple[Any, Any]] = [
    (gmpy2.mpq(1, 3), Fraction(1, 3)),
    (gmpy2.mpz(5), 5.0),
    (gmpy2.mpfr("0.1"), TENTH),
    (sympy.Rational(1, 3), Fraction(1, 3)),
    (sympy.Integer(5), 5.0),
    (sympy.Float("0.5", 50), 0.5),
]
REFUSED: list[tuple[Any, type[Exception], str]] = [
    (gmpy2.mpc(1), TypeError, "must be a"),
    (sympy.pi, TypeError, "must be a number with an exact value"),
    (sympy.sqrt(2), TypeError, "must be a number with an exact value"),
    (sympy.Symbol("x"), TypeError, "must be a"),
    (gmpy2.mpfr("1e100000000"), ValueError, "must be of moderate size"),
    (gmpy2.mpfr("1e-100000000"), ValueError, "must be of moderate size"),
    (sympy.Float("1e100000"), ValueError, "must be of moderate size .got 1.0*\\.\\.\\."),
    (gmpy2.mpfr("nan"), ValueError, "must be finite"),
]


@pytest.mark.parametrize(("given", "want"), EXACT)
def test_numbers_are_taken_exactly(given: Any, want: Any) -> None:
    takes_exactly(lambda q: refacts.ELU(alpha=q).alpha, given, want)


@pytest.mark.parametrize(("given", "error", "said"), REFUSED)
def test_others_are_refused(given: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=f"alpha {said}"):
        refacts.ELU(alpha=given)


def test_a_rounded_number_is_seen() -> None:
    """The control: whatever is a real number goes through float()."""
    with pytest.raises(AssertionError, match="became"):
        takes_exactly(float, gmpy2.mpq(1, 3), Fraction(1, 3))
