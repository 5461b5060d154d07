"""The floating-point environment of a thread, which other libraries may have changed.

Results are defined for IEEE 754's default environment: rounding to nearest, gradual underflow, exceptions
masked. Another one is noticed at each call. The call then computes in the default one, where the C library
can set it (fegetenv and fesetenv, C11 7.6), and puts back what it found.

This module imports nothing that computes and has no literals that a rounding mode could change: it is
compiled and executed in whatever environment the import finds.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any


def _of_bits(bits: int) -> float:
    number: float = struct.unpack("=d", struct.pack("=Q", bits))[0]
    return number


_HALF, _ONE = _of_bits(0x3FE << 52), _of_bits(0x3FF << 52)
_LEAST, _LEAST_NORMAL = _of_bits(1), _of_bits(1 << 52)  # 2^-1074, 2^-1022
_HALF_ULP, _QUARTER_ULP = _of_bits(970 << 52), _of_bits(969 << 52)  # 2^-53, 2^-54: half way from 1
_AFTER_ONE = _of_bits((0x3FF << 52) + 1)
_OVER_HALF_ULP = _of_bits((970 << 52) + 1)  # 2^-53 + 2^-105

_library: Any = None if sys.platform == "win32" else ctypes.PyDLL(None)
_Environment = ctypes.c_uint32 * 64  # fenv_t takes up to 8 of these where it is known


def _unmasked_x86() -> int:
    """The exceptions that MXCSR, a word of fenv_t, does not mask; fegetexcept may raise a pending one."""
    found = _Environment()
    _library.fegetenv(found)
    return ~found[7] & 0x1F80


_unmasked: Callable[[], int] = getattr(_library, "fegetexcept", int)  # where neither is known: 0
_has_mxcsr = sys.platform == "linux" and os.uname().machine == "x86_64" and sys.maxsize > 1 << 32
if _has_mxcsr and hasattr(_library, "fegetenv"):
    _unmasked = _unmasked_x86


def is_standard() -> bool:
    """Whether this thread computes in IEEE 754's default environment; unmasked exceptions come first."""
    return (
        not _unmasked()
        and _LEAST_NORMAL * _HALF != 0  # a flushed result
        and _LEAST * _ONE != 0  # a flushed operand
        and _ONE + _HALF_ULP == _ONE  # towards +inf
        and _ONE - _QUARTER_ULP == _ONE  # towards -inf, towards 0
        and -_ONE - _HALF_ULP == -_ONE  # towards -inf
    )


def standard_environment() -> AbstractContextManager[object]:
    """A context in which this thread computes in the default environment.

    FloatingPointError says what is changed, and how to change it back, where the C library cannot.
    """
    return _NOTHING if is_standard() else _Standard()


_NOTHING = nullcontext()


class _Standard:
    """The default environment; what was there before is put back at the end."""

    def __enter__(self) -> None:
        self.found = _Environment()
        default = _default_environment()
        if default is None or _library.fegetenv(self.found) or _library.fesetenv(default):
            raise FloatingPointError(_complaint())
        if not is_standard():
            complaint = _complaint()
            _library.fesetenv(self.found)
            raise FloatingPointError(complaint)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _library.fesetenv(self.found)


def _default_environment() -> Any:
    """FE_DFL_ENV of the C library, or None where it is not known."""
    if sys.platform == "darwin":
        return ctypes.byref(ctypes.c_char.in_dll(_library, "_FE_DFL_ENV"))
    if sys.platform == "linux" and hasattr(_library, "fesetenv"):
        return ctypes.c_void_p(-1)  # of glibc and musl
    return None


def _complaint() -> str:
    changed = []
    if _unmasked():
        changed.append("floating-point exceptions are unmasked")
    else:
        if _LEAST_NORMAL * _HALF == 0 or _LEAST * _ONE == 0:
            changed.append("subnormal numbers are flushed to zero")
        if not (_ONE + _HALF_ULP == _ONE == _ONE - _QUARTER_ULP and -_ONE - _HALF_ULP == -_ONE):
            changed.append("results are not rounded to nearest")
    return (
        f"{' and '.join(changed)} in this thread, and refacts cannot change it here: call it from a thread "
        "where no library has, or undo it (torch.set_flush_denormal(False), fesetround(FE_TONEAREST), "
        "_controlfp_s on Windows)"
    )


def require_single_rounding() -> None:
    """ImportError where sums are rounded to 64 bits before they are to 53, as the x87 unit does."""
    import numpy as np

    one, more = np.full(9, _ONE), np.full(9, _OVER_HALF_ULP)
    _refuse_two_roundings("Python", [_ONE + _OVER_HALF_ULP])
    _refuse_two_roundings("NumPy", [one[0] + more[0], *(one[:1] + more[:1]), *(one + more)])


def _refuse_two_roundings(whose: str, sums: list[Any]) -> None:
    if any(found != _AFTER_ONE for found in sums):
        raise ImportError(
            f"{whose} rounds float64 sums twice here, to 64 bits and then to 53 (x87 arithmetic), with which "
            "no result can be correctly rounded: refacts needs a build that uses SSE2"
        )
